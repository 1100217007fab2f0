import CFFmpeg

/// The streams of one connection that clips are copied from, described as long as somebody needs them: the connection
/// may be gone by then.
final class KeptStreams {
  /// The video, then sounds; their time base is a microsecond.
  let streams: [UnsafeMutablePointer<AVStream>]
  /// No further packets come.
  var isOver = false
  /// FFmpeg's name of the video's codec where no clip can hold it; nil where all is well.
  let misfit: String?
  /// Whether frames may come in another order than they are shown, and nothing says when that is.
  let isUnordered: Bool
  private let owner: UnsafeMutablePointer<AVFormatContext>
  private let indices: [Int32]
  private let codec: AVCodecID

  /// Ticks of the packets that are kept.
  static let timeBase = AVRational(num: 1, den: 1_000_000)
  /// The container of what is copied: it is readable after a kill, and holds all codecs that cameras have.
  static let format = "matroska"

  init(_ input: borrowing InputContext, video: UnsafePointer<AVStream>) {
    guard let owner = avformat_alloc_context() else { fatalError("out of memory") }
    self.owner = owner
    codec = video.pointee.codecpar.pointee.codec_id
    let isFitting = codec != AV_CODEC_ID_RAWVIDEO && CopiedFile.fits(codec, Self.format)
    misfit = isFitting ? nil : String(cString: avcodec_get_name(codec))
    let isBare = input.format.pointee.iformat.pointee.raw_codec_id != 0
    let properties = avcodec_descriptor_get(codec)?.pointee.props ?? 0
    isUnordered = isBare && properties & AV_CODEC_PROP_INTRA_ONLY == 0
    indices = [video.pointee.index] + CopiedFile.sounds(of: input, in: Self.format)
    streams = indices.map { index in
      guard let stream = avformat_new_stream(owner, nil) else { fatalError("out of memory") }
      CopiedFile.describe(stream, as: input.format.pointee.streams[Int(index)]!)
      stream.pointee.time_base = Self.timeBase
      // Cameras announce rates that they do not keep.
      stream.pointee.avg_frame_rate = AVRational(num: 0, den: 1)
      return stream
    }
  }

  deinit { avformat_free_context(owner) }

  /// Takes the video's size from its frames where the container does not tell it.
  func complete(size: (Int32, Int32)) {
    guard let parameters = streams[0].pointee.codecpar, parameters.pointee.width == 0 else { return }
    (parameters.pointee.width, parameters.pointee.height) = size
  }

  /// Whether packets of this video belong here.
  func holds(_ video: UnsafePointer<AVStream>) -> Bool {
    video.pointee.index == indices[0] && video.pointee.codecpar.pointee.codec_id == codec
  }

  /// The place in `streams` of a packet's stream; nil where it is not copied.
  func place(_ packet: AVPacket) -> Int? { indices.firstIndex(of: packet.stream_index) }
}

/// A packet as it came, and when it is shown.
final class KeptPacket {
  let streams: KeptStreams
  let place: Int
  /// The stamp that its frame will have, in the source's ticks; nil where the source gives none.
  let stamp: Int64?
  /// Microseconds from the source's time, or from 0 where it has none, to that of the frames as they are delivered; nil
  /// before the frame was.
  var shift: Int64?
  private let packet = PacketHandle()
  /// Beside the bytes of the packet, roughly.
  private static let overhead = 512

  /// Another reference to the packet's bytes; nil where that cannot be, and for sound without time stamp.
  init?(_ source: UnsafePointer<AVPacket>, timeBase: AVRational, of streams: KeptStreams, place: Int) {
    (self.streams, self.place) = (streams, place)
    let ticks = source.pointee.pts == NEM_AV_NOPTS_VALUE ? source.pointee.dts : source.pointee.pts
    stamp = ticks == NEM_AV_NOPTS_VALUE ? nil : ticks
    guard stamp != nil || place == 0, av_packet_ref(packet.pointer, source) >= 0 else { return nil }
    av_packet_rescale_ts(packet.pointer, timeBase, KeptStreams.timeBase)
  }

  var isVideo: Bool { place == 0 }
  var isKey: Bool { isVideo && packet.pointer.pointee.flags & AV_PKT_FLAG_KEY != 0 }
  var byteCount: Int { Int(packet.pointer.pointee.size) + Self.overhead }
  /// When it is shown and when it is decoded, in microseconds of the source.
  var shown: Int64 { packet.pointer.pointee.pts == NEM_AV_NOPTS_VALUE ? decoded : packet.pointer.pointee.pts }
  var decoded: Int64 {
    let (shown, decoded) = (packet.pointer.pointee.pts, packet.pointer.pointee.dts)
    return decoded != NEM_AV_NOPTS_VALUE ? decoded : shown != NEM_AV_NOPTS_VALUE ? shown : 0
  }

  /// Makes `target` a reference to the same bytes.
  func copy(to target: UnsafeMutablePointer<AVPacket>) -> Bool { av_packet_ref(target, packet.pointer) >= 0 }
}
