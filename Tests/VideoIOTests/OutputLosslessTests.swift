import Foundation
import Kernels
import Testing
import VideoIO

@Suite struct OutputLosslessTests {
  @Test(arguments: [(true, true), (false, true), (false, false)])
  func everyValueComesBack(isGray: Bool, isFullRange: Bool) throws {
    let folder = try OutputFolder()
    let (path, rate) = (folder.file("a.mkv"), Rational(numerator: 24, denominator: 1))
    let writer = try LosslessVideoWriter(
      path: path, width: 67, height: 45, isGray: isGray, isFullRange: isFullRange, frameRate: rate)
    var random = RandomSource(seed: 9)
    let pictures = (0..<5).map { _ in
      (0..<(isGray ? 1 : 3)).map { _ in
        Image(width: 67, height: 45, pixels: (0..<67 * 45).map { _ in UInt8(random.integer(below: 256)) })
      }
    }
    for picture in pictures { try writer.write(picture) }
    try writer.close()
    let reader = try VideoReader(path)
    #expect(reader.info.frameRate == rate && reader.info.expectedFrames ?? 5 == 5)
    for (index, picture) in pictures.enumerated() {
      let frame = try #require(try reader.next())
      #expect(frame.fullPlanes() == picture && frame.isFullRange == isFullRange)
      #expect(abs(frame.pts - Double(index) / 24) < 0.001)
    }
    #expect(try reader.next() == nil && reader.outcome == .complete)
  }

  @Test func smallChromaIsRepeated() throws {
    let folder = try OutputFolder()
    let header = Data("YUV4MPEG2 W3 H2 F25:1 C420jpeg\nFRAME\n".utf8)
    let video = URL(fileURLWithPath: folder.file("a.y4m"))
    try (header + Data([1, 2, 3, 4, 5, 6, 10, 20, 30, 40])).write(to: video)
    let planes = try #require(try VideoReader(video.path).next()).fullPlanes()
    #expect(planes.map(\.pixels) == [[1, 2, 3, 4, 5, 6], [10, 10, 20, 10, 10, 20], [30, 30, 40, 30, 30, 40]])
  }

  @Test func aFolderThatIsNotThereIsReported() {
    #expect(throws: VideoError.self) {
      _ = try LosslessVideoWriter(
        path: "/nonexistent/a.mkv", width: 4, height: 4, isGray: true, isFullRange: true,
        frameRate: Rational(numerator: 25, denominator: 1))
    }
  }
}
