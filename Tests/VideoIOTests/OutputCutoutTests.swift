import CKernels
import CZlib
import Foundation
import Kernels
import Testing

@testable import VideoIO

/// Objects cut out of the source.
@Suite struct OutputCutoutTests {
  /// Boxes with odd edges, wider than a tile, at the border, of one pixel; numbers that cover noise, flat parts, nothing.
  @Test(
    .enabled(if: Judge.isInstalled, "ffmpeg is needed as judge"), arguments: ["yuv420p", "yuv444p", "yuvj422p", "gray"])
  func cutoutsHoldTheirObjectAndNothingElse(format: String) throws {
    let folder = try OutputFolder()
    let video = folder.file("a.mkv")
    let source = "testsrc2=s=642x124:d=0.04:r=25,noise=c0s=40:c1s=20:c2s=20"
    let filter = "\(source),format=\(format),crop=641:123:0:0:exact=1"
    _ = try Judge.run("ffmpeg", ["-v", "error", "-f", "lavfi", "-i", filter, "-c:v", "ffv1", video])
    let frame = try #require(try VideoReader(video).next())
    var labels = Image<Int32>(width: 641, height: 123, fill: 0)
    for y in 0..<123 {
      for x in 0..<641 where (x + 2 * y) % 90 < 60 { labels[x, y] = Int32(1 + (x / 70 + y / 50) % 3) }
    }
    let boxes = [(0, 0, 641, 123), (3, 5, 300, 90), (640, 122, 1, 1), (77, 1, 17, 121), (256, 0, 3, 2)]
    for box in boxes.map(PixelRect.init) {
      for id in 1...4 {
        try PNGFile.write(Int32(id), in: box, of: labels, from: frame, to: folder.file("a.png"))
        let arguments = ["-v", "error", "-i", folder.file("a.png"), "-f", "rawvideo", "-pix_fmt", "rgba", "-"]
        let colours = frame.colours(in: box)
        let expected = (0..<box.width * box.height).flatMap { place -> [UInt8] in
          let (colour, x, y) = (colours.pixels[place], box.x + place % box.width, box.y + place / box.width)
          return labels[x, y] == id ? [colour.red, colour.green, colour.blue, 255] : [0, 0, 0, 0]
        }
        #expect(Array(try Judge.run("ffmpeg", arguments)) == expected, "\(format), \(box), object \(id)")
      }
    }
  }

  @Test func everyInstructionSetCutsTheSameRow() {
    var random = RandomSource(seed: 3)
    let planes = (0..<3).map { _ in (0..<600).map { _ in UInt8(random.integer(below: 256)) } }
    let labels = (0..<600).map { _ in Int32(random.integer(below: 3)) }
    for (left, width, shift) in [(0, 600, 1), (7, 591, 1), (2, 500, 0), (31, 33, 2), (599, 1, 1)] {
      let rows = (0...nem_cpu_level()).map { level in
        var differences = [UInt8](repeating: 9, count: 4 * width)
        var matrix = nem_colour_matrix(codePoint: 1, isFullRange: false)
        planes[0].withUnsafeBufferPointer { luma in
          planes[1].withUnsafeBufferPointer { blue in
            planes[2].withUnsafeBufferPointer { red in
              var row = nem_colour_row(
                luma: luma.baseAddress, blue: blue.baseAddress, red: red.baseAddress, shift: Int32(shift))
              nem_cut_row(&row, &matrix, labels, 1, Int32(left), Int32(width), &differences, level)
            }
          }
        }
        return differences
      }
      #expect(rows.allSatisfy { $0 == rows[0] }, "from \(left), \(width) pixels, 2^\(shift) to a value of chroma")
    }
  }

  /// Frequencies like Fibonacci's numbers give the longest codes, which the limit must shorten without losing a byte.
  @Test(arguments: [1, 3, 4, 5, 1000, 300_000]) func bytesComeBackFromTheStream(count: Int) throws {
    var random = RandomSource(seed: UInt64(count))
    var skewed: [UInt8] = []
    for byte in 0..<24 as Range<UInt8> {
      let times = Int(pow(1.618, Double(byte)).rounded())
      skewed += [UInt8](repeating: 7 &* byte, count: max(1, times))
    }
    skewed.shuffle(using: &random)
    let runs = (0..<count).map { $0 / 97 % 3 == 0 ? UInt8(random.integer(below: 5)) : 0 }
    let inputs = [
      skewed, runs, [UInt8](repeating: 0, count: count), (0..<count).map { _ in UInt8(random.integer(below: 256)) },
    ]
    for bytes in inputs {
      let stream = PixelDeflate.compress(bytes)
      #expect(Self.inflated(stream, count: bytes.count) == bytes, "\(bytes.count) bytes")
    }
    #expect(PixelDeflate.compress([UInt8](repeating: 0, count: 300_000)).count < 1000)
  }

  /// What zlib reads of a stream.
  private static func inflated(_ stream: [UInt8], count: Int) -> [UInt8] {
    var (bytes, found) = ([UInt8](repeating: 1, count: count), UInt(count))
    return uncompress(&bytes, &found, stream, UInt(stream.count)) == Z_OK ? Array(bytes.prefix(Int(found))) : []
  }
}
