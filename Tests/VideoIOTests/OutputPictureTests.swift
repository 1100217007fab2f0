import Foundation
import Kernels
import Testing
import VideoIO

@Suite struct OutputPictureTests {
  @Test(arguments: [(1, 1), (64, 48), (641, 359)]) func grayPNGKeepsItsPixels(width: Int, height: Int) throws {
    let folder = try OutputFolder()
    var random = RandomSource(seed: 5)
    let pixels = (0..<width * height).map { _ in UInt8(random.integer(below: 256)) }
    let image = Image(width: width, height: height, pixels: pixels)
    try PNGFile.write(image, to: folder.file("a.png"))
    #expect(try ImageFile.readGray(folder.file("a.png")) == image)
    let wide = Image(width: width, height: height, pixels: pixels.map { UInt16($0) << 8 | UInt16(255 - $0) })
    try PNGFile.write(wide, to: folder.file("a.png"))
    #expect(try ImageFile.readGray16(folder.file("a.png")) == wide)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a.png"])
  }

  /// Blank rows, long runs, rows that repeat and rows that do not, at the edges and inside.
  @Test(arguments: [(1, 1), (300, 1), (1, 300), (1920, 1080), (259, 517)])
  func masksKeepTheirPixelsAndAreSmall(width: Int, height: Int) throws {
    let folder = try OutputFolder()
    var random = RandomSource(seed: 9)
    for boxes in 0..<5 {
      var mask = Image<UInt8>(width: width, height: height, fill: 0)
      for _ in 0..<boxes {
        let (x, y) = (random.integer(below: width), random.integer(below: height))
        let (right, bottom) = (x + 1 + random.integer(below: width - x), y + 1 + random.integer(below: height - y))
        for y in y..<bottom { for x in x..<right { mask[x, y] = 255 } }
      }
      try PNGFile.write(mask, to: folder.file("a.png"))
      #expect(try ImageFile.readGray(folder.file("a.png")) == mask)
      let size = try Data(contentsOf: URL(fileURLWithPath: folder.file("a.png"))).count
      #expect(size < 500 + width * height / 200 + 20 * height)
      let inside = PixelRect(x: width / 3, y: height / 4, width: (width + 1) / 2, height: (height + 1) / 2)
      try PNGFile.write(mask, bounds: inside, to: folder.file("a.png"))
      for y in 0..<height {
        for x in 0..<width where !inside.contains(x, y) { mask[x, y] = 0 }
      }
      #expect(try ImageFile.readGray(folder.file("a.png")) == mask)
    }
  }

  @Test(.enabled(if: Judge.isInstalled, "ffmpeg is needed as judge")) func colourPNGKeepsItsChannels() throws {
    let folder = try OutputFolder()
    let pixels = (UInt8(0)..<35).map { RGB(red: $0, green: 100 + $0, blue: 255 - $0) }
    try PNGFile.write(Image(width: 7, height: 5, pixels: pixels), to: folder.file("a.png"))
    let arguments = ["-nostdin", "-v", "error", "-i", folder.file("a.png"), "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    let values: [UInt8] = pixels.flatMap { [$0.red, $0.green, $0.blue] }
    #expect(Array(try Judge.run("ffmpeg", arguments)) == values)
  }

  @Test func aPictureThatCannotBeWrittenIsReported() throws {
    #expect(throws: VideoError.self) {
      try PNGFile.write(Image<UInt8>(width: 4, height: 4, fill: 0), to: "/nonexistent/a.png")
    }
  }

  @Test(.enabled(if: Judge.isInstalled, "ffmpeg is needed as judge"), arguments: ["a.mp4", "a.mkv"])
  func overlayPlaysAndMarksTheObject(name: String) throws {
    let folder = try OutputFolder()
    let path = folder.file(name)
    let rate = Rational(numerator: 25, denominator: 1)
    let writer = try OverlayWriter(
      path: path, width: 161, height: 121, timeBase: Rational(numerator: 1, denominator: 90_000), frameRate: rate,
      appearance: VideoAppearance())
    var labels = Image<Int32>(width: 161, height: 121, fill: 0)
    for y in 60..<100 { for x in 80..<140 { labels[x, y] = 7 } }
    let object = OverlayObject(id: 7, bounds: PixelRect(x: 80, y: 60, width: 60, height: 40))
    let luma = Image<UInt8>(width: 161, height: 121, fill: 100)
    for index in 0..<50 {
      let frame = VideoFrame(luma: luma, index: index, timestamp: Int64(index) * 3600, pts: Double(index) / 25)
      try writer.write(frame: frame, labels: labels, objects: [object])
    }
    let copy = folder.file("killed" + name)
    try FileManager.default.copyItem(atPath: path, toPath: copy)
    try writer.close()
    let pixels = try Judge.decodeGray(path)
    #expect(pixels.count == 160 * 120 * 50)
    let times = try Judge.times(path)
    #expect(times.count == 50 && abs(times[49] - times[0] - 1.96) < 0.002)
    #expect(abs(Int(pixels[20 * 160 + 20]) - Int(pixels[110 * 160 + 20])) < 8)
    let contour = Int(pixels[99 * 160 + 110])
    #expect(abs(contour - Int(pixels[110 * 160 + 110])) > 15, "the lower edge is drawn")
    #expect(try Judge.times(copy).count >= 12, "what was written before a kill plays")
  }

  @Test func nearNumbersHaveDifferentColours() throws {
    let colours = (1...40).map { OverlayColour.of($0) }
    #expect(OverlayColour.of(3) == colours[2])
    for (index, colour) in colours.enumerated() {
      #expect(!colours[(index + 1)...].prefix(7).contains(colour))
    }
  }
}

extension PixelRect {
  fileprivate func contains(_ column: Int, _ row: Int) -> Bool {
    (x..<x + width).contains(column) && (y..<y + height).contains(row)
  }
}
