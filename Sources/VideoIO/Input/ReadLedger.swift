import CFFmpeg

/// What was seen while reading, as evidence for the question whether anything is missing.
struct ReadLedger {
  var decodedFrames = 0
  /// Frames that the decoder refused, or patched over missing data.
  var corruptFrames = 0
  /// Packets of the video stream, whole or not.
  private(set) var packets = 0
  private(set) var corruptPackets = 0
  /// Packets of the video stream without those that were cut or are known to be damaged.
  var wholePackets: Int { packets - corruptPackets }
  /// Latest end of a packet of the video stream, in seconds.
  private(set) var videoEnd = 0.0
  /// Latest end of a packet of any stream, in seconds.
  private(set) var anyEnd = 0.0
  /// Where the last packet of the video stream ends, in bytes.
  private var lastByte: Int64 = 0
  /// Bytes behind the last packet.
  private(set) var trailingBytes: Int64 = 0
  /// Bytes of the whole input.
  private(set) var length: Int64 = 0
  /// Bytes that the input has as an MP4 file; nil where its boxes do not say.
  private(set) var boxLength: Int64?
  /// The last byte of a file; nil for a pipe.
  private(set) var finalByte: UInt8?
  /// Whether the demuxer found that the input ends inside one of its parts.
  private(set) var isCut = false
  /// FFmpeg's code where the demuxer stopped for another reason than the end.
  private(set) var fault: FFmpegCode?
  var isInterrupted = false
  /// The source gave no frame for longer than is allowed.
  var isOverdue = false

  mutating func count(_ frame: AVFrame) {
    decodedFrames += 1
    if frame.flags & AV_FRAME_FLAG_CORRUPT != 0 || frame.decode_error_flags != 0 { corruptFrames += 1 }
  }

  mutating func count(_ packet: AVPacket, of video: UnsafePointer<AVStream>, in input: borrowing InputContext) {
    guard let stream = input.format.pointee.streams[Int(packet.stream_index)] else { return }
    let time = packet.pts == NEM_AV_NOPTS_VALUE ? packet.dts : packet.pts
    let base = Double(stream.pointee.time_base.num) / Double(stream.pointee.time_base.den)
    let end = time == NEM_AV_NOPTS_VALUE ? 0 : Double(time + packet.duration) * base
    anyEnd = max(anyEnd, end)
    guard packet.stream_index == video.pointee.index else { return }
    packets += 1
    videoEnd = max(videoEnd, end)
    if packet.flags & AV_PKT_FLAG_CORRUPT != 0 { corruptPackets += 1 }
    if packet.pos >= 0 { lastByte = max(lastByte, packet.pos + Int64(packet.size)) }
  }

  /// Notes why the demuxer gave no further packet.
  mutating func end(with result: Int32, input: borrowing InputContext) {
    trailingBytes = max(0, input.consumed - lastByte)
    length = input.length
    boxLength = input.bytes?.boxLength
    finalByte = input.bytes?.finalByte
    isCut = VideoLog.takeCut(of: input.format)
    if let failure = input.bytes?.failure, failure != 0 {
      fault = FFmpegCode(value: nem_averror(failure))
    } else if result != NEM_AVERROR_EOF {
      fault = FFmpegCode(value: result)
    } else if input.streamError < 0 && input.streamError != NEM_AVERROR_EOF {
      fault = FFmpegCode(value: input.streamError)
    }
  }
}
