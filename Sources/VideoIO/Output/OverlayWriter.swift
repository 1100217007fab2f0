import CFFmpeg
import Kernels

/// Writes the source with its objects marked: translucent masks, contours, and numbers. H.264 through libx264 if this
/// FFmpeg has it, else MPEG-4. A picture of odd width or height loses its last column or row, as 4:2:0 demands. The file
/// is fragmented MP4, or Matroska for any other name than `.mp4`: a kill leaves it playable.
public final class OverlayWriter {
  private let path: String
  private let width: Int
  private let height: Int
  private let encoder: EncoderSession
  private let file: MuxedFile
  private let sourceTimeBase: AVRational
  private var lastTime = Int64.min
  private var isClosed = false

  /// Holds 24000/1001 to 60 frames per second exactly; MPEG-4 allows no denominator above 65535.
  private static let clock = AVRational(num: 1, den: 60_000)

  /// Creates the file, replacing one of that name.
  ///
  /// - Parameters:
  ///   - width, height: the size of the source.
  ///   - timeBase: the unit of the frames' time stamps in seconds.
  ///   - frameRate: frames per second, if known.
  ///   - appearance: how the frames are to be shown, which the file says too.
  public init(
    path: String, width: Int, height: Int, timeBase: Rational, frameRate: Rational?, appearance: VideoAppearance
  ) throws(VideoError) {
    self.path = path
    self.width = width & ~1
    self.height = height & ~1
    sourceTimeBase = AVRational(timeBase)
    let rate = frameRate.map(AVRational.init)
    guard width > 1, height > 1,
      let encoder = OverlayWriter.encoder(width: width & ~1, height: height & ~1, rate: rate, appearance)
    else { throw .cannotCreate(path, reason: "neither libx264 nor mpeg4 encodes \(width)×\(height) pixels") }
    let isMP4 = path.lowercased().hasSuffix(".mp4")
    let context = encoder.context
    let file = try MuxedFile(
      path: path, format: isMP4 ? "mp4" : "matroska", timeBase: OverlayWriter.clock, frameRate: rate, title: nil,
      options: isMP4
        ? [("movflags", "+empty_moov+default_base_moof"), ("frag_duration", "500000")] : [("cluster_time_limit", "400")]
    ) { avcodec_parameters_from_context($0, context) }
    self.encoder = encoder
    self.file = file
  }

  deinit { try? close() }

  /// Appends a frame with `objects` marked.
  ///
  /// - Parameters:
  ///   - labels: the objects' numbers at the frame's size, 0 for none.
  ///   - objects: those to be drawn; numbers in `labels` that are not listed stay unmarked.
  public func write(frame: VideoFrame, labels: Image<Int32>, objects: [OverlayObject]) throws(VideoError) {
    guard !isClosed else { throw .writeFailed(path, reason: "the file is closed") }
    precondition(frame.width & ~1 == width && frame.height & ~1 == height, "the frame does not have the file's size")
    precondition(labels.width == frame.width && labels.height == frame.height, "the labels are not of the frame's size")
    let planes = (0..<3).map { index in
      let plane = encoder.plane(index)
      let shift = index == 0 ? 0 : 1
      return OverlayPainter.Plane(
        start: plane.start, stride: plane.stride, width: width >> shift, height: height >> shift)
    }
    for index in 0..<3 { copy(frame, index, to: planes[index]) }
    let painter = OverlayPainter(luma: planes[0], blue: planes[1], red: planes[2], labels: labels)
    for object in objects { painter.draw(object) }
    let time = av_rescale_q(frame.timestamp, sourceTimeBase, OverlayWriter.clock)
    lastTime = lastTime == .min ? time : max(time, lastTime + 1)
    try encode(lastTime)
  }

  /// Encodes what is still on its way, writes the index and closes the file; does nothing the second time.
  public func close() throws(VideoError) {
    guard !isClosed else { return }
    isClosed = true
    try encode(nil)
    try file.close()
  }

  private func encode(_ pts: Int64?) throws(VideoError) {
    try encoder.encode(pts: pts, subject: path) { packet throws(VideoError) in
      let packet = packet.pointee
      let data = UnsafeMutableBufferPointer(start: packet.data, count: Int(packet.size))
      try file.write(
        data, pts: file.rescale(packet.pts), dts: file.rescale(packet.dts), duration: file.rescale(packet.duration),
        isKey: packet.flags & AV_PKT_FLAG_KEY != 0)
    }
  }

  private static func encoder(
    width: Int, height: Int, rate: AVRational?, _ appearance: VideoAppearance
  ) -> EncoderSession? {
    for name in ["libx264", "mpeg4"] {
      let session = EncoderSession(name, width: width, height: height, format: AV_PIX_FMT_YUV420P) { context in
        context.pointee.time_base = clock
        if let rate { context.pointee.framerate = rate }
        context.pointee.show(appearance)
        context.pointee.thread_count = 2
        context.pointee.gop_size = 50
        // Without B-frames packets leave in order of presentation, and sooner.
        context.pointee.max_b_frames = 0
        context.pointee.flags |= AV_CODEC_FLAG_GLOBAL_HEADER
        context.pointee.flags |= AV_CODEC_FLAG_QSCALE
        context.pointee.global_quality = 4 * FF_QP2LAMBDA
        av_opt_set(context.pointee.priv_data, "preset", "veryfast", 0)
        av_opt_set(context.pointee.priv_data, "crf", "23", 0)
      }
      if let session { return session }
    }
    return nil
  }

  /// Copies a plane, bringing any chroma resolution to 4:2:0 by the mean of what each pixel covers.
  private func copy(_ frame: VideoFrame, _ index: Int, to target: OverlayPainter.Plane) {
    guard index == 0 || !frame.isGray else {
      for y in 0..<target.height { (target.start + y * target.stride).update(repeating: 128, count: target.width) }
      return
    }
    let shiftX = index == 0 ? 0 : frame.chromaShiftX - 1
    let shiftY = index == 0 ? 0 : frame.chromaShiftY - 1
    frame.withPlane(index) { pixels, stride in
      for y in 0..<target.height {
        let row = target.start + y * target.stride
        if shiftX == 0 && shiftY == 0 {
          row.update(from: pixels.baseAddress! + y * stride, count: target.width)
          continue
        }
        let (top, bottom) = (scaled(y, shiftY), scaled(y + 1, shiftY, isEnd: true))
        for x in 0..<target.width {
          let (left, right) = (scaled(x, shiftX), scaled(x + 1, shiftX, isEnd: true))
          var sum = 0
          for v in top..<bottom { for u in left..<right { sum += Int(pixels[v * stride + u]) } }
          let count = (bottom - top) * (right - left)
          row[x] = UInt8((sum + count / 2) / count)
        }
      }
    }
  }

  /// A 4:2:0 chroma coordinate in a plane whose shift is `shift` larger (-1: twice the resolution).
  private func scaled(_ position: Int, _ shift: Int, isEnd: Bool = false) -> Int {
    if shift < 0 { return position << -shift }
    return isEnd ? ((position - 1) >> shift) + 1 : position >> shift
  }
}

extension AVCodecContext {
  /// Says in the stream how its frames are to be shown.
  fileprivate mutating func show(_ appearance: VideoAppearance) {
    color_range = appearance.isFullRange ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG
    colorspace = AVColorSpace(rawValue: UInt32(appearance.matrix))
    color_primaries = AVColorPrimaries(rawValue: UInt32(appearance.primaries))
    color_trc = AVColorTransferCharacteristic(rawValue: UInt32(appearance.transfer))
    if let aspect = appearance.pixelAspect { sample_aspect_ratio = AVRational(aspect) }
  }
}
