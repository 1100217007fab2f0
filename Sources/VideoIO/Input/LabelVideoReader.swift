import CFFmpeg
import Kernels

/// Reads a lossless video of 16-bit numbers, as `LabelVideoWriter` writes it, one picture after the other.
public final class LabelVideoReader {
  private let path: String
  private let decoder: FrameDecoder

  /// Opens a file. Throws as `VideoReader` does.
  public init(_ path: String) throws(VideoError) {
    self.path = path
    let options = VideoReaderOptions(threads: 1)
    let readGuard = ReadGuard(options.interrupt, monitor: options.monitor)
    let source = InputSource.bytes(try ByteSource(path: path, readGuard: readGuard), protocols: [], notes: [])
    decoder = try FrameDecoder(source, options: options, readGuard: readGuard)
  }

  /// The next picture; nil at the end. Throws `damaged` where its values have other than 16 bits.
  public func next() throws(VideoError) -> Image<UInt16>? {
    guard let frame = decoder.next() else { return nil }
    guard ValueRange.isWide(frame.format) else {
      throw .damaged(path, reason: "it is no video of numbers of 16 bits")
    }
    return ImageFile.wide(frame)
  }
}
