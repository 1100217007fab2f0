import CFFmpeg

/// One connection to a source, or one reading of a file: its decoded frames, and what became of it.
final class VideoSession {
  let decoder: FrameDecoder
  let notes: [String]
  let orientation: Orientation
  /// Stored size and pixel format of the first frame.
  let width: Int32, height: Int32, pixelFormat: AVPixelFormat
  let completeness: Completeness
  private var pending: FrameHandle?
  private let readGuard: ReadGuard

  /// Opens a source and decodes its first frame.
  init(_ source: InputSource, options: VideoReaderOptions, readGuard: ReadGuard) throws(VideoError) {
    let decoder = try FrameDecoder(source, options: options, readGuard: readGuard)
    completeness = Completeness(decoder.input, stream: decoder.stream)
    guard let first = decoder.next() else { throw Self.fault(decoder, source, options, readGuard) }
    orientation = Orientation(frame: first.pointer, stream: decoder.stream)
    (width, height) = (first.pointer.pointee.width, first.pointer.pointee.height)
    pixelFormat = first.format
    var notes = decoder.notes
    if case .bytes(_, _, let more) = source { notes = more + notes }
    self.notes = notes
    self.decoder = decoder
    self.readGuard = readGuard
    pending = consume first
  }

  private static func fault(
    _ decoder: FrameDecoder, _ source: InputSource, _ options: VideoReaderOptions, _ readGuard: ReadGuard
  ) -> VideoError {
    let name = decoder.input.name
    if readGuard.interrupt.isSet { return .cannotRead(name, reason: "interrupted") }
    if let failure = decoder.input.bytes?.failure, failure != 0 {
      return .cannotRead(name, reason: systemMessage(failure))
    }
    if case .address = source, readGuard.isOverdue {
      return .unreachable(name, reason: "no frame within \(Int(options.source.openTimeout)) s")
    }
    return .cannotOpen(name, reason: "no frame of its \(decoder.codecName) stream can be decoded")
  }

  /// The next frame as the decoder made it; nil at the end.
  func next() -> FrameHandle? {
    if readGuard.interrupt.isSet { return decoder.next() }
    return pending.take() ?? decoder.next()
  }

  /// Whether the source goes on for ever, so that frames may be dropped to keep up.
  var isLive: Bool { decoder.input.isLive }

  /// Whether the stream said itself that it is over, as only playlists and pipes do.
  var isPlaylistEnd: Bool { decoder.input.containerName.hasPrefix("hls") || decoder.input.containerName == "dash" }

  /// How the session ended, `unconvertible` of its frames not having been delivered.
  func outcome(unconvertible: Int) -> ReadOutcome {
    var ledger = decoder.ledger
    ledger.corruptFrames += unconvertible
    return completeness.outcome(of: ledger, indexed: Int(avformat_index_get_entries_count(decoder.stream)))
  }

  /// Time stamps as the stream describes them.
  var clock: StreamClock {
    let stream = decoder.stream.pointee
    let rate = stream.avg_frame_rate
    let interval =
      rate.num > 0 && rate.den > 0
      ? max(1, av_rescale_q(1, AVRational(num: rate.den, den: rate.num), stream.time_base)) : 1
    let bits = stream.pts_wrap_bits
    let name = decoder.input.containerName
    let isUnstamped = decoder.input.format.pointee.iformat.pointee.flags & AVFMT_NOTIMESTAMPS != 0
    return StreamClock(
      timeBase: Rational(numerator: Int(stream.time_base.num), denominator: Int(stream.time_base.den)),
      interval: interval, period: (1..<62).contains(bits) ? Int64(1) << Int64(bits) : nil,
      isInvented: isUnstamped || name == "mpjpeg")
  }
}
