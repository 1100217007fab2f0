import CFFmpeg

/// Owns an opened demuxer, and the byte stream under it where that is ours.
struct InputContext: ~Copyable {
  let format: UnsafeMutablePointer<AVFormatContext>
  /// What messages call the input.
  let name: String
  /// The bytes, where FFmpeg did not open the source itself.
  let bytes: ByteSource?
  /// Whether frames come at their own pace and there is no end to wait for, so that they may be dropped to keep up.
  let isLive: Bool
  private let stream: UnsafeMutablePointer<AVIOContext>?
  /// FFmpeg calls back through it as long as the demuxer lives.
  private let readGuard: ReadGuard

  /// Probes the container by its content (a name says nothing about a pipe, and an extension may lie), opens it and
  /// reads enough to know its streams.
  init(_ source: InputSource, options: VideoReaderOptions, readGuard: ReadGuard) throws(VideoError) {
    _ = VideoLog.prepared
    self.readGuard = readGuard
    switch source {
    case .bytes(let bytes, let protocols, _):
      let stream = Self.makeStream(over: bytes)
      (self.stream, self.bytes, name) = (stream, bytes, bytes.name)
      do throws(FFmpegCode) {
        format = try Self.open(stream, bytes: bytes, protocols: protocols, options: options, readGuard)
      } catch {
        Self.free(stream)
        throw Self.fault(error, of: bytes, readGuard)
      }
      isLive = !bytes.isSeekable && options.source.isLive == true
    case .address(let address):
      (stream, bytes, name) = (nil, nil, address.description)
      let request = AddressRequest(address: address, options: options)
      do throws(FFmpegCode) {
        format = try request.open(readGuard)
      } catch {
        throw request.fault(error, readGuard)
      }
      isLive = options.source.isLive ?? request.isLive(format)
    }
  }

  /// FFmpeg's short name of the container.
  var containerName: String { String(cString: format.pointee.iformat.pointee.name) }

  /// Number of bytes the demuxer has consumed.
  var consumed: Int64 { format.pointee.pb.map { avio_seek($0, 0, SEEK_CUR) } ?? 0 }

  /// Length of the input in bytes, once it has been read; 0 where nobody knows.
  var length: Int64 {
    if let bytes { return bytes.measureLength() }
    return max(0, format.pointee.pb.map { avio_size($0) } ?? 0)
  }

  /// Whether the demuxer met a fault of the byte stream, rather than its end.
  var streamError: Int32 { format.pointee.pb?.pointee.error ?? 0 }

  deinit {
    var context: UnsafeMutablePointer<AVFormatContext>? = format
    avformat_close_input(&context)
    if let stream { Self.free(stream) }
  }

  private static func fault(_ error: FFmpegCode, of bytes: ByteSource, _ readGuard: ReadGuard) -> VideoError {
    if readGuard.mustStop || bytes.failure != 0 { return .cannotRead(bytes.name, reason: bytes.faultReason) }
    guard error.value == NEM_AVERROR_INVALIDDATA || error.value == NEM_AVERROR_EOF else {
      return .cannotOpen(bytes.name, reason: error.text)
    }
    let isMP4 = bytes.opening.dropFirst(4).starts(with: Array("ftyp".utf8))
    let reason =
      isMP4
      ? "its index (moov) is missing or damaged; the file was cut short or never finished"
      : "it is neither a video nor a picture, or its beginning is damaged"
    return .cannotOpen(bytes.name, reason: reason)
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
    _ stream: UnsafeMutablePointer<AVIOContext>, bytes: ByteSource, protocols: [String], options: VideoReaderOptions,
    _ readGuard: ReadGuard
  ) throws(FFmpegCode) -> UnsafeMutablePointer<AVFormatContext> {
    var input = options.rawVideo == nil ? nil : av_find_input_format("rawvideo")
    if input == nil { try FFmpegCode.check(av_probe_input_buffer2(stream, &input, "", nil, 0, 0)) }
    var settings = ["protocol_whitelist": protocols.joined(separator: ",")]
    // A slow camera's pipe shall not wait for 20 frames to tell its rate.
    if !bytes.isSeekable && options.source.isLive == true { settings["fpsprobesize"] = "3" }
    if let raw = options.rawVideo {
      settings["video_size"] = "\(raw.width)x\(raw.height)"
      settings["pixel_format"] = raw.pixelFormat.rawValue
      settings["framerate"] = "\(raw.rate.numerator)/\(raw.rate.denominator)"
    }
    let allocated = allocate(readGuard)
    allocated.pointee.pb = stream
    return try open(allocated, url: bytes.name, as: input, settings, probing: true)
  }

  /// A demuxer whose blocking calls ask `readGuard`.
  static func allocate(_ readGuard: ReadGuard) -> UnsafeMutablePointer<AVFormatContext> {
    guard let allocated = avformat_alloc_context() else { fatalError("out of memory") }
    // One that lay at this address may have left its mark.
    _ = VideoLog.takeCut(of: allocated)
    allocated.pointee.interrupt_callback = AVIOInterruptCB(
      callback: { Unmanaged<ReadGuard>.fromOpaque($0!).takeUnretainedValue().mustStop ? 1 : 0 },
      opaque: Unmanaged.passUnretained(readGuard).toOpaque())
    return allocated
  }

  /// Opens an allocated demuxer, which is freed on failure, but never a byte stream of ours.
  static func open(
    _ allocated: UnsafeMutablePointer<AVFormatContext>, url: String, as input: UnsafePointer<AVInputFormat>?,
    _ settings: [String: String], probing: Bool
  ) throws(FFmpegCode) -> UnsafeMutablePointer<AVFormatContext> {
    var dictionary: OpaquePointer?
    for (name, value) in settings { av_dict_set(&dictionary, name, value, 0) }
    defer { av_dict_free(&dictionary) }
    var context: UnsafeMutablePointer<AVFormatContext>? = allocated
    try FFmpegCode.check(avformat_open_input(&context, url, input, &dictionary))
    // Pictures without time stamps are stamped when they come: none may wait until many are there.
    let isPictures = String(cString: context!.pointee.iformat.pointee.name) == "mpjpeg"
    let found = probing && !isPictures ? avformat_find_stream_info(context, nil) : 0
    if found < 0 {
      avformat_close_input(&context)
      throw FFmpegCode(value: found)
    }
    return context!
  }
}
