import CFFmpeg
import Kernels

/// Writes the masks of one object as a lossless video: FFV1 gray in Matroska, at source size and source times (to the
/// millisecond, Matroska's customary clock). Not for use from two threads at once.
public final class MaskStreamWriter {
  private let path: String
  private let width: Int
  private let height: Int
  private let file: MuxedFile
  private var encoder: FFV1MaskEncoder?
  private let reference: EncoderSession?
  private var seekPoints = SeekPoints()
  private var isClosed = false
  private var lastTime = Int64.min

  /// Creates the file, replacing one of that name. Throws `cannotCreate`, or `writeFailed` on a full disk.
  ///
  /// - Parameters:
  ///   - timeBase: the unit of the time stamps given to `write`, in seconds.
  ///   - frameRate: frames per second if constant, a hint for players.
  ///   - title: the stream's title in players.
  public convenience init(
    path: String, width: Int, height: Int, timeBase: Rational, frameRate: Rational?, title: String
  ) throws(VideoError) {
    try self.init(
      path: path, width: width, height: height, timeBase: timeBase, frameRate: frameRate, title: title,
      forcingReference: false)
  }

  /// As the public initialiser; `forcingReference` has libavcodec encode even where our encoder could.
  package init(
    path: String, width: Int, height: Int, timeBase: Rational, frameRate: Rational?, title: String,
    forcingReference: Bool
  ) throws(VideoError) {
    guard width > 0, height > 0, let template = FFV1Template.of(width: width, height: height) else {
      throw .cannotCreate(path, reason: "FFV1 cannot encode \(width)×\(height) pixels")
    }
    self.path = path
    self.width = width
    self.height = height
    encoder = forcingReference ? nil : FFV1MaskEncoder(template)
    reference = encoder == nil ? FFV1Template.reference(width: width, height: height) : nil
    file = try MuxedFile(
      path: path, format: "matroska", timeBase: AVRational(timeBase), frameRate: frameRate.map(AVRational.init),
      title: title, options: [("cluster_time_limit", "400")]
    ) { parameters in
      parameters.pointee.codec_type = AVMEDIA_TYPE_VIDEO
      parameters.pointee.codec_id = AV_CODEC_ID_FFV1
      parameters.pointee.format = AV_PIX_FMT_GRAY8.rawValue
      parameters.pointee.width = Int32(width)
      parameters.pointee.height = Int32(height)
      parameters.pointee.setExtradata(template.extradata)
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
    let time = max(file.rescale(timestamp), lastTime == .min ? .min : lastTime + 1)
    let isFirst = lastTime == .min
    lastTime = time
    let isKey = seekPoints.isDue(at: time)
    if encoder != nil {
      let box = (bounds ?? PixelRect(x: 0, y: 0, width: width, height: height)).clipped(width: width, height: height)
      try encoder!.encode(mask, box: box) { frame throws(VideoError) in
        try file.write(frame, pts: time, dts: time, duration: 0, isKey: isKey)
      }
    } else {
      try writeReference(mask, time: time, isKey: isKey)
    }
    // Players refuse a stream without any frame, which a kill would leave behind.
    if isFirst { try file.flush() }
  }

  /// Appends one mask held in an image.
  public func write(_ mask: Image<UInt8>, bounds: PixelRect? = nil, timestamp: Int64) throws(VideoError) {
    let result = mask.pixels.withUnsafeBufferPointer { pixels in
      Result { () throws(VideoError) in try write(pixels, bounds: bounds, timestamp: timestamp) }
    }
    try result.get()
  }

  /// Writes the index and closes the file; does nothing the second time.
  public func close() throws(VideoError) {
    isClosed = true
    try file.close()
  }

  /// The way for an FFmpeg whose frames we cannot reproduce.
  private func writeReference(_ mask: UnsafeBufferPointer<UInt8>, time: Int64, isKey: Bool) throws(VideoError) {
    var bytes = try reference!.encodeGray(mask, pts: time, subject: path)
    let result = bytes.withUnsafeMutableBufferPointer { frame in
      Result { () throws(VideoError) in try file.write(frame, pts: time, dts: time, duration: 0, isKey: isKey) }
    }
    try result.get()
  }
}
