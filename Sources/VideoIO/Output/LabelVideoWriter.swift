import CFFmpeg
import Kernels

/// Writes pictures of 16-bit numbers as a lossless video: FFV1 gray16le in Matroska, at source times (to the millisecond).
/// Not for use from two threads at once.
public final class LabelVideoWriter {
  private let path: String
  private let width: Int
  private let height: Int
  private let encoder: EncoderSession
  private let file: MaskVideoFile

  /// Creates the file, replacing one of that name. Throws `cannotCreate`, or `writeFailed` on a full disk.
  ///
  /// - Parameters:
  ///   - timeBase: the unit of the time stamps given to `write`, in seconds.
  ///   - frameRate: frames per second if constant, a hint for players.
  ///   - isContinued: whether the file there is gone on with, see `carry`.
  public init(
    path: String, width: Int, height: Int, timeBase: Rational, frameRate: Rational?, isContinued: Bool = false
  ) throws(VideoError) {
    let encoder = EncoderSession("ffv1", width: width, height: height, format: AV_PIX_FMT_GRAY16LE) { context in
      context.pointee.level = 3
      context.pointee.gop_size = 1
      av_opt_set_int(context.pointee.priv_data, "slicecrc", 1, 0)
    }
    guard let encoder else { throw .cannotCreate(path, reason: "FFV1 cannot encode \(width)×\(height) pixels") }
    let context = encoder.context
    file = try MaskVideoFile(
      path: path, timeBase: timeBase, frameRate: frameRate, title: "objects", isContinued: isContinued
    ) { avcodec_parameters_from_context($0, context) }
    self.encoder = encoder
    (self.path, self.width, self.height) = (path, width, height)
  }

  deinit { try? close() }

  /// Appends one picture; times must rise, see `MaskStreamWriter`. Numbers outside 1…65535 become 0.
  public func write(_ labels: Image<Int32>, timestamp: Int64) throws(VideoError) {
    precondition(labels.width == width && labels.height == height, "the labels do not have the video's size")
    let time = file.time(of: timestamp)
    let plane = encoder.plane(0)
    for y in 0..<height {
      let row = UnsafeMutableRawPointer(plane.start + y * plane.stride).assumingMemoryBound(to: UInt16.self)
      for x in 0..<width { row[x] = UInt16(exactly: labels.pixels[y * width + x])?.littleEndian ?? 0 }
    }
    var bytes = try encoder.encodeOne(pts: time, subject: path)
    let result = bytes.withUnsafeMutableBufferPointer { frame in
      Result { () throws(VideoError) in try file.append(frame, time: time) }
    }
    try result.get()
  }

  /// Carries what is needed to go on after the pictures so far; see `MaskStreamWriter.carry`.
  package func carry(_ archive: inout StateArchive) throws { try file.carry(&archive) }

  /// Puts a continued video in the place of the file there.
  package func settle() throws(VideoError) { try file.settle() }

  /// Writes the index and closes the file; does nothing the second time.
  public func close() throws(VideoError) { try file.close() }
}
