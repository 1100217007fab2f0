import CFFmpeg

/// Turns the packets of one video stream into frames in presentation order, and keeps count of what went wrong. A
/// damaged packet never ends the reading: what decodes is delivered.
final class FrameDecoder {
  let input: InputContext
  let stream: UnsafeMutablePointer<AVStream>
  let codecName: String
  /// What the user may want to know about the choice of the stream.
  let notes: [String]
  private(set) var ledger = ReadLedger()
  private let decoder: DecoderHandle
  private let packet = PacketHandle()
  private let interrupt: InterruptFlag
  private var isDraining = false

  /// Opens the best video stream of `bytes`.
  init(_ bytes: ByteSource, options: VideoReaderOptions) throws(VideoError) {
    let input = try InputContext(bytes, options: options)
    // FFmpeg draws text as a terminal would; nobody who passes text means that.
    if input.containerName == "tty" { throw .cannotOpen(bytes.name, reason: "it is a text file") }
    let index = av_find_best_stream(input.format, AVMEDIA_TYPE_VIDEO, -1, -1, nil, 0)
    guard index >= 0, let stream = input.format.pointee.streams[Int(index)],
      stream.pointee.disposition & AV_DISPOSITION_ATTACHED_PIC == 0
    else { throw .cannotOpen(bytes.name, reason: "it has no video stream") }
    let id = stream.pointee.codecpar.pointee.codec_id
    codecName = String(cString: avcodec_get_name(id))
    guard let codec = avcodec_find_decoder(id) else {
      throw .cannotOpen(bytes.name, reason: "this build of FFmpeg has no decoder for \(codecName)")
    }
    do throws(FFmpegCode) {
      decoder = try DecoderHandle(codec: codec, stream: stream, threads: options.threads)
    } catch {
      throw .cannotOpen(bytes.name, reason: "the \(codecName) decoder refuses it: \(error.text)")
    }
    notes = Self.notes(input, chosen: stream)
    self.stream = stream
    self.input = input
    interrupt = options.interrupt
  }

  private static func notes(_ input: borrowing InputContext, chosen: UnsafePointer<AVStream>) -> [String] {
    let videos = (0..<Int(input.format.pointee.nb_streams)).count { index in
      let stream = input.format.pointee.streams[index]!.pointee
      return stream.codecpar.pointee.codec_type == AVMEDIA_TYPE_VIDEO
        && stream.disposition & AV_DISPOSITION_ATTACHED_PIC == 0
    }
    return videos > 1 ? ["it has \(videos) video streams: number \(chosen.pointee.index), the best, is read"] : []
  }

  /// The next frame as the decoder made it; nil at the end.
  func next() -> FrameHandle? {
    while !interrupt.isSet {
      let frame = FrameHandle()
      let result = avcodec_receive_frame(decoder.pointer, frame.pointer)
      if result >= 0 {
        ledger.count(frame.pointer.pointee)
        return frame
      }
      switch result {
      case NEM_AVERROR_EOF: return nil
      case NEM_AVERROR_EAGAIN: if isDraining { return nil } else { feed() }
      default: ledger.corruptFrames += 1
      }
    }
    ledger.isInterrupted = true
    return nil
  }

  /// Hands the decoder its next packet, or the end of the stream.
  private func feed() {
    while !interrupt.isSet {
      let result = av_read_frame(input.format, packet.pointer)
      if result < 0 {
        ledger.end(with: result, input: input)
        isDraining = true
        avcodec_send_packet(decoder.pointer, nil)
        return
      }
      defer { av_packet_unref(packet.pointer) }
      ledger.count(packet.pointer.pointee, of: stream, in: input)
      guard packet.pointer.pointee.stream_index == stream.pointee.index else { continue }
      if avcodec_send_packet(decoder.pointer, packet.pointer) < 0 { ledger.corruptFrames += 1 }
      return
    }
  }
}
