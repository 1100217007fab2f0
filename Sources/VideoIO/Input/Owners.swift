import CFFmpeg

/// Owns one `AVFrame` and the reference it holds to its buffers.
struct FrameHandle: ~Copyable, @unchecked Sendable {
  let pointer: UnsafeMutablePointer<AVFrame>

  init() {
    guard let frame = av_frame_alloc() else { fatalError("out of memory") }
    pointer = frame
  }

  /// A frame with buffers of its own; nil where FFmpeg refuses the size.
  init?(format: AVPixelFormat, width: Int32, height: Int32) {
    self.init()
    pointer.pointee.format = format.rawValue
    pointer.pointee.width = width
    pointer.pointee.height = height
    guard av_frame_get_buffer(pointer, 0) >= 0 else { return nil }
  }

  var format: AVPixelFormat { AVPixelFormat(rawValue: pointer.pointee.format) }

  deinit {
    var frame: UnsafeMutablePointer<AVFrame>? = pointer
    av_frame_free(&frame)
  }
}

/// Owns one `AVPacket`.
struct PacketHandle: ~Copyable {
  let pointer: UnsafeMutablePointer<AVPacket>

  init() {
    guard let packet = av_packet_alloc() else { fatalError("out of memory") }
    pointer = packet
  }

  deinit {
    var packet: UnsafeMutablePointer<AVPacket>? = pointer
    av_packet_free(&packet)
  }
}

/// Owns one opened decoder.
struct DecoderHandle: ~Copyable {
  let pointer: UnsafeMutablePointer<AVCodecContext>

  /// Opens `codec` for a stream. `threads` workers each decode a frame of their own, or, of a live stream,
  /// a part of the same frame, since each frame under way is a frame of delay. Fails with FFmpeg's error code.
  init(
    codec: UnsafePointer<AVCodec>, stream: UnsafePointer<AVStream>, threads: Int, isLive: Bool
  ) throws(FFmpegCode) {
    guard let context = avcodec_alloc_context3(codec) else { fatalError("out of memory") }
    pointer = context
    try FFmpegCode.check(avcodec_parameters_to_context(context, stream.pointee.codecpar))
    context.pointee.pkt_timebase = stream.pointee.time_base
    context.pointee.thread_count = Int32(clamping: max(1, threads))
    context.pointee.thread_type = isLive ? FF_THREAD_SLICE : FF_THREAD_FRAME
    try FFmpegCode.check(avcodec_open2(context, codec, nil))
  }

  deinit {
    var context: UnsafeMutablePointer<AVCodecContext>? = pointer
    avcodec_free_context(&context)
  }
}

/// Owns one swscale context.
struct ScalerHandle: ~Copyable {
  let pointer: OpaquePointer

  init(_ pointer: OpaquePointer) { self.pointer = pointer }

  deinit { sws_freeContext(pointer) }
}

/// A negative return value of FFmpeg, with its text.
struct FFmpegCode: Error {
  let value: Int32

  /// Throws where `value` is negative.
  static func check(_ value: Int32) throws(FFmpegCode) {
    if value < 0 { throw FFmpegCode(value: value) }
  }

  var text: String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
      av_strerror(value, buffer.baseAddress, buffer.count)
      return String(cString: buffer.baseAddress!)
    }
  }
}
