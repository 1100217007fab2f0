import Foundation
import VideoIO

/// The names inside an output folder, and the rules for folders that are not empty.
package struct OutputLayout {
  let root: String

  /// The names in a folder.
  package init(root: String) { self.root = root }

  var manifest: String { root + "/manifest.json" }
  var frames: String { root + "/frames.jsonl" }
  var tracks: String { root + "/tracks.jsonl" }
  /// What a run that was stopped is continued from.
  package static func state(in root: String) -> String { root + "/state.nem" }
  /// The streams of objects.
  var objects: String { root + "/objects" }
  var baseline: String { root + "/baseline" }
  /// The baseline's stream, without extension.
  var foreground: String { baseline + "/foreground" }

  /// Pictures of all objects, a folder for each sequence.
  var annotations: String { root + "/Annotations" }
  var mots: String { root + "/mots" }
  var motsText: String { root + "/mots.txt" }
  var motText: String { root + "/mot.txt" }
  var coco: String { root + "/coco.json" }
  var cocoLines: String { root + "/coco.jsonl" }
  var yolo: String { root + "/yolo/labels" }
  var cutouts: String { root + "/cutouts" }
  var labels: String { root + "/labels.mkv" }

  /// What a run writes straight into the folder.
  private var files: [String] {
    let replaced = [manifest, coco, labels]
    return replaced + replaced.map(AtomicFile.temporary) + [frames, tracks, motsText, motText, cocoLines]
  }

  /// Whether a path, both without `.` and `..`, is one that a run may write in the folder, whatever its forms.
  package func owns(_ path: String) -> Bool {
    guard path.hasPrefix(root + "/") else { return false }
    let folders = [objects, baseline, root + "/yolo", annotations, mots, cutouts]
    return (files + [Self.state(in: root)]).contains(path)
      || folders.contains { path == $0 || path.hasPrefix($0 + "/") }
  }

  /// An object's stream, without extension.
  func object(_ id: Int) -> String { objects + "/" + OutputLayout.digits(id, 4) }

  /// A number with at least `count` digits.
  package static func digits(_ number: Int, _ count: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, count - text.count)) + text
  }

  /// The picture of a frame in a folder.
  static func picture(_ index: Int, in folder: String, digits count: Int = 6) -> String {
    folder + "/" + digits(index, count) + ".png"
  }

  /// An input's name without folder and extension; letters, digits, `.`, `-` and `_` only, never empty, and short enough
  /// for every file system.
  static func stem(of input: String) -> String {
    let name = input.split(separator: "/").last ?? ""
    let stem = name.lastIndex(of: ".").map { name[..<$0] } ?? name
    var plain = ""
    for character in stem.isEmpty ? name : stem {
      let isPlain = character.isLetter || character.isNumber || "-_.".contains(character)
      let next = isPlain ? String(character) : "_"
      if plain.utf8.count + next.utf8.count > 200 { break }
      plain += next
    }
    return plain.allSatisfy { $0 == "." } ? "video" : plain
  }

  /// Makes a folder and those around it; one that is there already will do.
  package static func makeFolder(_ path: String) throws(VideoError) {
    var status = stat()
    if stat(path, &status) == 0 {
      guard status.st_mode & S_IFMT == S_IFDIR else { throw .cannotCreate(path, reason: "a file is in the way") }
      return
    }
    if let slash = path.dropLast().lastIndex(of: "/"), slash != path.startIndex {
      try makeFolder(String(path[..<slash]))
    }
    guard mkdir(path, 0o777) == 0 || errno == EEXIST else {
      throw .cannotCreate(path, reason: AtomicFile.systemReason)
    }
  }

  /// Makes the folder, after removing earlier output if that is allowed. `begin` writes the first state of the run before
  /// all else, so that a kill at any moment leaves output that is known to be unfinished. Returns the hold on the folder.
  func prepare(overwrite: Bool, begin: (() -> Void)?) throws(VideoError) -> FolderLock {
    try OutputLayout.makeFolder(root)
    let lock = try FolderLock(root)
    if !overwrite { try checkFree() }
    let isFree = !overwrite || earlier == nil
    if let begin {
      begin()
    } else if !isFree {
      try remove(Self.state(in: root))
    }
    if !isFree { try removeOutput() }
    return lock
  }

  /// Throws `cannotCreate` where earlier output is there.
  func checkFree() throws(VideoError) {
    guard let name = earlier?.dropFirst(root.count + 1) else { return }
    throw .cannotCreate(root, reason: "it already holds \(name); choose another folder or allow overwriting")
  }

  /// Something that an earlier run has left.
  private var earlier: String? {
    let folders = [objects, baseline, mots, yolo, cutouts]
    return (files + folders + [Self.state(in: root)]).first { FileManager.default.fileExists(atPath: $0) }
  }

  /// Makes a folder for files that are named by their frames. Throws where some are there already: they are somebody
  /// else's.
  static func makeNumberedFolder(_ path: String) throws(VideoError) {
    try makeFolder(path)
    guard !contents(path).contains(where: isFrameName) else {
      throw .cannotCreate(path, reason: "it already holds numbered files; choose another folder")
    }
  }

  /// Removes what a run writes and nothing else: unknown files stay, and so do folders that hold any. Annotations are
  /// removed only of the input that the manifest names, and pictures and lines of whole frames only beside a manifest, since
  /// data sets have folders of these names.
  func removeEarlier() throws(VideoError) {
    try removeOutput()
    for state in [Self.state(in: root), AtomicFile.temporary(Self.state(in: root))] { try remove(state) }
  }

  /// All but the state.
  private func removeOutput() throws(VideoError) {
    if let earlier = Manifest.read(in: root) {
      for folder in [annotations + "/" + Self.stem(of: earlier.input), mots, yolo] { try Self.removeNumbered(folder) }
    }
    for folder in [annotations, root + "/yolo"] { rmdir(folder) }
    for file in files { try remove(file) }
    try removeStreams(objects, where: isObjectName)
    try removeStreams(baseline) { $0 == "foreground" }
    try removeStreams(cutouts, where: isObjectName)
  }

  /// Removes the streams of all objects but these, and what a run that was killed left unfinished.
  func removeObjects(except known: Set<Int>) throws(VideoError) {
    try removeStreams(objects) { isObjectName($0) && !known.contains(Int($0) ?? 0) }
    try Self.makeFolder(objects)
  }

  /// Removes the cutouts of later frames and objects.
  func removeCutouts(after earlier: EarlierFrames) throws(VideoError) {
    for name in Self.contents(cutouts) where isObjectName(name) {
      let isKnown = earlier.objects.contains(Int(name) ?? 0)
      try Self.removeNumbered(cutouts + "/" + name, from: isKnown ? earlier.next : 0)
    }
    try Self.makeFolder(cutouts)
  }

  private func removeStreams(_ folder: String, where isStem: (String) -> Bool) throws(VideoError) {
    for name in Self.contents(folder) {
      let path = folder + "/" + name
      let file = Self.withoutTemporarySuffix(name)
      if file.hasSuffix(".mkv"), isStem(String(file.dropLast(4))) { try remove(path) }
      guard isStem(name) else { continue }
      try Self.removeNumbered(path)
    }
    rmdir(folder)
  }

  /// Removes the files of single frames with numbers from `first` on, and the folder if it is empty then.
  package static func removeNumbered(_ folder: String, from first: Int = 0) throws(VideoError) {
    for name in contents(folder) where isFrameName(name) && Int(name.prefix { $0 != "." }) ?? 0 >= first {
      try remove(folder + "/" + name)
    }
    rmdir(folder)
  }

  /// The names in a folder; none for files and for links that lead elsewhere.
  private static func contents(_ folder: String) -> [String] {
    var status = stat()
    guard lstat(folder, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return [] }
    return (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
  }

  private func isObjectName(_ stem: String) -> Bool {
    stem.utf8.count >= 4 && stem.utf8.allSatisfy { (48...57).contains($0) }
  }

  /// Whether a run writes files of this name for single frames, or left one unfinished when it was killed.
  private static func isFrameName(_ name: String) -> Bool {
    let name = withoutTemporarySuffix(name)
    let stem = name.utf8.dropLast(4)
    return [".png", ".txt"].contains { name.hasSuffix($0) } && stem.count >= 5
      && stem.allSatisfy { (48...57).contains($0) }
  }

  private static func withoutTemporarySuffix(_ name: String) -> Substring {
    name.hasSuffix(AtomicFile.temporarySuffix) ? name.dropLast(AtomicFile.temporarySuffix.count) : name[...]
  }

  private func remove(_ path: String) throws(VideoError) { try Self.remove(path) }

  private static func remove(_ path: String) throws(VideoError) {
    guard unlink(path) == 0 || errno == ENOENT else { throw .cannotCreate(path, reason: AtomicFile.systemReason) }
  }
}
