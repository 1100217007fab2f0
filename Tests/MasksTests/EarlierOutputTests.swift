import Foundation
import Kernels
import Masks
import Testing
import VideoIO

/// Output that a later run goes on with: no bytes of its state bring the program down or change what is there.
@Suite struct EarlierOutputTests {
  private static let forms = MaskDirectory.Format.allCases.filter { $0 != .none }
  private static let timeBase = Rational(numerator: 1, denominator: 25)
  private static let manifest = Manifest(input: "clip.mp4", width: 48, height: 32)

  /// Each object lives for ten frames; numbers rise.
  private static func frame(_ index: Int) -> SegmentedFrame {
    var labels = Image<Int32>(width: 48, height: 32, fill: 0)
    let id = index / 10 + 1
    for y in 4..<12 { for x in index % 30..<index % 30 + 8 { labels[x, y] = Int32(id) } }
    let box = PixelRect(x: index % 30, y: 4, width: 8, height: 8)
    let object = ObjectRecord(
      id: id, bounds: box, area: 64, centroidX: Double(box.x) + 3.5, centroidY: 7.5, confidence: 1)
    return SegmentedFrame(
      index: index, timestamp: Int64(index), pts: Double(index) / 25, labels: labels,
      foreground: Image(width: 48, height: 32, pixels: labels.pixels.map { $0 == 0 ? 0 : 255 }), objects: [object],
      ended: index > 0 && index % 10 == 0 ? [EndedObject(id: id - 1, reason: .left)] : [])
  }

  private static func open(_ path: String) throws -> MaskDirectory {
    try MaskDirectory(
      path: path, manifest: manifest, timeBase: timeBase, frameRate: nil, formats: forms, begin: {})
  }

  private static func reopen(_ path: String, _ state: [UInt8]) throws -> MaskDirectory {
    var archive = StateArchive(reading: state)
    let directory = try MaskDirectory(
      continuing: &archive, path: path, manifest: manifest, timeBase: timeBase, frameRate: nil, formats: forms)
    try archive.finish()
    return directory
  }

  private static func contents(_ folder: String) throws -> [String: Data] {
    var found: [String: Data] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: folder) {
      if let data = FileManager.default.contents(atPath: folder + "/" + name) { found[name] = data }
    }
    return found
  }

  /// Writes `count` frames, notes the state after `saved` of them, and is stopped.
  private static func stopped(_ path: String, _ count: Int, saved: Int) throws -> [UInt8] {
    let directory = try open(path)
    var state = StateArchive()
    for index in 0..<count {
      if index == saved { directory.save(&state) }
      try directory.write(frame(index))
    }
    try directory.close(.interrupted)
    return state.bytes
  }

  @Test(arguments: [0, 1, 9, 10, 25, 43]) func allFormsGoOn(_ saved: Int) throws {
    let (whole, part) = (try Folder(), try Folder())
    _ = try Self.stopped(whole.path, 60, saved: 0)
    let state = try Self.stopped(part.path, 44, saved: saved)
    let directory = try Self.reopen(part.path, state)
    try directory.settle()
    for index in saved..<60 { try directory.write(Self.frame(index)) }
    try directory.close(.interrupted)
    let (expected, found) = (try Self.contents(whole.path), try Self.contents(part.path))
    #expect(expected.keys.sorted() == found.keys.sorted())
    for (name, data) in expected { #expect(found[name] == data, "\(name)") }
  }

  @Test func anyBytesLeaveTheFolderAlone() throws {
    let folder = try Folder()
    let state = try Self.stopped(folder.path, 44, saved: 25)
    let before = try Self.contents(folder.path)
    var random = RandomSource(seed: 5)
    var refused = 0
    for _ in 0..<300 {
      var bytes = state
      for _ in 0...random.integer(below: 3) {
        bytes[random.integer(below: bytes.count)] = [0, 1, 0x7F, 0x80, 0xFF][random.integer(below: 5)]
      }
      if random.integer(below: 5) == 0 { bytes.removeLast(random.integer(below: bytes.count)) }
      do { _ = try Self.reopen(folder.path, bytes) } catch is StateFault { refused += 1 } catch is VideoError {
        refused += 1
      }
    }
    #expect(refused > 100, "\(refused) refused")
    #expect(try Self.contents(folder.path) == before)
  }
}
