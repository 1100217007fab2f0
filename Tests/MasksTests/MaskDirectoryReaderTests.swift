import Foundation
import Kernels
import Masks
import Testing
import VideoIO

@Suite struct MaskDirectoryReaderTests {
  /// Object 1 lives in frames 0…5 and is not named in 2 and 3, where it hides; object 2 lives in 4…7 and lies above.
  private func labels(_ index: Int) -> Image<Int32> {
    var labels = Image<Int32>(width: 32, height: 16, fill: 0)
    func add(_ id: Int32, _ left: Int) { for y in 4..<10 { for x in left..<left + 6 { labels[x, y] = id } } }
    if index < 6 && index != 2 && index != 3 { add(1, index) }
    if index >= 4 { add(2, 20 - index) }
    return labels
  }

  private func write(_ path: String, _ format: MaskDirectory.Format) throws {
    let sink = try MaskDirectory(
      path: path, manifest: Manifest(input: "clip.mp4", width: 32, height: 16),
      timeBase: Rational(numerator: 1, denominator: 1000), frameRate: nil, formats: [format])
    for index in 0..<8 {
      let labels = labels(index)
      let objects = Set(labels.pixels).subtracting([0]).sorted().map {
        ObjectRecord(
          id: Int($0), bounds: PixelRect(x: 0, y: 0, width: 32, height: 16), area: 36, centroidX: 0, centroidY: 0,
          confidence: 1)
      }
      let foreground = Image<UInt8>(width: 32, height: 16, pixels: labels.pixels.map { $0 > 0 ? 255 : 0 })
      try sink.write(
        SegmentedFrame(
          index: index, timestamp: Int64(40 * index), pts: 0.04 * Double(index), labels: labels,
          foreground: foreground, objects: objects, ended: index == 6 ? [EndedObject(id: 1, reason: .left)] : []))
    }
    try sink.close(.complete)
  }

  @Test(arguments: [MaskDirectory.Format.ffv1, .png]) func readsWhatWasWritten(format: MaskDirectory.Format) throws {
    let folder = try Folder()
    try write(folder.path, format)
    let objects = try MaskDirectoryReader(path: folder.path)
    let baseline = try MaskDirectoryReader(path: folder.path)
    #expect(objects.frameCount == 8 && objects.width == 32 && objects.height == 16)
    for index in 0..<8 {
      #expect(try objects.nextLabels() == labels(index), "frame \(index)")
      #expect(try baseline.nextForeground()?.pixels == labels(index).pixels.map { $0 > 0 ? 255 : 0 })
    }
    #expect(try objects.nextLabels() == nil && baseline.nextForeground() == nil)
  }

  @Test func missingRunLengthsAreNamed() throws {
    let folder = try Folder()
    try write(folder.path, .motsText)
    let text = try String(contentsOfFile: folder.file("mots.txt"), encoding: .utf8)
    let last = try #require(text.dropLast().lastIndex(of: "\n"))
    try String(text[...last]).write(toFile: folder.file("mots.txt"), atomically: true, encoding: .utf8)
    let reader = try MaskDirectoryReader(path: folder.path, format: .motsText)
    for _ in 0..<7 { #expect(try reader.nextLabels() != nil) }
    let fault = VideoError.damaged(folder.file("mots.txt"), reason: "it has no mask of object 2 in frame 7")
    #expect(throws: fault) { try reader.nextLabels() }
  }

  @Test func missingAndDamagedPartsAreNamed() throws {
    let folder = try Folder()
    #expect(throws: VideoError.notFound(folder.file("manifest.json"))) { try MaskDirectoryReader(path: folder.path) }
    try write(folder.path, .png)
    try FileManager.default.removeItem(atPath: folder.file("objects/0002/000005.png"))
    let reader = try MaskDirectoryReader(path: folder.path)
    for _ in 0..<5 { #expect(try reader.nextLabels() != nil) }
    #expect(throws: VideoError.damaged(folder.file("objects/0002"), reason: "it has no mask for frame 5")) {
      try reader.nextLabels()
    }
    try Data("{\"frame\":0}\n{\"fra".utf8).write(to: URL(fileURLWithPath: folder.file("frames.jsonl")))
    let torn = try MaskDirectoryReader(path: folder.path)
    #expect(torn.frameCount == 1)
    #expect(
      throws: VideoError.damaged(folder.file("frames.jsonl"), reason: "line 1 is not a frame's record")
    ) { try torn.nextLabels() }
  }
}
