import Foundation
import Kernels
import Testing
import VideoIO

/// Folders and numbered names of pictures, and parts of a picture.
@Suite struct PictureInputTests {
  private static func write(_ value: UInt8, _ path: String, width: Int = 8, height: Int = 6) throws {
    try PNGFile.write(Image<UInt8>(width: width, height: height, fill: value), to: path)
  }

  private static func values(_ input: String, _ options: VideoReaderOptions = VideoReaderOptions()) throws -> (
    values: [UInt8], times: [Double], outcome: ReadOutcome
  ) {
    let reader = try VideoReader(input, options: options)
    var (values, times): ([UInt8], [Double]) = ([], [])
    while let frame = try reader.next() {
      values.append(frame.luma().pixels[0])
      times.append(frame.pts)
    }
    return (values, times, reader.outcome)
  }

  @Test func aFolderIsReadInTheOrderOfItsNumbers() throws {
    let folder = try ScratchFolder()
    for (name, value) in [("f2", 20), ("f10", 100), ("f1", 10), ("f09", 90)] {
      try Self.write(UInt8(value), folder.path(name + ".png"))
    }
    try Data("no picture".utf8).write(to: folder.url.appendingPathComponent("notes.txt"))
    let read = try Self.values(folder.url.path)
    #expect(read.values == [10, 20, 90, 100])
    #expect(read.outcome == .complete)
    #expect(zip(read.times, [0, 0.04, 0.08, 0.12]).allSatisfy { abs($0 - $1) < 1e-9 })
  }

  @Test(arguments: [(1.0, 2.0), (30, 0.066_666_667), (29.97, 0.066_733_333), (0.5, 4)] as [(Double, Double)])
  func picturesHaveTheRateThatIsAsked(_ rate: Double, third: Double) throws {
    let folder = try ScratchFolder()
    for number in 1...3 { try Self.write(UInt8(number), folder.path("\(number).png")) }
    var options = VideoReaderOptions()
    options.source.captureRate = rate
    let times = try Self.values(folder.url.path, options).times
    #expect(abs(times[2] - third) < 1e-8)
  }

  @Test func missingNumbersArePauses() throws {
    let folder = try ScratchFolder()
    for number in [7, 8, 11] { try Self.write(UInt8(number), folder.path(String(format: "a%03d.png", number))) }
    try Self.write(99, folder.path("a9.png"))
    var options = VideoReaderOptions()
    options.source.captureRate = 10
    let read = try Self.values(folder.path("a%03d.png"), options)
    #expect(read.values == [7, 8, 11])
    #expect(zip(read.times, [0, 0.1, 0.4]).allSatisfy { abs($0 - $1) < 1e-9 })
    options.selection.start = .seconds(0.1)
    #expect(try Self.values(folder.path("a%03d.png"), options).values == [8, 11])
  }

  @Test func aDamagedPictureIsToldAndTheOthersAreRead() throws {
    let folder = try ScratchFolder()
    for number in 1...3 { try Self.write(UInt8(number), folder.path("\(number).png")) }
    try Data("not a picture".utf8).write(to: folder.url.appendingPathComponent("2.png"))
    let read = try Self.values(folder.url.path)
    #expect(read.values == [1, 3])
    #expect(read.outcome == .truncated(reason: "it has damaged pictures, the first is \(folder.path("2.png"))"))
    #expect(throws: VideoError.notFound(folder.path("%04d.png"))) { try VideoReader(folder.path("%04d.png")) }
  }

  @Test func regionsAreRectanglesAndPolygons() {
    func area(_ text: String, _ scale: Int = 1) -> Int? {
      PictureRegion(text)?.mask(width: 40 / scale, height: 30 / scale, sourceWidth: 40, sourceHeight: 30).pixels
        .count { $0 == 255 }
    }
    #expect(area("2,3,10,5") == 50)
    #expect(area("2,3,10,5 20,20,4,4") == 66)
    #expect(area("2,3,10,5 2,3,10,5") == 50)
    #expect(area("36,0,100,100") == 120)
    #expect(area("0,0;40,0;0,30") == 600)
    #expect(area("4,4,8,8", 2) == 16)
    #expect(area("100,100,5,5") == 0)
    for text in ["", "1,2,3", "1,2,0,4", "1,2;3,4", "a,b,c,d", "-1,0,5,5", "1,2;3,4;5"] {
      #expect(PictureRegion(text) == nil, "\(text)")
    }
  }

  /// Pixels under the mask do not matter, also where chroma is shared with neighbours and where the picture is reduced.
  @Test(arguments: [1, 3])
  func nothingUnderTheMaskComesThrough(_ reduction: Int) throws {
    let folder = try ScratchFolder()
    var mask = Image<UInt8>(width: 31, height: 21, fill: 0)
    for y in 5..<14 { for x in 7..<20 { mask[x, y] = 255 } }
    func planes(_ seed: UInt8, outside: UInt8) throws -> [[UInt8]] {
      var picture = Image<RGB>(width: 31, height: 21, fill: RGB(red: 0, green: 0, blue: 0))
      for index in picture.pixels.indices {
        let noise = UInt8(truncatingIfNeeded: index &* 37)
        let value = mask.pixels[index] == 0 ? noise &+ outside : noise &* seed
        picture.pixels[index] = RGB(red: value, green: value &* 3, blue: 255 - value)
      }
      let path = folder.path("\(seed)-\(outside).png")
      try PNGFile.write(picture, to: path)
      var options = VideoReaderOptions()
      (options.concealed, options.downscale) = (mask, reduction)
      let reader = try VideoReader(path, options: options)
      let frame = try #require(try reader.next())
      #expect(frame.width == 31 / reduction)
      return (0..<frame.planeCount).map { plane in
        let size = frame.planeSize(plane)
        return frame.withPlane(plane) { pixels, stride in
          (0..<size.height).flatMap { pixels[$0 * stride..<$0 * stride + size.width] }
        }
      }
    }
    #expect(try planes(3, outside: 0) == planes(11, outside: 0))
    #expect(try planes(3, outside: 0) != planes(3, outside: 9))
  }

  @Test func aMaskOfAnotherSizeIsRefused() throws {
    let folder = try ScratchFolder()
    try Self.write(5, folder.path("a.png"))
    var options = VideoReaderOptions()
    options.concealed = Image(width: 6, height: 8, fill: 255)
    #expect(throws: VideoError.self) { try VideoReader(folder.path("a.png"), options: options) }
  }
}
