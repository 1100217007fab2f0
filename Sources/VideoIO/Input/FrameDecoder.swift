import CFFmpeg

/// Turns the packets of one video stream into frames in presentation order, and keeps count of what went wrong. A
/// damaged packet never ends the reading: what decodes is delivered.
final class FrameDecoder {
  let input: InputContext
  private(set) var stream: UnsafeMutablePointer<AVStream>
  private(set) var codecName: String
  /// What the user may want to know about the choice of the stream.
  let notes: [String]
  private(set) var ledger = ReadLedger()
  private var decoder: DecoderHandle
  /// The codec that the decoder was opened for.
  private var codecID: AVCodecID
  private let packet = PacketHandle()
  private let readGuard: ReadGuard
  private let recorder: ClipRecorder?
  private let threads: Int
  private var isDraining = false
  /// The packet at hand, and the end of the input, wait until the former decoder is empty.
  private var isChanging = false
  /// When the first packet is shown and when it is decoded.
  private var firstPacket: (stamp: Int64, decoding: Int64)?
  /// Packets of other video streams since the last of ours.
  private var silence = 0
  /// So many and the stream counts as replaced by another one.
  private static let patience = 12

  /// Opens the best video stream of a source.
  init(_ source: InputSource, options: VideoReaderOptions, readGuard: ReadGuard) throws(VideoError) {
    let input = try InputContext(source, options: options, readGuard: readGuard)
    // FFmpeg draws text as a terminal would; nobody who passes text means that.
    if input.containerName == "tty" { throw .cannotOpen(input.name, reason: "it is a text file") }
    let index = av_find_best_stream(input.format, AVMEDIA_TYPE_VIDEO, -1, -1, nil, 0)
    guard index >= 0, let stream = input.format.pointee.streams[Int(index)],
      stream.pointee.disposition & AV_DISPOSITION_ATTACHED_PIC == 0
    else { throw .cannotOpen(input.name, reason: "it has no video stream") }
    codecID = stream.pointee.codecpar.pointee.codec_id
    codecName = String(cString: avcodec_get_name(codecID))
    guard let codec = avcodec_find_decoder(codecID) else {
      throw .cannotOpen(input.name, reason: "this build of FFmpeg has no decoder for \(codecName)")
    }
    do throws(FFmpegCode) {
      decoder = try DecoderHandle(codec: codec, stream: stream, threads: options.threads, isLive: input.isLive)
    } catch {
      throw .cannotOpen(input.name, reason: "the \(codecName) decoder refuses it: \(error.text)")
    }
    notes = Self.notes(input, chosen: stream)
    self.stream = stream
    self.input = input
    self.readGuard = readGuard
    (recorder, threads) = (options.recorder, options.threads)
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
    while !readGuard.mustStop {
      let frame = FrameHandle()
      let result = avcodec_receive_frame(decoder.pointer, frame.pointer)
      if result >= 0 {
        ledger.count(frame.pointer.pointee)
        return frame
      }
      switch result {
      case NEM_AVERROR_EOF:
        guard isChanging else { return nil }
        reopen()
      case NEM_AVERROR_EAGAIN: if isDraining { return nil } else { feed() }
      default: ledger.corruptFrames += 1
      }
    }
    if readGuard.interrupt.isSet { ledger.isInterrupted = true } else { ledger.isOverdue = true }
    return nil
  }

  /// Goes on at the key frame at or before a time stamp. Returns the stamp that this frame is shown at and how many
  /// entries of the index come before it; nil, and nothing has changed, where the container cannot do it.
  func leap(to stamp: Int64) -> (keyStamp: Int64, entriesBefore: Int)? {
    guard av_seek_frame(input.format, stream.pointee.index, stamp, AVSEEK_FLAG_BACKWARD) >= 0 else { return nil }
    avcodec_flush_buffers(decoder.pointer)
    recorder?.disconnect()
    ledger = ReadLedger()
    isDraining = false
    feed()
    let first = firstPacket ?? (stamp: Int64.max, decoding: Int64.max)
    let entry = av_index_search_timestamp(stream, first.decoding, AVSEEK_FLAG_BACKWARD | AVSEEK_FLAG_ANY)
    return (first.stamp, max(0, Int(entry)))
  }

  /// Frames so far were not wanted: their damage is of no concern.
  func forgetDamage() { ledger.corruptFrames = 0 }

  /// Hands the decoder its next packet, or the end of the stream.
  private func feed() {
    while !readGuard.mustStop {
      let result = av_read_frame(input.format, packet.pointer)
      if result == NEM_AVERROR_EAGAIN {
        // A camera without a picture yet.
        _ = readGuard.sleep(seconds: 0.005)
        continue
      }
      if result < 0 {
        ledger.end(with: result, input: input)
        isDraining = true
        avcodec_send_packet(decoder.pointer, nil)
        return
      }
      follow()
      recorder?.keep(packet.pointer, of: input, video: stream)
      if packet.pointer.pointee.stream_index == stream.pointee.index,
        stream.pointee.codecpar.pointee.codec_id != codecID
      {
        isChanging = true
        avcodec_send_packet(decoder.pointer, nil)
        return
      }
      if send() { return }
    }
  }

  /// Decodes the packet at hand if it is one of our stream's.
  private func send() -> Bool {
    defer { av_packet_unref(packet.pointer) }
    ledger.count(packet.pointer.pointee, of: stream, in: input)
    guard packet.pointer.pointee.stream_index == stream.pointee.index else { return false }
    if ledger.packets == 1 { firstPacket = (packet.pointer.pointee.pts, packet.pointer.pointee.dts) }
    if avcodec_send_packet(decoder.pointer, packet.pointer) < 0 { ledger.corruptFrames += 1 }
    return true
  }

  /// Goes over to another video stream once only that one has packets: a broadcast that changed its program.
  private func follow() {
    let index = packet.pointer.pointee.stream_index
    guard index != stream.pointee.index, let other = input.format.pointee.streams[Int(index)],
      other.pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_VIDEO
    else {
      if index == stream.pointee.index { silence = 0 }
      return
    }
    silence += 1
    guard silence > Self.patience, avcodec_find_decoder(other.pointee.codecpar.pointee.codec_id) != nil else { return }
    (stream, silence) = (other, 0)
    codecID = AV_CODEC_ID_NONE
  }

  /// The stream has another codec from the packet at hand on.
  private func reopen() {
    isChanging = false
    codecID = stream.pointee.codecpar.pointee.codec_id
    codecName = String(cString: avcodec_get_name(codecID))
    do throws(FFmpegCode) {
      guard let codec = avcodec_find_decoder(codecID) else { throw FFmpegCode(value: NEM_AVERROR_INVALIDDATA) }
      decoder = try DecoderHandle(codec: codec, stream: stream, threads: threads, isLive: input.isLive)
      _ = send()
    } catch {
      // The old decoder goes on, in vain: what cannot be decoded counts as damaged.
      ledger.corruptFrames += 1
      av_packet_unref(packet.pointer)
      avcodec_flush_buffers(decoder.pointer)
    }
  }
}
