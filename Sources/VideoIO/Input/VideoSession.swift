import CFFmpeg

/// One connection to a source, or one reading of a file: its decoded frames, and what became of it.
final class VideoSession: FrameSession {
  let decoder: FrameDecoder
  let notes: [String]
  let orientation: Orientation
  /// Stored size and pixel format of the first frame.
  let width: Int32, height: Int32, pixelFormat: AVPixelFormat
  let appearance: VideoAppearance
  let completeness: Completeness
  let firstStamp: Int64?
  private var pending: FrameHandle?
  /// Entries of the index before the place that was leapt to.
  private var skippedEntries = 0
  /// Frames back to which a frame may refer, with some to spare: 16 in H.264 and HEVC.
  private static let referenceReach = 20.0
  private let readGuard: ReadGuard

  /// Opens a source and decodes its first frame.
  init(_ source: InputSource, options: VideoReaderOptions, readGuard: ReadGuard) throws(VideoError) {
    let decoder = try FrameDecoder(source, options: options, readGuard: readGuard)
    completeness = Completeness(decoder.input, stream: decoder.stream)
    guard let first = decoder.next() else { throw Self.fault(decoder, source, options, readGuard) }
    orientation = Orientation(frame: first.pointer, stream: decoder.stream)
    (width, height) = (first.pointer.pointee.width, first.pointer.pointee.height)
    pixelFormat = first.format
    appearance = VideoAppearance(
      first.pointer.pointee,
      pixelAspect: av_guess_sample_aspect_ratio(decoder.input.format, decoder.stream, first.pointer),
      isTransposed: orientation.isTransposed)
    var notes = decoder.notes
    if case .bytes(_, _, let more) = source { notes = more + notes }
    self.notes = notes
    self.decoder = decoder
    self.readGuard = readGuard
    let stamp = first.pointer.pointee.best_effort_timestamp
    firstStamp = stamp == NEM_AV_NOPTS_VALUE ? nil : stamp
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

  var isLive: Bool { decoder.input.isLive }
  var name: String { decoder.input.name }
  var containerName: String { decoder.input.containerName }
  var codecName: String { decoder.codecName }
  var expectedFrames: Int? { completeness.expectedFrames }
  var duration: Double? { completeness.duration }
  var corruptFrames: Int { decoder.ledger.corruptFrames }
  var corruptPackets: Int { decoder.ledger.corruptPackets }

  var frameRate: Rational? {
    let stream = decoder.stream.pointee
    // Of headerless frames FFmpeg knows the rate it was told, and no average.
    let rate = containerName == "rawvideo" ? stream.r_frame_rate : stream.avg_frame_rate
    guard rate.num > 0 && rate.den > 0 && !(isLive && clock.isInvented) else { return nil }
    return Rational(numerator: Int(rate.num), denominator: Int(rate.den))
  }

  /// Whether the stream said itself that it is over, as only playlists and pipes do.
  private var isPlaylistEnd: Bool { containerName.hasPrefix("hls") || containerName == "dash" }

  func outcome(unconvertible: Int, isPart: Bool) -> ReadOutcome {
    var ledger = decoder.ledger
    ledger.corruptFrames += unconvertible
    if isPart { return completeness.outcome(ofPart: ledger) }
    let indexed = Int(avformat_index_get_entries_count(decoder.stream)) - skippedEntries
    return completeness.outcome(of: ledger, indexed: indexed)
  }

  func lossReason(idle: Double, canReturn: Bool) -> String? {
    let ledger = decoder.ledger
    if ledger.isOverdue { return "no frame came for \(Int(idle)) s" }
    if let fault = ledger.fault { return fault.text }
    let endsItself = isPlaylistEnd || (decoder.input.bytes != nil && !canReturn)
    return endsItself ? nil : "the stream ended"
  }

  func forgetDamage() { decoder.forgetDamage() }

  /// Leaps in containers whose index names key frames; all else is read from the beginning on. A key frame that is
  /// shown after `seconds` was too late, and the leap is tried from farther ahead.
  func leap(to seconds: Double) {
    let names = containerName.split(separator: ",")
    guard !isLive, decoder.input.bytes?.isSeekable == true, names.contains("mov") || names.contains("matroska") else {
      return
    }
    let base = clock.timeBase.value
    if firstStamp.map({ Double($0) * base >= seconds }) ?? true { return }
    // Frames soon after a key frame may refer to what came before it: decoders drop or patch them.
    var margin = max(1, Self.referenceReach * Double(clock.interval) * base)
    while let firstStamp {
      let target = Int64((seconds - margin) / base)
      guard let place = decoder.leap(to: max(firstStamp, target)) else { return }
      skippedEntries = place.entriesBefore
      pending = decoder.next()
      if target <= firstStamp || Double(place.keyStamp) * base <= seconds - margin / 2 { return }
      margin *= 2
    }
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
