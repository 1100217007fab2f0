import Foundation
import Kernels
import VideoIO

/// One sequence of masks on disk.
protocol MaskStream: Continuable {
  /// Appends a mask; `bounds` holds its nonzero pixels, nil if that is not known.
  func write(_ mask: Image<UInt8>, bounds: PixelRect?, index: Int, timestamp: Int64) throws(VideoError)
  func close() throws(VideoError)
}

/// Masks as a lossless video.
final class VideoMaskStream: MaskStream {
  private let writer: MaskStreamWriter

  /// Opens the video called `stem`, a path without extension.
  init(_ stem: String, _ shape: FormShape, _ title: String) throws(VideoError) {
    writer = try MaskStreamWriter(
      path: stem + ".mkv", width: shape.width, height: shape.height, timeBase: shape.timeBase,
      frameRate: shape.frameRate, title: title, isContinued: shape.earlier != nil)
  }

  func write(_ mask: Image<UInt8>, bounds: PixelRect?, index: Int, timestamp: Int64) throws(VideoError) {
    try writer.write(mask, bounds: bounds, timestamp: timestamp)
  }

  func carry(_ archive: inout StateArchive) throws { try writer.carry(&archive) }

  func settle() throws(VideoError) { try writer.settle() }

  func close() throws(VideoError) { try writer.close() }
}

/// Masks as pictures, named by the number of their frame.
final class PictureMaskStream: MaskStream {
  private let folder: String
  private let earlier: EarlierFrames?

  init(_ folder: String, _ shape: FormShape) throws(VideoError) {
    (self.folder, earlier) = (folder, shape.earlier)
    try OutputLayout.makeFolder(folder)
  }

  func write(_ mask: Image<UInt8>, bounds: PixelRect?, index: Int, timestamp: Int64) throws(VideoError) {
    try PNGFile.write(mask, bounds: bounds, to: OutputLayout.picture(index, in: folder))
  }

  func carry(_ archive: inout StateArchive) {}

  func settle() throws(VideoError) { try earlier?.settle(folder) }

  func close() throws(VideoError) {}
}
