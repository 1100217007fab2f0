import Foundation
import Kernels
import VideoIO

/// One sequence of masks on disk.
protocol MaskStream: AnyObject {
  /// Appends a mask; `bounds` holds its nonzero pixels, nil if that is not known.
  func write(_ mask: Image<UInt8>, bounds: PixelRect?, index: Int, timestamp: Int64) throws(VideoError)
  func close() throws(VideoError)
}

/// Opens the streams of a run, which differ only in name.
struct MaskStreamFactory {
  let width: Int
  let height: Int
  let timeBase: Rational
  let frameRate: Rational?
  let format: MaskDirectory.Format

  /// Opens the stream called `stem`, a path without extension.
  func open(_ stem: String, title: String) throws(VideoError) -> any MaskStream {
    switch format {
    case .ffv1:
      VideoMaskStream(
        try MaskStreamWriter(
          path: stem + ".mkv", width: width, height: height, timeBase: timeBase, frameRate: frameRate, title: title))
    case .png: try PictureMaskStream(stem)
    }
  }
}

/// Masks as a lossless video.
private final class VideoMaskStream: MaskStream {
  private let writer: MaskStreamWriter

  init(_ writer: MaskStreamWriter) { self.writer = writer }

  func write(_ mask: Image<UInt8>, bounds: PixelRect?, index: Int, timestamp: Int64) throws(VideoError) {
    try writer.write(mask, bounds: bounds, timestamp: timestamp)
  }

  func close() throws(VideoError) { try writer.close() }
}

/// Masks as pictures, named by the number of their frame.
private final class PictureMaskStream: MaskStream {
  private let folder: String

  init(_ folder: String) throws(VideoError) {
    self.folder = folder
    try OutputLayout.makeFolder(folder)
  }

  func write(_ mask: Image<UInt8>, bounds: PixelRect?, index: Int, timestamp: Int64) throws(VideoError) {
    try PNGFile.write(mask, to: folder + "/" + OutputLayout.digits(index, 6) + ".png")
  }

  func close() throws(VideoError) {}
}
