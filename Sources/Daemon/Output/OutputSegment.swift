import Foundation
import Masks

/// One folder of a segmented output: ROOT/YYYY-MM-DD/HH-MM-SS±zzzz, with a number behind it where that was taken.
package struct OutputSegment: Retainable, Equatable {
  /// The folder.
  package let path: String
  /// When it was begun, by its name.
  package let start: Date

  /// No manifest of ours is larger.
  private static let largestManifest: off_t = 1 << 20

  /// A path for a segment that begins at `date`; nothing is there yet.
  package static func newPath(in root: String, at date: Date) -> String {
    let stem = stem(in: root, at: date)
    if !exists(stem) { return stem }
    let number = (2...999).first { !exists("\(stem)-\($0)") } ?? 999
    return "\(stem)-\(number)"
  }

  /// What begins at a moment is called so, with something behind it.
  static func stem(in root: String, at date: Date) -> String { root + "/" + format(date, "%Y-%m-%d/%H-%M-%S%z") }

  /// What lies in the folders of days.
  static func entries(in root: String) -> [(day: String, name: String)] {
    names(in: root).filter { $0.wholeMatch(of: /\d{4}-\d\d-\d\d/) != nil }
      .flatMap { day in names(in: "\(root)/\(day)").map { (day, $0) } }
  }

  /// The segments in a folder, the oldest first: what has their names, is a folder and no link, and holds the manifest
  /// of a segment. Anything else in the folder is somebody else's.
  package static func list(in root: String) -> [OutputSegment] { list(entries(in: root), in: root) }

  private static func list(_ entries: [(day: String, name: String)], in root: String) -> [OutputSegment] {
    var found: [OutputSegment] = []
    for (day, name) in entries {
      guard let start = date("\(day)/\(name)") else { continue }
      let path = "\(root)/\(day)/\(name)"
      if isFolder(path) && holdsManifest(path) { found.append(OutputSegment(path: path, start: start)) }
    }
    return found.sorted { ($0.start, $0.path.count, $0.path) < ($1.start, $1.path.count, $1.path) }
  }

  /// The same of a folder of segments or of one of its days, or of a link to either.
  package static func list(of folder: String) -> [OutputSegment] {
    let day = URL(fileURLWithPath: folder).resolvingSymlinksInPath()
    let all = list(in: day.path)
    guard all.isEmpty else { return all }
    let root = day.deletingLastPathComponent().path
    return list(entries(in: root).filter { $0.day == day.lastPathComponent }, in: root)
  }

  /// The highest number of an object in the segments of a folder; 0 if there is none.
  package static func highestObject(in root: String) -> Int {
    list(in: root).map { ObjectNumbers.highest(in: $0.path) }.max() ?? 0
  }

  /// Bytes that its files take on the disk.
  package var size: Int { Self.size(of: path) }

  /// Removes what a run has written there, and the folder of its day once that is empty.
  package func remove() throws {
    try MaskDirectory.remove(path)
    rmdir((path as NSString).deletingLastPathComponent)
  }

  static func size(of path: String) -> Int {
    var status = stat()
    guard lstat(path, &status) == 0 else { return 0 }
    let own = Int(status.st_blocks) * 512
    guard status.st_mode & S_IFMT == S_IFDIR else { return own }
    return ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).reduce(own) {
      $0 + size(of: "\(path)/\($1)")
    }
  }

  private static func names(in folder: String) -> [String] {
    guard isFolder(folder) else { return [] }
    return (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
  }

  private static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  private static func exists(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0
  }

  private static func holdsManifest(_ path: String) -> Bool {
    let file = path + "/manifest.json"
    var status = stat()
    guard lstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= largestManifest,
      let data = FileManager.default.contents(atPath: file)
    else { return false }
    return (try? JSONDecoder().decode(Manifest.self, from: data))?.segment != nil
  }

  private static func format(_ date: Date, _ pattern: String) -> String {
    var time = time_t(date.timeIntervalSince1970)
    var parts = tm()
    localtime_r(&time, &parts)
    var text = [CChar](repeating: 0, count: 64)
    let count = strftime(&text, text.count, pattern, &parts)
    return String(decoding: text[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// The moment that a segment's folder is named after; nil where the name is not a segment's.
  static func date(_ name: String) -> Date? {
    let pattern = /(\d{4})-(\d\d)-(\d\d)\/(\d\d)-(\d\d)-(\d\d)([+-])(\d\d)(\d\d)(-\d{1,3})?/
    guard let match = name.wholeMatch(of: pattern)?.output else { return nil }
    var parts = tm()
    parts.tm_year = number(match.1) - 1900
    (parts.tm_mon, parts.tm_mday) = (number(match.2) - 1, number(match.3))
    (parts.tm_hour, parts.tm_min, parts.tm_sec) = (number(match.4), number(match.5), number(match.6))
    let offset = Double(number(match.8) * 3600 + number(match.9) * 60) * (match.7 == "-" ? -1 : 1)
    return Date(timeIntervalSince1970: Double(timegm(&parts)) - offset)
  }

  private static func number(_ digits: Substring) -> Int32 { Int32(digits) ?? 0 }
}

/// Takes a folder for its removal. Whoever writes a segment holds it, as `MaskDirectory` does, and a kill lets go of it.
final class SegmentLock {
  private let descriptor: Int32

  /// Nil while anybody uses the folder.
  init?(_ path: String) {
    descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    if flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      close(descriptor)
      return nil
    }
  }

  deinit { close(descriptor) }
}
