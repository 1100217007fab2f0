import Foundation
import Kernels
import VideoIO

/// One sequence of masks on disk.
protocol MaskStream: AnyObject {
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
      frameRate: shape.frameRate, title: title)
  }

  func write(_ mask: Image<UInt8>, bounds: PixelRect?, index: Int, timestamp: Int64) throws(VideoError) {
    try writer.write(mask, bounds: bounds, timestamp: timestamp)
  }

  func close() throws(VideoError) { try writer.close() }
}

/// Masks as pictures, named by the number of their frame.
final class PictureMaskStream: MaskStream {
  private let folder: String

  init(_ folder: String) throws(VideoError) {
    self.folder = folder
    try OutputLayout.makeFolder(folder)
  }

  func write(_ mask: Image<UInt8>, bounds: PixelRect?, index: Int, timestamp: Int64) throws(VideoError) {
    try PNGFile.write(mask, to: OutputLayout.picture(index, in: folder))
  }

  func close() throws(VideoError) {}
}
