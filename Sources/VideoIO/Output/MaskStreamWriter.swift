import CFFmpeg
import Kernels

/// Writes the masks of one object as a lossless video: FFV1 gray in Matroska, at source size and source times (to the
/// millisecond, Matroska's customary clock). Not for use from two threads at once.
public final class MaskStreamWriter {
  private let path: String
  private let width: Int
  private let height: Int
  private let file: MaskVideoFile
  private var encoder: FFV1MaskEncoder?
  private let reference: EncoderSession?
  private var isClosed = false

  /// Creates the file, replacing one of that name. Throws `cannotCreate`, or `writeFailed` on a full disk.
  ///
  /// - Parameters:
  ///   - timeBase: the unit of the time stamps given to `write`, in seconds.
  ///   - frameRate: frames per second if constant, a hint for players.
  ///   - title: the stream's title in players.
  ///   - isContinued: whether the file there is gone on with, see `carry`.
  public convenience init(
    path: String, width: Int, height: Int, timeBase: Rational, frameRate: Rational?, title: String,
    isContinued: Bool = false
  ) throws(VideoError) {
    try self.init(
      path: path, width: width, height: height, timeBase: timeBase, frameRate: frameRate, title: title,
      isContinued: isContinued, forcingReference: false)
  }

  /// As the public initialiser; `forcingReference` has libavcodec encode even where our encoder could.
  package init(
    path: String, width: Int, height: Int, timeBase: Rational, frameRate: Rational?, title: String,
    isContinued: Bool = false, forcingReference: Bool
  ) throws(VideoError) {
    guard width > 0, height > 0, let template = FFV1Template.of(width: width, height: height) else {
      throw .cannotCreate(path, reason: "FFV1 cannot encode \(width)×\(height) pixels")
    }
    self.path = path
    self.width = width
    self.height = height
    encoder = forcingReference ? nil : FFV1MaskEncoder(template)
    reference = encoder == nil ? FFV1Template.reference(width: width, height: height) : nil
    file = try MaskVideoFile(
      path: path, timeBase: timeBase, frameRate: frameRate, title: title, isContinued: isContinued
    ) { parameters in
      parameters.pointee.setFFV1(AV_PIX_FMT_GRAY8, width: width, height: height, record: template.extradata)
    }
  }

  deinit { try? close() }

  /// Appends one mask.
  ///
  /// - Parameters:
  ///   - mask: `width · height` values, row by row.
  ///   - bounds: a rectangle that holds all nonzero pixels (empty: none); nil: the whole frame, at the
  ///     cost of looking at each pixel.
  ///   - timestamp: presentation time in units of the time base. Times must rise; two that fall into one millisecond
  ///     are written one millisecond apart.
  public func write(_ mask: UnsafeBufferPointer<UInt8>, bounds: PixelRect?, timestamp: Int64) throws(VideoError) {
    precondition(mask.count == width * height, "the mask does not have the stream's size")
    guard !isClosed else { throw .writeFailed(path, reason: "the stream is closed") }
    let time = file.time(of: timestamp)
    if encoder != nil {
      let box = (bounds ?? PixelRect(x: 0, y: 0, width: width, height: height)).clipped(width: width, height: height)
      try encoder!.encode(mask, box: box) { frame throws(VideoError) in
        try file.append(frame, time: time)
      }
    } else {
      try file.append(reference!.encodeGray(mask, pts: time, subject: path), time: time)
    }
  }

  /// Appends one mask held in an image.
  public func write(_ mask: Image<UInt8>, bounds: PixelRect? = nil, timestamp: Int64) throws(VideoError) {
    let result = mask.pixels.withUnsafeBufferPointer { pixels in
      Result { () throws(VideoError) in try write(pixels, bounds: bounds, timestamp: timestamp) }
    }
    try result.get()
  }

  /// Carries what is needed to go on after the masks so far. Reading it, a continued stream takes them over from the file
  /// there, which stays as it is until `settle`. Throws `StateFault` or `damaged` where the masks are not there.
  package func carry(_ archive: inout StateArchive) throws { try file.carry(&archive) }

  /// Puts a continued stream in the place of the file there.
  package func settle() throws(VideoError) { try file.settle() }

  /// Writes the index and closes the file; does nothing the second time.
  public func close() throws(VideoError) {
    isClosed = true
    try file.close()
  }
}
