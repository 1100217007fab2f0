import CFFmpeg
import Glibc

/// Owns one libavformat muxer and the file it has open.
struct MuxerHandle: ~Copyable {
  let context: UnsafeMutablePointer<AVFormatContext>

  init(format: String, path: String) throws(VideoError) {
    var made: UnsafeMutablePointer<AVFormatContext>?
    let code = avformat_alloc_output_context2(&made, nil, format, nil)
    guard let made else { throw .cannotCreate(path, reason: FFmpegCode(value: code).text) }
    context = made
  }

  deinit {
    avio_closep(&context.pointee.pb)
    avformat_free_context(context)
  }
}

/// One output file with one video stream, through libavformat. What is written survives a kill: the muxer hands whole
/// clusters or fragments of at most half a second to the system as it goes.
final class MuxedFile {
  private let handle: MuxerHandle
  private let packet: PacketHandle
  private var path: String
  private let sourceTimeBase: AVRational
  /// Length of the file up to the end of its last whole cluster or fragment.
  private(set) var wholeBytes: Int64 = 0

  /// Creates the file and writes its header. Throws `cannotCreate` if the system refuses the file, `writeFailed` if it
  /// refuses the first bytes.
  ///
  /// - Parameters:
  ///   - format: libavformat's name of the container.
  ///   - options: the muxer's private options.
  ///   - configure: sets the codec parameters of the stream.
  init(
    path: String, format: String, timeBase: AVRational, frameRate: AVRational?, title: String?,
    options: [(String, String)], configure: (UnsafeMutablePointer<AVCodecParameters>) -> Void
  ) throws(VideoError) {
    _ = VideoLog.prepared
    handle = try MuxerHandle(format: format, path: path)
    packet = PacketHandle()
    self.path = path
    sourceTimeBase = timeBase
    let context = handle.context
    // No random identifiers and no version strings: the same input gives the same file.
    context.pointee.flags |= AVFMT_FLAG_BITEXACT
    context.pointee.avoid_negative_ts = AVFMT_AVOID_NEG_TS_DISABLED
    if let title { av_dict_set(&context.pointee.metadata, "title", title, 0) }
    guard let stream = avformat_new_stream(context, nil) else {
      throw .cannotCreate(path, reason: FFmpegCode(value: NEM_AVERROR_ENOMEM).text)
    }
    stream.pointee.time_base = timeBase
    if let frameRate { stream.pointee.avg_frame_rate = frameRate }
    configure(stream.pointee.codecpar)
    stream.pointee.sample_aspect_ratio = stream.pointee.codecpar.pointee.sample_aspect_ratio
    try open(options)
  }

  private func open(_ options: [(String, String)]) throws(VideoError) {
    let context = handle.context
    // "file:" keeps libavformat from taking a colon in the name for a protocol.
    var code = avio_open(&context.pointee.pb, "file:" + path, AVIO_FLAG_WRITE)
    guard code >= 0 else { throw .cannotCreate(path, reason: FFmpegCode(value: code).text) }
    // libavformat would gather 256 KB before it writes; now each finished cluster or fragment goes out at once.
    context.pointee.pb.pointee.min_packet_size = 0
    var dictionary: OpaquePointer?
    for (key, value) in options { av_dict_set(&dictionary, key, value, 0) }
    code = avformat_write_header(context, &dictionary)
    av_dict_free(&dictionary)
    avio_flush(context.pointee.pb)
    if code >= 0 { code = min(0, context.pointee.pb.pointee.error) }
    guard code >= 0 else {
      avio_closep(&context.pointee.pb)
      if AtomicFile.isReplaceable(path) { unlink(path) }
      throw .writeFailed(path, reason: FFmpegCode(value: code).text)
    }
    wholeBytes = avio_tell(context.pointee.pb)
  }

  /// Goes on after a call of the muxer. After a failure the file is closed and what is torn at its end taken off.
  private func settle(_ code: Int32) throws(VideoError) {
    guard let stream = handle.context.pointee.pb else { throw .writeFailed(path, reason: "the file is closed") }
    let isLonger = avio_tell(stream) > wholeBytes
    if isLonger { avio_flush(stream) }
    let code = code < 0 ? code : min(0, stream.pointee.error)
    guard code >= 0 else {
      avio_closep(&handle.context.pointee.pb)
      truncate(path, off_t(wholeBytes))
      throw .writeFailed(path, reason: FFmpegCode(value: code).text)
    }
    // The muxer gathers a cluster or fragment before it writes any of it.
    if isLonger { wholeBytes = avio_tell(stream) }
  }

  /// The time base the container counts in.
  var timeBase: AVRational { handle.context.pointee.streams[0]!.pointee.time_base }

  /// A source time stamp in the container's time base, to the nearest tick.
  func rescale(_ timestamp: Int64) -> Int64 { av_rescale_q(timestamp, sourceTimeBase, timeBase) }

  /// Writes one packet; its time stamps count in the container's time base.
  func write(_ data: UnsafeMutableBufferPointer<UInt8>, pts: Int64, dts: Int64, duration: Int64, isKey: Bool)
    throws(VideoError)
  {
    packet.pointer.pointee.data = data.baseAddress
    packet.pointer.pointee.size = Int32(data.count)
    packet.pointer.pointee.pts = pts
    packet.pointer.pointee.dts = dts
    packet.pointer.pointee.duration = duration
    packet.pointer.pointee.flags = isKey ? AV_PKT_FLAG_KEY : 0
    guard handle.context.pointee.pb != nil else { throw .writeFailed(path, reason: "the file is closed") }
    try settle(av_write_frame(handle.context, packet.pointer))
  }

  /// Hands what the muxer still gathers to the system.
  func flush() throws(VideoError) {
    try settle(av_write_frame(handle.context, nil))
  }

  /// Gives the open file another name, in place of what has that name.
  func move(to other: String) throws(VideoError) {
    guard rename(path, other) == 0 else { throw .cannotCreate(other, reason: AtomicFile.systemReason) }
    path = other
  }

  /// Writes the index and closes the file; does nothing the second time.
  func close() throws(VideoError) {
    let context = handle.context
    guard context.pointee.pb != nil else { return }
    // The last cluster first: if the index finds no room, the cluster stays.
    try settle(av_write_frame(context, nil))
    try settle(av_write_trailer(context))
    let code = avio_closep(&context.pointee.pb)
    guard code >= 0 else { throw .writeFailed(path, reason: FFmpegCode(value: code).text) }
  }
}

extension AVRational {
  init(_ value: Rational) {
    self.init(num: Int32(clamping: value.numerator), den: Int32(clamping: value.denominator))
  }
}

extension AVCodecParameters {
  /// Describes a stream of FFV1; its configuration record is copied, and freed by libavformat with the stream.
  mutating func setFFV1(_ format: AVPixelFormat, width: Int, height: Int, record: [UInt8]) {
    (codec_type, codec_id) = (AVMEDIA_TYPE_VIDEO, AV_CODEC_ID_FFV1)
    (self.format, self.width, self.height) = (format.rawValue, Int32(width), Int32(height))
    guard let memory = av_mallocz(record.count + Int(AV_INPUT_BUFFER_PADDING_SIZE)) else { fatalError("out of memory") }
    memory.copyMemory(from: record, byteCount: record.count)
    extradata = memory.assumingMemoryBound(to: UInt8.self)
    extradata_size = Int32(record.count)
  }
}
