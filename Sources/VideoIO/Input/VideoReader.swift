import CFFmpeg

/// Reads a video frame by frame in presentation order. One thread at a time may use it; the frames may go anywhere.
///
/// Damage never ends the reading: what decodes is delivered, and `outcome` says afterwards what was missing. A live
/// source that is lost is opened again as `SourceOptions.retry` says, and its frames go on with the next number.
public final class VideoReader {
  /// What is known of the video.
  public let info: VideoInfo
  /// How the reading ended; `.reading` until `next()` has returned nil.
  public private(set) var outcome = ReadOutcome.reading
  /// Set it from any thread to end the reading; the same flag as in the options.
  public let interrupt: InterruptFlag
  private var session: VideoSession?
  private let connector: SourceConnector?
  private let delivery: FrameDelivery
  private let readGuard: ReadGuard
  private let monitor: SourceMonitor
  /// Seconds of waiting for a frame after which the monitor is told.
  private let tellingDelay: Double
  /// Counted in sessions that have ended.
  private var formerCounters = ReadCounters()
  private var reconnects = 0
  private var lastSeen = ReadGuard.now

  /// Opens an address and decodes the first frame. Throws `notFound`, `cannotRead`, `cannotOpen`, `unreachable`,
  /// `protocolNotAllowed`, or, for a piped file with its index at the end, `spoolLimit` and write errors.
  public convenience init(
    _ address: SourceAddress, options: VideoReaderOptions = VideoReaderOptions()
  ) throws(VideoError) {
    let readGuard = ReadGuard(options.interrupt, monitor: options.monitor)
    let connector = SourceConnector(address, options: options, readGuard: readGuard, monitor: options.monitor)
    try self.init(try connector.connect(lastSeen: ReadGuard.now), connector, options, readGuard)
  }

  /// Opens what `SourceAddress` reads from a text.
  public convenience init(
    _ input: String, options: VideoReaderOptions = VideoReaderOptions()
  ) throws(VideoError) {
    try self.init(SourceAddress(input), options: options)
  }

  /// Reads an open file or pipe that stays the caller's to close; `name` is what messages call it.
  public convenience init(
    descriptor: Int32, name: String, options: VideoReaderOptions = VideoReaderOptions()
  ) throws(VideoError) {
    let readGuard = ReadGuard(options.interrupt, monitor: options.monitor)
    let source = try InputSource.open(descriptor: descriptor, name: name, options: options, readGuard: readGuard)
    try self.init(VideoSession(source, options: options, readGuard: readGuard), nil, options, readGuard)
  }

  private init(
    _ session: VideoSession, _ connector: SourceConnector?, _ options: VideoReaderOptions, _ readGuard: ReadGuard
  ) throws(VideoError) {
    self.session = session
    self.connector = connector
    self.readGuard = readGuard
    monitor = options.monitor
    interrupt = options.interrupt
    delivery = FrameDelivery(session, monitor: monitor)
    info = VideoInfo(session, delivery)
    tellingDelay = info.isLive ? options.source.stallLimit : .infinity
  }

  /// The next frame; nil at the end, from when on `outcome` is final. Throws `damaged` where frames decode but none can
  /// be brought into 8-bit planar form.
  public func next() throws(VideoError) -> VideoFrame? {
    while let session {
      readGuard.allow(seconds: connector?.patience(isLive: info.isLive), toldAfter: tellingDelay)
      defer { readGuard.allow(seconds: nil) }
      if let frame = session.next() {
        lastSeen = ReadGuard.now
        monitor.noteFrame()
        if let frame = delivery.deliver(frame, arrival: lastSeen) { return frame }
      } else {
        finish(session)
      }
    }
    if delivery.delivered == 0 && delivery.unconvertible > 0 {
      throw .damaged(info.name, reason: "its pixel format cannot be converted")
    }
    return nil
  }

  /// What was counted so far.
  public var counters: ReadCounters {
    var counters = formerCounters
    counters.decodedFrames = delivery.delivered
    counters.corruptFrames += (session?.decoder.ledger.corruptFrames ?? 0) + delivery.unconvertible
    counters.corruptPackets += session?.decoder.ledger.corruptPackets ?? 0
    counters.source.reconnects = reconnects
    counters.source.clockJumps = delivery.clock.jumps
    counters.source.pictureChanges = delivery.pictureChanges
    return counters
  }

  /// Ends a session and begins the next one if the source comes back.
  private func finish(_ ended: VideoSession) {
    let result = ended.outcome(unconvertible: delivery.unconvertible)
    formerCounters.corruptFrames += ended.decoder.ledger.corruptFrames
    formerCounters.corruptPackets += ended.decoder.ledger.corruptPackets
    // Connections are closed before the next is made.
    session = nil
    guard let reason = lossReason(ended, result) else {
      outcome = result
      return
    }
    guard let connector, connector.canReturn else {
      outcome = .lost(reason: reason)
      return
    }
    monitor.note(.lost(reason: reason))
    guard connector.pause() else {
      outcome = .interrupted
      return
    }
    do throws(VideoError) {
      let next = try connector.connect(lastSeen: lastSeen)
      delivery.begin(next)
      session = next
      reconnects += 1
      monitor.note(.returned(after: ReadGuard.now - lastSeen))
    } catch {
      outcome = interrupt.isSet ? .interrupted : .lost(reason: "\(reason); \(error.description)")
    }
  }

  /// Why a session's end is the loss of its source; nil if it is the end of the video.
  private func lossReason(_ ended: VideoSession, _ result: ReadOutcome) -> String? {
    guard info.isLive, result != .interrupted else { return nil }
    let ledger = ended.decoder.ledger
    if ledger.isOverdue { return "no frame came for \(Int(ReadGuard.now - lastSeen)) s" }
    if let fault = ledger.fault { return fault.text }
    let endsItself = ended.isPlaylistEnd || (ended.decoder.input.bytes != nil && connector?.canReturn != true)
    return endsItself ? nil : "the stream ended"
  }
}

extension VideoInfo {
  init(_ session: VideoSession, _ delivery: FrameDelivery) {
    let stream = session.decoder.stream.pointee
    // Of headerless frames FFmpeg knows the rate it was told, and no average.
    let rate = session.decoder.input.containerName == "rawvideo" ? stream.r_frame_rate : stream.avg_frame_rate
    isLive = session.isLive
    name = session.decoder.input.name
    width = delivery.size.width
    height = delivery.size.height
    timeBase = delivery.clock.timeBase
    frameRate =
      rate.num > 0 && rate.den > 0 && !(isLive && session.clock.isInvented)
      ? Rational(numerator: Int(rate.num), denominator: Int(rate.den)) : nil
    expectedFrames = isLive ? nil : session.completeness.expectedFrames
    duration = isLive ? nil : session.completeness.duration
    container = session.decoder.input.containerName
    codec = session.decoder.codecName
    rotation = delivery.orientation.degrees
    notes = session.notes
  }
}
