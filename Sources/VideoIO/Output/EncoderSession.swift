import CFFmpeg

/// One open libavcodec encoder with the frame it reads and the packet it fills.
struct EncoderSession: ~Copyable {
  let context: UnsafeMutablePointer<AVCodecContext>
  private let input: FrameHandle
  private let packet = PacketHandle()

  /// Opens the encoder called `name`; nil if this FFmpeg lacks it or refuses the settings that `configure` makes.
  init?(
    _ name: String, width: Int, height: Int, format: AVPixelFormat,
    configure: (UnsafeMutablePointer<AVCodecContext>) -> Void
  ) {
    _ = VideoLog.prepared
    guard let codec = avcodec_find_encoder_by_name(name), let context = avcodec_alloc_context3(codec) else {
      return nil
    }
    context.pointee.width = Int32(width)
    context.pointee.height = Int32(height)
    context.pointee.pix_fmt = format
    context.pointee.time_base = AVRational(num: 1, den: 1000)
    context.pointee.thread_count = 1
    context.pointee.flags |= AV_CODEC_FLAG_BITEXACT
    configure(context)
    guard avcodec_open2(context, codec, nil) >= 0,
      let input = FrameHandle(format: format, width: Int32(width), height: Int32(height))
    else {
      var context: UnsafeMutablePointer<AVCodecContext>? = context
      avcodec_free_context(&context)
      return nil
    }
    self.context = context
    self.input = input
  }

  /// Opens FFV1 version 3, whose frames stand for themselves and have CRCs; nil if it refuses the settings.
  static func ffv1(
    width: Int, height: Int, format: AVPixelFormat, configure: (UnsafeMutablePointer<AVCodecContext>) -> Void
  ) -> EncoderSession? {
    EncoderSession("ffv1", width: width, height: height, format: format) { context in
      context.pointee.level = 3
      context.pointee.gop_size = 1
      av_opt_set_int(context.pointee.priv_data, "slicecrc", 1, 0)
      configure(context)
    }
  }

  deinit {
    var context: UnsafeMutablePointer<AVCodecContext>? = context
    avcodec_free_context(&context)
  }

  /// What a file has to say about the stream for its decoder.
  var extradata: [UInt8] {
    Array(UnsafeBufferPointer(start: context.pointee.extradata, count: Int(context.pointee.extradata_size)))
  }

  /// The frame's plane 0, 1 or 2 to be filled; the encoder no longer holds on to pixels sent before.
  func plane(_ index: Int) -> (start: UnsafeMutablePointer<UInt8>, stride: Int) {
    av_frame_make_writable(input.pointer)
    return input.plane(index)
  }

  /// Encodes the frame as it stands (`pts` nil: ends the stream) and hands over each finished packet.
  func encode(
    pts: Int64?, subject: String, _ consume: (UnsafeMutablePointer<AVPacket>) throws(VideoError) -> Void
  ) throws(VideoError) {
    input.pointer.pointee.pts = pts ?? 0
    var code = avcodec_send_frame(context, pts == nil ? nil : input.pointer)
    guard code >= 0 else { throw .writeFailed(subject, reason: FFmpegCode(value: code).text) }
    while true {
      code = avcodec_receive_packet(context, packet.pointer)
      if code == NEM_AVERROR_EAGAIN || code == NEM_AVERROR_EOF { return }
      guard code >= 0 else { throw .writeFailed(subject, reason: FFmpegCode(value: code).text) }
      defer { av_packet_unref(packet.pointer) }
      try consume(packet.pointer)
    }
  }

  /// The packet of the frame as it stands, for encoders without delay.
  func encodeOne(pts: Int64, subject: String) throws(VideoError) -> [UInt8] {
    var bytes: [UInt8] = []
    try encode(pts: pts, subject: subject) { packet throws(VideoError) in
      bytes = Array(UnsafeBufferPointer(start: packet.pointee.data, count: Int(packet.pointee.size)))
    }
    return bytes
  }

  /// Encodes one gray picture that lies without padding.
  func encodeGray(_ pixels: UnsafeBufferPointer<UInt8>, pts: Int64, subject: String) throws(VideoError) -> [UInt8] {
    let (width, height) = (Int(context.pointee.width), Int(context.pointee.height))
    let target = plane(0)
    for y in 0..<height {
      (target.start + y * target.stride).update(from: pixels.baseAddress! + y * width, count: width)
    }
    return try encodeOne(pts: pts, subject: subject)
  }
}
