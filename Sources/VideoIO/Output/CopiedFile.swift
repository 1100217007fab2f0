import CFFmpeg
import Glibc

/// A file of packets as another file has them.
final class CopiedFile {
  private let handle: MuxerHandle
  private let path: String
  /// Seconds of the source at which the file's time begins.
  private let origin: Double
  private let sourceTimeBases: [AVRational]
  /// Whether frames of the container have no time at which they are shown, but only their order.
  private let hasOrderOnly: Bool
  /// The last decoding stamp of each stream: a damaged source may go backwards, a container may not.
  private var last: [Int64]

  /// Creates a file for copies of `streams`.
  init(
    _ path: String, format: String, streams: [UnsafeMutablePointer<AVStream>], origin: Double
  ) throws(VideoError) {
    handle = try MuxerHandle(format: format, path: path)
    (self.path, self.origin, hasOrderOnly) = (path, origin, format == "avi")
    sourceTimeBases = streams.map(\.pointee.time_base)
    last = streams.map { _ in .min }
    let context = handle.context
    context.pointee.flags |= AVFMT_FLAG_BITEXACT
    for source in streams {
      guard let stream = avformat_new_stream(context, nil) else {
        throw .cannotCreate(path, reason: FFmpegCode(value: NEM_AVERROR_ENOMEM).text)
      }
      Self.describe(stream, as: source)
      // Tags are the container's own: AVI keeps what comes from AVI.
      if !hasOrderOnly { stream.pointee.codecpar.pointee.codec_tag = 0 }
    }
    var code = avio_open(&context.pointee.pb, "file:" + path, AVIO_FLAG_WRITE)
    guard code >= 0 else { throw .cannotCreate(path, reason: FFmpegCode(value: code).text) }
    code = avformat_write_header(context, nil)
    guard code >= 0 else {
      avio_closep(&context.pointee.pb)
      unlink(path)
      throw Self.fault(code, path)
    }
  }

  /// Whether a container holds packets of a codec.
  static func fits(_ codec: AVCodecID, _ format: String) -> Bool {
    avformat_query_codec(av_guess_format(format, nil, nil), codec, FF_COMPLIANCE_NORMAL) == 1
  }

  /// The streams of sound that a container holds.
  static func sounds(of input: borrowing InputContext, in format: String) -> [Int32] {
    (0..<Int32(input.format.pointee.nb_streams)).filter { index in
      let parameters = input.format.pointee.streams[Int(index)]!.pointee.codecpar.pointee
      return parameters.codec_type == AVMEDIA_TYPE_AUDIO && fits(parameters.codec_id, format)
    }
  }

  /// Makes a stream one of packets as another one has them.
  static func describe(_ stream: UnsafeMutablePointer<AVStream>, as source: UnsafeMutablePointer<AVStream>) {
    guard avcodec_parameters_copy(stream.pointee.codecpar, source.pointee.codecpar) >= 0 else {
      fatalError("out of memory")
    }
    stream.pointee.time_base = source.pointee.time_base
    stream.pointee.avg_frame_rate = source.pointee.avg_frame_rate
    stream.pointee.disposition = source.pointee.disposition
    var size = 0
    guard let matrix = av_stream_get_side_data(source, AV_PKT_DATA_DISPLAYMATRIX, &size),
      let copy = av_stream_new_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, size)
    else { return }
    copy.update(from: matrix, count: size)
  }

  /// Copies a packet into one of the streams, and leaves it empty.
  func write(_ packet: UnsafeMutablePointer<AVPacket>, to place: Int) throws(VideoError) {
    let (source, target) = (sourceTimeBases[place], handle.context.pointee.streams[place]!.pointee.time_base)
    let shift = Int64((origin * Double(source.den) / Double(source.num)).rounded())
    if packet.pointee.pts == NEM_AV_NOPTS_VALUE && !hasOrderOnly { packet.pointee.pts = packet.pointee.dts }
    if packet.pointee.pts != NEM_AV_NOPTS_VALUE { packet.pointee.pts -= shift }
    if packet.pointee.dts != NEM_AV_NOPTS_VALUE { packet.pointee.dts -= shift }
    // Sound from before the picture.
    if place > 0 && max(packet.pointee.pts, packet.pointee.dts) < 0 { return }
    av_packet_rescale_ts(packet, source, target)
    let decoding = packet.pointee.dts
    if decoding != NEM_AV_NOPTS_VALUE && decoding <= last[place] { return }
    last[place] = decoding
    packet.pointee.stream_index = Int32(place)
    packet.pointee.pos = -1
    try check(av_interleaved_write_frame(handle.context, packet))
  }

  /// Writes the index and closes the file.
  func close() throws(VideoError) {
    try check(av_write_trailer(handle.context))
    try check(avio_closep(&handle.context.pointee.pb))
  }

  private func check(_ code: Int32) throws(VideoError) {
    let code = code < 0 ? code : min(0, handle.context.pointee.pb?.pointee.error ?? 0)
    if code < 0 { throw Self.fault(code, path) }
  }

  private static func fault(_ code: Int32, _ path: String) -> VideoError {
    // Not the disk's fault, but the packet's.
    code == -EINVAL
      ? .unsuitable(path, reason: "the container cannot hold what the source has there")
      : .writeFailed(path, reason: FFmpegCode(value: code).text)
  }
}
