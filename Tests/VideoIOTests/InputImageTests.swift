import Foundation
import Kernels
import Testing

@testable import VideoIO

/// Single pictures, exact to the value.
@Suite struct InputImageTests {
  /// Writes raw values as a picture file through ffmpeg.
  private func write(
    _ bytes: [UInt8], _ size: (Int, Int), _ format: String, as name: String, in folder: ScratchFolder
  ) throws -> String {
    let raw = try folder.write(Data(bytes), as: "raw")
    let source = ["-f", "rawvideo", "-s", "\(size.0)x\(size.1)", "-pix_fmt", format, "-i", raw]
    try Tool.ffmpeg(source + ["-frames:v", "1", "-update", "1", "-pix_fmt", format, folder.path(name)])
    return folder.path(name)
  }

  /// Ids in PNG files of few bits are those that were stored, as other readers have them.
  @Test(arguments: [1, 2, 4, 8]) func idsOfFewBitsAreTheirValues(bits: Int) throws {
    let folder = try OutputFolder()
    let values = (0..<24).map { UInt8($0 % (1 << min(bits, 4))) }
    let rows = (0..<3).flatMap { y -> [UInt8] in
      let row = (0..<8).reduce(UInt64(0)) { $0 << UInt64(bits) | UInt64(values[8 * y + $1]) }
      return [0] + (0..<bits).map { UInt8(row >> UInt64(8 * (bits - 1 - $0)) & 0xFF) }
    }
    let file = PNGChunks.file(
      width: 8, height: 3, head: [UInt8(bits), 0, 0, 0, 0], data: PixelDeflate.compress(rows))
    try Data(file).write(to: URL(fileURLWithPath: folder.file("a.png")))
    #expect(try ImageFile.readGray16(folder.file("a.png")).pixels == values.map(UInt16.init))
  }

  @Test(arguments: ["png", "bmp"]) func grayIsExact(_ kind: String) throws {
    let folder = try ScratchFolder()
    let values = (0..<37 * 23).map { UInt8(truncatingIfNeeded: $0 * 7) }
    let path = try write(values, (37, 23), "gray", as: "gray." + kind, in: folder)
    #expect(try ImageFile.readGray(path) == Image(width: 37, height: 23, pixels: values))
  }

  @Test func grayStoredAsColourIsExact() throws {
    let folder = try ScratchFolder()
    let values = (0..<16 * 16).map { UInt8($0) }
    let path = try write(values.flatMap { [$0, $0, $0] }, (16, 16), "rgb24", as: "rgb.png", in: folder)
    #expect(try ImageFile.readGray(path) == Image(width: 16, height: 16, pixels: values))
  }

  @Test func paletteGivesIndices() throws {
    let folder = try ScratchFolder()
    let indices = (0..<20 * 10).map { UInt8($0 % 5) }
    // pal8 as raw frames: the indices, then 256 colours of four bytes.
    let palette = (0..<256).flatMap { index -> [UInt8] in [UInt8(255 - index), UInt8(index), 77, 255] }
    let path = try write(indices + palette, (20, 10), "pal8", as: "palette.png", in: folder)
    #expect(try ImageFile.readGray(path) == Image(width: 20, height: 10, pixels: indices))
  }

  @Test func grayPaletteGivesGrays() throws {
    let folder = try ScratchFolder()
    let indices = (0..<20 * 10).map { UInt8($0 % 5) }
    let grays: [UInt8] = [0, 50, 85, 170, 255]
    let palette = (0..<256).flatMap { index -> [UInt8] in
      let gray = index < 5 ? grays[index] : 0
      return [gray, gray, gray, 255]
    }
    let path = try write(indices + palette, (20, 10), "pal8", as: "palette.png", in: folder)
    #expect(try ImageFile.readGray(path).pixels == indices.map { grays[Int($0)] })
  }

  /// Whatever number black has in a palette.
  @Test func masksAreWhatIsNotBlack() throws {
    let folder = try ScratchFolder()
    let indices = (0..<20 * 10).map { UInt8($0 % 3) }
    let colours: [[UInt8]] = [[0, 0, 200, 255], [0, 0, 0, 255], [90, 20, 0, 255]]
    let palette = (0..<256).flatMap { $0 < 3 ? colours[$0] : [0, 0, 0, 255] }
    let path = try write(indices + palette, (20, 10), "pal8", as: "palette.png", in: folder)
    #expect(try ImageFile.readGray(path).pixels == indices)
    #expect(try ImageFile.readMask(path).pixels == indices.map { $0 == 1 ? 0 : 255 })
  }

  @Test func sixteenBitsAreExact() throws {
    let folder = try ScratchFolder()
    let values = (0..<20 * 10).map { UInt16(truncatingIfNeeded: $0 * 331) }
    let bytes = values.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }
    let path = try write(bytes, (20, 10), "gray16be", as: "deep.png", in: folder)
    #expect(try ImageFile.readGray16(path) == Image(width: 20, height: 10, pixels: values))
    #expect(try ImageFile.readMask(path).pixels == values.map { $0 == 0 ? 0 : 255 })
  }

  @Test func oneBitPicturesAreBlackAndWhiteOrTheirValues() throws {
    let folder = try ScratchFolder()
    let path = try write(Array(repeating: 0b1010_0000, count: 2 * 10), (16, 10), "monob", as: "mask.png", in: folder)
    let row: [UInt16] = [1, 0, 1, 0, 0, 0, 0, 0]
    #expect(try ImageFile.readGray16(path).pixels == (0..<2 * 10).flatMap { _ in row })
    #expect(try ImageFile.readGray(path).pixels == (0..<2 * 10).flatMap { _ in row.map { UInt8(255 * $0) } })
    let colour = try write(Array(repeating: 9, count: 16 * 10 * 3), (16, 10), "rgb24", as: "colour.png", in: folder)
    #expect(throws: VideoError.self) { try ImageFile.readGray16(colour) }
  }

  @Test func aFrameFromAPicture() throws {
    let folder = try ScratchFolder()
    let bytes = (0..<24 * 10 * 3).map { UInt8(truncatingIfNeeded: $0) }
    let frame = try ImageFile.readFrame(write(bytes, (24, 10), "rgb24", as: "rgb.png", in: folder))
    #expect(frame.width == 24)
    #expect(frame.height == 10)
    #expect(!frame.isGray)
    #expect(frame.chromaShiftX == 0)
    #expect(frame.isFullRange)
  }

  @Test func lumaSurvivesTheWayThroughAFrame() {
    let image = Image(width: 13, height: 7, pixels: (0..<91).map { UInt8($0) })
    let frame = VideoFrame(luma: image)
    #expect(frame.isGray)
    #expect(frame.luma() == image)
  }

  @Test func brokenPicturesAreRefused() throws {
    let folder = try ScratchFolder()
    #expect(throws: VideoError.notFound(folder.path("none.png"))) { try ImageFile.readGray(folder.path("none.png")) }
    let values = (0..<200 * 200).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) }
    let path = try write(values, (200, 200), "gray", as: "whole.png", in: folder)
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    let cut = try folder.write(data.prefix(data.count / 2), as: "cut.png")
    #expect(throws: VideoError.self) { try ImageFile.readGray(cut) }
  }

  @Test(.enabled(if: SharedData.isPresent, SharedData.absence)) func sharedGroundTruth() throws {
    let root = SharedData.root.path
    let davis = root + "/instances/davis17_schoolgirls"
    let file = try #require(
      FileManager.default.enumerator(atPath: davis)?.compactMap { $0 as? String }.filter { $0.hasSuffix(".png") }
        .sorted().first)
    let labels = Set(try ImageFile.readGray(davis + "/" + file).pixels)
    #expect(labels == Set(0...7), "palette index is the identity: 7 objects and the background")
    let truth = try ImageFile.readGray(root + "/foreground/cdnet_traffic/groundtruth/gt001000.png")
    #expect(Set(truth.pixels).isSubset(of: [0, 50, 85, 170, 255]))
    #expect(truth.pixels.contains(255))
    let region = try ImageFile.readGray(root + "/foreground/sbi_CAVIAR2/ROI.bmp")
    #expect(Set(region.pixels) == [255])
    let tracklets = root + "/instances/sbi_HallAndMonitor_tracklets/masks/gt000150.png"
    #expect(try ImageFile.readGray16(tracklets).pixels.contains { $0 > 0 && $0 < 65535 })
  }
}
