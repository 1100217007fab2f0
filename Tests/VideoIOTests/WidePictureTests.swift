import Foundation
import Kernels
import Testing
import VideoIO

/// Grays of 16 bits, pictures that lie on their side, and TIFF files with several pictures.
@Suite struct WidePictureTests {
  /// A TIFF of uncompressed gray pictures, each of one strip, with tags added.
  private static func tiff(
    _ pictures: [Image<UInt16>], isBigEndian: Bool = false, more: [(Int, Int)] = [], kind: Int = 0
  )
    -> Data
  {
    var data = Data(isBigEndian ? [0x4D, 0x4D, 0, 42] : [0x49, 0x49, 42, 0])
    func bytes(_ value: Int, _ size: Int) -> [UInt8] {
      let little = (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
      return isBigEndian ? little.reversed() : little
    }
    var place = 8
    data += bytes(place, 4)
    for (index, picture) in pictures.enumerated() {
      var tags = [
        (256, picture.width), (257, picture.height), (258, 16), (259, 1), (262, 1), (273, 0), (277, 1),
        (278, picture.height), (279, 2 * picture.pixels.count),
      ]
      if kind > 0 { tags.insert((254, kind), at: 0) }
      tags += more
      let pixels = place + 2 + 12 * tags.count + 4
      let end = pixels + 2 * picture.pixels.count
      data += bytes(tags.count, 2)
      for (tag, value) in tags {
        data += bytes(tag, 2) + bytes(4, 2) + bytes(1, 4) + bytes(tag == 273 ? pixels : value, 4)
      }
      data += bytes(index + 1 < pictures.count ? end : 0, 4)
      data += picture.pixels.flatMap { bytes(Int($0), 2) }
      place = end
    }
    return data
  }

  /// A ramp from `low` in steps.
  private static func ramp(_ low: Int, step: Int) -> Image<UInt16> {
    Image(width: 32, height: 4, pixels: (0..<128).map { UInt16(low + step * ($0 % 32)) })
  }

  private static func frames(_ path: String) throws -> (frames: [VideoFrame], outcome: ReadOutcome) {
    let reader = try VideoReader(path)
    var frames: [VideoFrame] = []
    while let frame = try reader.next() { frames.append(frame) }
    return (frames, reader.outcome)
  }

  @Test(arguments: [false, true]) func allPicturesOfATIFFAreRead(isBigEndian: Bool) throws {
    let folder = try ScratchFolder()
    let data = Self.tiff([4, 5, 7].map { Self.ramp($0 << 8, step: 1 << 11) }, isBigEndian: isBigEndian)
    let path = try folder.write(data, as: "stack.tif")
    let read = try Self.frames(path)
    #expect(read.frames.map { $0.luma().pixels[0] } == [4, 5, 7] && read.outcome == .complete)
    #expect(zip(read.frames.map(\.pts), [0, 0.04, 0.08]).allSatisfy { abs($0 - $1) < 1e-9 })
    #expect(SourceAddress(path).stem == "stack")
    // In a folder too, between files of one picture.
    _ = try folder.write(Self.tiff([Self.ramp(6 << 8, step: 1 << 11)]), as: "a1.tif")
    #expect(try Self.frames(folder.url.path).frames.map { $0.luma().pixels[0] } == [6, 4, 5, 7])
    // What is cut off is told.
    let cut = try folder.write(data.dropLast(20), as: "cut.tif")
    let rest = try Self.frames(cut)
    #expect(
      rest.frames.count == 2
        && rest.outcome == .truncated(reason: "it has damaged pictures, the first is \(cut) (picture 3)"))
  }

  @Test func aStackThatIsCutIsNotComplete() throws {
    let folder = try ScratchFolder()
    let data = Self.tiff((0..<10).map { Self.ramp($0 << 8, step: 1 << 10) })
    let path = try folder.write(data.prefix(data.count / 2), as: "half.tif")
    let read = try Self.frames(path)
    guard case .truncated = read.outcome else { return #expect(Bool(false), "\(read.outcome)") }
    #expect(3...5 ~= read.frames.count)
  }

  /// Smaller copies and masks of what is seen through are no pictures, and without others there are none.
  @Test func otherDirectoriesAreLeftOut() throws {
    let folder = try ScratchFolder()
    for kind in [1, 4] {
      let path = try folder.write(
        Self.tiff([Self.ramp(9, step: 2000)], more: kind == 1 ? [(322, 32)] : [], kind: kind), as: "\(kind).tif")
      _ = try? Self.frames(path)
      _ = try? Self.frames(folder.url.path)
    }
  }

  @Test func grayAndColouredPicturesMix() throws {
    let folder = try ScratchFolder()
    try PNGFile.write(Image(width: 32, height: 4, fill: RGB(red: 90, green: 90, blue: 90)), to: folder.path("1.png"))
    _ = try folder.write(Self.tiff([Self.ramp(1000, step: 30)]), as: "2.tif")
    try PNGFile.write(Image(width: 32, height: 4, fill: RGB(red: 90, green: 90, blue: 90)), to: folder.path("3.png"))
    let frames = try Self.frames(folder.url.path).frames
    #expect(frames.map(\.planeCount) == [3, 3, 3] && frames[1].luma().pixels[0] == 51)
  }

  @Test func twoLightsInTurnAreTakenTogether() throws {
    let folder = try ScratchFolder()
    let pictures = (0..<20).map { Self.ramp($0 % 2 == 0 ? 1000 : 9000, step: 30) }
    let path = try folder.write(Self.tiff(pictures), as: "lights.tif")
    #expect(try Self.frames(path).frames.map(\.scene) == [0, 1] + Array(repeating: 2, count: 18))
  }

  @Test func whatIsConcealedDoesNotDecideTheGrays() throws {
    let folder = try ScratchFolder()
    let shown = Self.ramp(1000, step: 30)
    var options = VideoReaderOptions()
    options.concealed = Image(width: shown.width, height: shown.height, fill: 0)
    for y in 0..<shown.height { for x in 0..<8 { options.concealed![x, y] = 255 } }
    let pictures = try [UInt16(100), 60000].map { hidden in
      var picture = shown
      for y in 0..<shown.height { for x in 0..<8 { picture[x, y] = hidden } }
      let path = try folder.write(Self.tiff([picture]), as: "\(hidden).tif")
      return try #require(try VideoReader(SourceAddress(path), options: options).next()).luma()
    }
    #expect(pictures[0] == pictures[1] && Set(pictures[0].pixels).count > 8)
  }

  /// Whatever the bytes say, reading ends: in pictures, or in a fault.
  @Test func damagedTIFFsEnd() throws {
    let folder = try ScratchFolder()
    let whole = Self.tiff([4, 5, 7].map { Self.ramp($0 << 8, step: 1 << 11) })
    var random = RandomSource(seed: 5)
    for round in 0..<400 {
      var data = whole
      // The other version has offsets of 64 bits.
      if round % 4 == 0 { data[2] = 43 }
      for _ in 0...round % 5 {
        data[random.integer(below: round % 2 == 0 ? 130 : data.count)] = UInt8(random.next() >> 56)
      }
      let path = try folder.write(data, as: "damaged.tif")
      if let reader = try? VideoReader(path) { while try reader.next() != nil {} }
    }
  }

  @Test(arguments: [(322, 32, "tiles"), (339, 3, "whole numbers")])
  func pixelsThatFFmpegDoesNotReadAreRefused(_ tag: Int, _ value: Int, _ words: String) throws {
    let folder = try ScratchFolder()
    let path = try folder.write(Self.tiff([Self.ramp(0, step: 9)], more: [(tag, value)]), as: "other.tif")
    for read in [{ _ = try VideoReader(path) }, { _ = try ImageFile.readGray(path) }] {
      #expect { try read() } throws: { ($0 as? VideoError)?.reason.contains(words) == true }
    }
  }

  /// A camera of 12 bits: as many grays as one of 8 would give, also after the light has changed.
  @Test func fewValuesOfSixteenBitsAreSpread() throws {
    let folder = try ScratchFolder()
    // 1000…1930 span 930, so that 535 is black and 2860 white.
    let dim = Self.ramp(1000, step: 30)
    let path = try folder.write(Self.tiff([dim, dim, Self.ramp(9000, step: 30)]), as: "camera.tif")
    let frames = try Self.frames(path).frames
    #expect(frames.map { $0.luma().pixels[0] } == [51, 51, 51])
    #expect(frames.map { $0.luma().pixels[31] } == [153, 153, 153])
    #expect(frames.map(\.scene) == [0, 0, 1], "what was learned from other values is void")
  }

  @Test func manyValuesOfSixteenBitsKeepTheirTopByte() throws {
    let folder = try ScratchFolder()
    let path = try folder.write(Self.tiff([Self.ramp(0, step: 2000), Self.ramp(50, step: 0)]), as: "full.tif")
    let frames = try Self.frames(path).frames
    for (index, gray) in frames[0].luma().pixels.prefix(32).enumerated() {
      let expected = 2000.0 * Double(index) * 255 / 65535
      #expect(abs(Double(gray) - expected) <= 1)
    }
    #expect(frames.map(\.scene) == [0, 0] && frames[1].luma().pixels[0] == 0)
  }

  /// EXIF's orientation 6: the camera was held upright, and its right is the top.
  @Test func picturesOfATurnedCameraAreUpright() throws {
    let folder = try ScratchFolder()
    let plain = folder.path("plain.jpg")
    _ = try Tool.run(
      "ffmpeg",
      [
        "-v", "error", "-f", "lavfi", "-i", "color=white:s=32x16", "-vf", "drawbox=0:0:16:16:black:fill", "-frames:v",
        "1", plain,
      ])
    var jpeg = try Data(contentsOf: URL(fileURLWithPath: plain))
    let exif: [UInt8] =
      Array("Exif\0\0II".utf8) + [42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0]
    jpeg.insert(contentsOf: [0xFF, 0xE1, 0, UInt8(exif.count + 2)] + exif, at: 2)
    try FileManager.default.createDirectory(atPath: folder.path("turned"), withIntermediateDirectories: true)
    _ = try folder.write(jpeg, as: "turned/1.jpg")
    let frame = try #require(try Self.frames(folder.path("turned")).frames.first)
    #expect(frame.width == 16 && frame.height == 32)
    let luma = frame.luma()
    #expect(luma[8, 4] < 60 && luma[8, 28] > 200, "the left of the stored picture is the top")
  }
}
