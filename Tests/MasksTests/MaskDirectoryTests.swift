import Foundation
import Kernels
import Masks
import Testing
import VideoIO

@Suite struct MaskDirectoryTests {
  private let width = 96
  private let height = 64

  private func open(_ path: String, format: MaskDirectory.Format = .ffv1, overwrite: Bool = false) throws
    -> MaskDirectory
  {
    let manifest = Manifest(
      input: "clip.mp4", width: width, height: height, settings: ["slots": 8, "soft": false, "rate": 0.5, "name": "x"],
      model: Manifest.Model(name: "m", sha256: "00"), versions: ["nem-stream": "0.1"],
      frames: Manifest.Frames(expected: 20))
    return try MaskDirectory(
      path: path, manifest: manifest, timeBase: Rational(numerator: 1, denominator: 1000), frameRate: nil,
      formats: [format], overwrite: overwrite)
  }

  /// Frames in which object 1 lives from frame 0 to 11 and hides in 5 and 6, and object 2 from frame 8 to the end.
  private func frame(_ index: Int) -> SegmentedFrame {
    var labels = Image<Int32>(width: width, height: height, fill: 0)
    var objects: [ObjectRecord] = []
    func add(_ id: Int, _ box: PixelRect) {
      for y in box.y..<box.y + box.height { for x in box.x..<box.x + box.width { labels[x, y] = Int32(id) } }
      objects.append(
        ObjectRecord(
          id: id, bounds: box, area: box.width * box.height, centroidX: Double(box.x) + 4.5,
          centroidY: Double(box.y) + 1 / 3, confidence: 0.75))
    }
    if index < 12 && index != 5 && index != 6 { add(1, PixelRect(x: 10 + index, y: 20, width: 10, height: 8)) }
    if index >= 8 { add(2, PixelRect(x: 60 - index, y: 22, width: 12, height: 6)) }
    var foreground = Image<UInt8>(width: width, height: height, fill: 0)
    for i in labels.pixels.indices where labels.pixels[i] != 0 { foreground.pixels[i] = 255 }
    return SegmentedFrame(
      index: index, timestamp: Int64(12_000 + 40 * index), pts: 12 + 0.04 * Double(index), labels: labels,
      foreground: foreground, objects: objects, ended: index == 12 ? [EndedObject(id: 1, reason: .left)] : [])
  }

  private func mask(_ id: Int32, _ index: Int) -> [UInt8] { frame(index).labels.pixels.map { $0 == id ? 255 : 0 } }

  private func lines(_ path: String) throws -> [[String: Any]] {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text.isEmpty || text.hasSuffix("\n"))
    return try text.split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
  }

  private func decode(_ path: String) throws -> [UInt8] {
    let reader = try VideoReader(path, options: VideoReaderOptions(threads: 1))
    var pixels: [UInt8] = []
    while let frame = try reader.next() { pixels += frame.luma().pixels }
    return pixels
  }

  @Test func streamsHoldEachObjectsMasks() throws {
    let folder = try Folder()
    let sink = try open(folder.path)
    for index in 0..<20 { try sink.write(frame(index)) }
    try sink.close(.complete)
    let first = (0..<12).flatMap { mask(1, $0) }
    let second = (8..<20).flatMap { mask(2, $0) }
    #expect(try decode(folder.file("objects/0001.mkv")) == first)
    #expect(try decode(folder.file("objects/0002.mkv")) == second)
    #expect(try decode(folder.file("baseline/foreground.mkv")) == (0..<20).flatMap { frame($0).foreground.pixels })
  }

  @Test func recordsTellWhatHappened() throws {
    let folder = try Folder()
    let sink = try open(folder.path)
    for index in 0..<20 { try sink.write(frame(index)) }
    #expect(try lines(folder.file("frames.jsonl")).count == 20, "lines are there before the end")
    #expect(try lines(folder.file("tracks.jsonl")).count == 1)
    try sink.close(.complete)
    let decoder = JSONDecoder()
    for (index, line) in try String(contentsOfFile: folder.file("frames.jsonl"), encoding: .utf8)
      .split(separator: "\n").enumerated()
    {
      let record = try decoder.decode(FrameRecord.self, from: Data(line.utf8))
      #expect(record.frame == index && abs(record.pts - 12 - 0.04 * Double(index)) < 1e-6)
      #expect(record.objects.map(\.bounds) == frame(index).objects.map(\.bounds))
      #expect(
        record.objects.allSatisfy { $0.confidence == 0.75 && abs($0.centroidY - Double($0.bounds.y) - 0.33) < 1e-9 })
    }
    let tracks = try String(contentsOfFile: folder.file("tracks.jsonl"), encoding: .utf8).split(separator: "\n")
      .map { try decoder.decode(TrackRecord.self, from: Data($0.utf8)) }
    #expect(tracks.map(\.id) == [1, 2] && tracks.map(\.ended) == [.left, .endOfStream])
    #expect(tracks.map(\.framesSeen) == [10, 12] && tracks.map(\.meanArea) == [80, 72])
    #expect(tracks.map(\.firstFrame) == [0, 8] && tracks.map(\.lastFrame) == [11, 19])
  }

  @Test func manifestGoesFromRunningToComplete() throws {
    let folder = try Folder()
    let sink = try open(folder.path)
    func manifest() throws -> Manifest {
      try JSONDecoder().decode(
        Manifest.self, from: try Data(contentsOf: URL(fileURLWithPath: folder.file("manifest.json"))))
    }
    #expect(try manifest().status == .running)
    try sink.write(frame(0))
    try sink.close(.truncated)
    try sink.close(.complete)
    let final = try manifest()
    #expect(final.status == .truncated && final.frames.decoded == 1 && final.frames.expected == 20)
    #expect(final.settings == ["slots": 8, "soft": false, "rate": 0.5, "name": "x"] && final.model?.name == "m")
    #expect(throws: VideoError.self) { try sink.write(frame(1)) }
  }

  @Test func picturesHoldTheSameMasks() throws {
    let folder = try Folder()
    let sink = try open(folder.path, format: .png)
    for index in 0..<14 { try sink.write(frame(index)) }
    try sink.close(.complete)
    for index in 0..<12 {
      let name = "objects/0001/0000" + (index < 10 ? "0" : "") + "\(index).png"
      #expect(try ImageFile.readGray(folder.file(name)).pixels == mask(1, index))
    }
    #expect(!FileManager.default.fileExists(atPath: folder.file("objects/0001/000012.png")))
    #expect(try ImageFile.readGray(folder.file("baseline/foreground/000003.png")).pixels == frame(3).foreground.pixels)
  }

  @Test func twoRunsGiveTheSameBytes() throws {
    let folder = try Folder()
    for name in ["a", "b"] {
      let sink = try open(folder.file(name))
      for index in 0..<20 { try sink.write(frame(index)) }
      try sink.close(.complete)
    }
    for name in ["manifest.json", "frames.jsonl", "tracks.jsonl", "objects/0001.mkv", "baseline/foreground.mkv"] {
      #expect(FileManager.default.contentsEqual(atPath: folder.file("a/" + name), andPath: folder.file("b/" + name)))
    }
  }

  @Test(arguments: [MaskDirectory.Format.ffv1, .png]) func earlierOutputIsKeptOrReplacedWhole(
    format: MaskDirectory.Format
  )
    throws
  {
    let folder = try Folder()
    let files = FileManager.default
    #expect(files.createFile(atPath: folder.file("notes.txt"), contents: Data("mine".utf8)))
    let sink = try open(folder.path, format: format)
    for index in 0..<10 { try sink.write(frame(index)) }
    try sink.close(.complete)
    #expect {
      _ = try open(folder.path)
    } throws: { error in
      if case VideoError.cannotCreate(folder.path, _) = error { true } else { false }
    }
    #expect(files.fileExists(atPath: folder.file("objects/000" + (format == .png ? "2/000008.png" : "2.mkv"))))
    #expect(files.createFile(atPath: folder.file("objects/keep.mkv"), contents: Data("mine".utf8)))
    let again = try open(folder.path, overwrite: true)
    try again.write(frame(0))
    try again.close(.complete)
    #expect(Set(try files.contentsOfDirectory(atPath: folder.file("objects"))) == ["0001.mkv", "keep.mkv"])
    #expect(try files.contentsOfDirectory(atPath: folder.file("baseline")) == ["foreground.mkv"])
    #expect(files.fileExists(atPath: folder.file("notes.txt")))
    #expect(try lines(folder.file("frames.jsonl")).count == 1)
  }

  @Test func aFileInTheWayIsReported() throws {
    let folder = try Folder()
    #expect(FileManager.default.createFile(atPath: folder.file("out"), contents: Data()))
    #expect {
      _ = try open(folder.file("out"))
    } throws: { error in
      if case VideoError.cannotCreate = error { true } else { false }
    }
  }

  @Test func aNumberIsNotUsedAgain() throws {
    let folder = try Folder()
    let sink = try open(folder.path)
    for index in [0, 1, 12] { try sink.write(frame(index)) }
    #expect {
      try sink.write(frame(3))
    } throws: { error in
      if case VideoError.cannotCreate = error { true } else { false }
    }
    try sink.close(.failed)
    #expect(try decode(folder.file("objects/0001.mkv")).count == 2 * width * height)
  }

  @Test func aStreamThatCannotBeMadeLeavesTheRestWhole() throws {
    let folder = try Folder()
    let sink = try open(folder.path)
    for index in 0..<5 { try sink.write(frame(index)) }
    // The next object's file cannot be made: its name leads nowhere.
    try FileManager.default.createSymbolicLink(
      atPath: folder.file("objects/0002.mkv"), withDestinationPath: "/dev/full/none")
    #expect(throws: VideoError.self) { try sink.write(frame(8)) }
    try sink.close(.failed)
    #expect(try decode(folder.file("objects/0001.mkv")).count == 6 * width * height)
    #expect(try lines(folder.file("frames.jsonl")).count == 5)
  }
}

/// A folder for one test, removed with this object.
final class Folder: Sendable {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("nem-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }
}
