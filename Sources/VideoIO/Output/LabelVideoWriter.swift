import CFFmpeg
import Kernels

/// Writes pictures of 16-bit numbers as a lossless video: FFV1 gray16le in Matroska, at source times (to the millisecond).
/// Not for use from two threads at once.
public final class LabelVideoWriter {
  private let path: String
  private let width: Int
  private let height: Int
  private var encoder: FFV1LabelEncoder?
  /// In place of an encoder of ours.
  private let reference: EncoderSession?
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
    self.path = path
    (self.width, self.height) = (width, height)
    encoder = FFV1LabelEncoder(width: width, height: height)
    let record: [UInt8]
    if let encoder {
      record = encoder.extradata
      reference = nil
    } else if let session = FFV1LabelEncoder.reference(width: width, height: height) {
      record = session.extradata
      reference = consume session
    } else {
      throw .cannotCreate(path, reason: "FFV1 cannot encode \(width)×\(height) pixels")
    }
    file = try MaskVideoFile(
      path: path, timeBase: timeBase, frameRate: frameRate, title: "objects", isContinued: isContinued
    ) { $0.pointee.setFFV1(AV_PIX_FMT_GRAY16LE, width: width, height: height, record: record) }
  }

  deinit { try? close() }

  /// Appends one picture; times must rise, see `MaskStreamWriter`. Numbers outside 1…65535 become 0.
  public func write(_ labels: Image<Int32>, timestamp: Int64) throws(VideoError) {
    precondition(labels.width == width && labels.height == height, "the labels do not have the video's size")
    let time = file.time(of: timestamp)
    if encoder != nil {
      try encoder!.encode(labels) { frame throws(VideoError) in try file.append(frame, time: time) }
    } else {
      try file.append(reference!.encodeLabels(labels, pts: time, subject: path), time: time)
    }
  }

  /// Carries what is needed to go on after the pictures so far; see `MaskStreamWriter.carry`.
  package func carry(_ archive: inout StateArchive) throws { try file.carry(&archive) }

  /// Puts a continued video in the place of the file there.
  package func settle() throws(VideoError) { try file.settle() }

  /// Writes the index and closes the file; does nothing the second time.
  public func close() throws(VideoError) { try file.close() }
}
