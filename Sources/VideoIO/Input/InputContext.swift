import CFFmpeg

/// Owns an opened demuxer, the byte stream under it and the buffer between them.
struct InputContext: ~Copyable {
  let format: UnsafeMutablePointer<AVFormatContext>
  let bytes: ByteSource
  private let stream: UnsafeMutablePointer<AVIOContext>

  /// Probes the container by its content (a name says nothing about a pipe, and an extension may lie), opens it and
  /// reads enough to know its streams.
  init(_ bytes: ByteSource, options: VideoReaderOptions) throws(VideoError) {
    _ = VideoLog.silenced
    let stream = Self.makeStream(over: bytes)
    let opened: UnsafeMutablePointer<AVFormatContext>
    do throws(FFmpegCode) {
      opened = try Self.open(stream, bytes: bytes, options: options)
    } catch {
      Self.free(stream)
      if options.interrupt.isSet { throw .cannotRead(bytes.name, reason: "interrupted") }
      if bytes.failure != 0 { throw .cannotRead(bytes.name, reason: systemMessage(bytes.failure)) }
      throw .cannotOpen(bytes.name, reason: Self.reason(error, opening: bytes.opening))
    }
    format = opened
    self.bytes = bytes
    self.stream = stream
  }

  /// FFmpeg's short name of the container.
  var containerName: String { String(cString: format.pointee.iformat.pointee.name) }

  /// Number of bytes the demuxer has consumed.
  var consumed: Int64 { avio_seek(stream, 0, SEEK_CUR) }

  /// Whether the demuxer met a fault of the byte stream, rather than its end.
  var streamError: Int32 { stream.pointee.error }

  deinit {
    var context: UnsafeMutablePointer<AVFormatContext>? = format
    avformat_close_input(&context)
    Self.free(stream)
  }

  private static func reason(_ error: FFmpegCode, opening: [UInt8]) -> String {
    guard error.value == NEM_AVERROR_INVALIDDATA || error.value == NEM_AVERROR_EOF else { return error.text }
    let isMP4 = opening.dropFirst(4).starts(with: Array("ftyp".utf8))
    return isMP4
      ? "its index (moov) is missing or damaged; the file was cut short or never finished"
      : "it is not a video, or its beginning is damaged"
  }

  private static func makeStream(over bytes: ByteSource) -> UnsafeMutablePointer<AVIOContext> {
    let size = 1 << 16
    let opaque = Unmanaged.passUnretained(bytes).toOpaque()
    guard
      let buffer = av_malloc(size),
      let stream = avio_alloc_context(
        buffer.assumingMemoryBound(to: UInt8.self), Int32(size), 0, opaque,
        { opaque, buffer, count in
          let source = Unmanaged<ByteSource>.fromOpaque(opaque!).takeUnretainedValue()
          let result = source.read(into: buffer!, count: Int(count))
          return result == 0 ? NEM_AVERROR_EOF : result
        }, nil,
        { opaque, offset, whence in
          Unmanaged<ByteSource>.fromOpaque(opaque!).takeUnretainedValue().seek(to: offset, whence: whence)
        })
    else { fatalError("out of memory") }
    stream.pointee.seekable = bytes.isSeekable ? AVIO_SEEKABLE_NORMAL : 0
    return stream
  }

  private static func free(_ stream: UnsafeMutablePointer<AVIOContext>) {
    var context: UnsafeMutablePointer<AVIOContext>? = stream
    // FFmpeg may have replaced the buffer we gave it by a larger one.
    av_free(stream.pointee.buffer)
    avio_context_free(&context)
  }

  private static func open(
    _ stream: UnsafeMutablePointer<AVIOContext>, bytes: ByteSource, options: VideoReaderOptions
  ) throws(FFmpegCode) -> UnsafeMutablePointer<AVFormatContext> {
    var input = options.rawVideo == nil ? nil : av_find_input_format("rawvideo")
    if input == nil { try FFmpegCode.check(av_probe_input_buffer2(stream, &input, "", nil, 0, 0)) }
    var settings = settings(options)
    defer { av_dict_free(&settings) }
    guard let allocated = avformat_alloc_context() else { fatalError("out of memory") }
    allocated.pointee.pb = stream
    allocated.pointee.interrupt_callback = AVIOInterruptCB(
      callback: { Unmanaged<InterruptFlag>.fromOpaque($0!).takeUnretainedValue().isSet ? 1 : 0 },
      opaque: Unmanaged.passUnretained(bytes.interrupt).toOpaque())
    var context: UnsafeMutablePointer<AVFormatContext>? = allocated
    // On failure FFmpeg frees the context, but not our byte stream.
    try FFmpegCode.check(avformat_open_input(&context, bytes.name, input, &settings))
    let found = avformat_find_stream_info(context, nil)
    if found < 0 {
      avformat_close_input(&context)
      throw FFmpegCode(value: found)
    }
    return context!
  }

  /// The demuxer's settings, to be freed by the caller.
  private static func settings(_ options: VideoReaderOptions) -> OpaquePointer? {
    var settings: OpaquePointer?
    // A playlist must not reach for the network.
    av_dict_set(&settings, "protocol_whitelist", "file,crypto,data", 0)
    if let raw = options.rawVideo {
      av_dict_set(&settings, "video_size", "\(raw.width)x\(raw.height)", 0)
      av_dict_set(&settings, "pixel_format", raw.pixelFormat.rawValue, 0)
      av_dict_set(&settings, "framerate", "\(raw.rate.numerator)/\(raw.rate.denominator)", 0)
    }
    return settings
  }
}
