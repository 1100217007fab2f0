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
  /// Copies parts of what is read; the same as in the options.
  public let recorder: ClipRecorder?
  /// Where its key frames lie.
  public var places: KeyPlaces { delivery.places }
  private var session: (any FrameSession)?
  private let connector: SourceConnector?
  private let delivery: FrameDelivery
  private let readGuard: ReadGuard
  private let monitor: SourceMonitor
  /// Seconds of waiting for a frame after which the monitor is told.
  private let tellingDelay: Double
  /// Counted in sessions that have ended.
  private var formerCounters = ReadCounters()
  private var lastSeen = ReadGuard.now
  /// The first frame, where it had to be looked for.
  private var held: VideoFrame?

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
    _ session: any FrameSession, _ connector: SourceConnector?, _ options: VideoReaderOptions, _ readGuard: ReadGuard
  ) throws(VideoError) {
    self.session = session
    self.connector = connector
    self.readGuard = readGuard
    (monitor, recorder) = (options.monitor, options.recorder)
    interrupt = options.interrupt
    delivery = FrameDelivery(session, options: options)
    info = VideoInfo(session, delivery, options)
    tellingDelay = info.isLive ? options.source.stallLimit : .infinity
    if let mask = options.concealed, (mask.width, mask.height) != (info.sourceWidth, info.sourceHeight) {
      throw .unsuitable(
        "the mask image",
        reason:
          "it has \(mask.width)x\(mask.height) pixels, and \(info.name) has \(info.sourceWidth)x\(info.sourceHeight)")
    }
    if options.selection.skipsBeginning { held = try firstChosen(session, options.selection) }
  }

  /// Looks for the first frame that is wanted.
  private func firstChosen(_ session: any FrameSession, _ selection: FrameSelection) throws(VideoError) -> VideoFrame {
    let origin = Double(session.firstStamp ?? 0) * session.clock.timeBase.value
    if let leap = selection.leap { session.leap(to: origin + leap) }
    if let frame = try read() { return frame }
    if outcome == .interrupted { throw .cannotRead(info.name, reason: "interrupted") }
    throw .unsuitable(info.name, reason: "it ends before the chosen part begins")
  }

  /// The next frame; nil at the end, from when on `outcome` is final. Throws `damaged` where frames decode but none can
  /// be brought into 8-bit planar form.
  public func next() throws(VideoError) -> VideoFrame? {
    if let frame = held.take() { return frame }
    return try read()
  }

  private func read() throws(VideoError) -> VideoFrame? {
    while session != nil {
      readGuard.allow(seconds: connector?.patience(isLive: info.isLive), toldAfter: tellingDelay)
      defer { readGuard.allow(seconds: nil) }
      switch try advance() {
      case .frame(let frame): return frame
      case .passedOver: continue
      case .ended: finish()
      }
    }
    if delivery.delivered == 0 && delivery.unconvertible > 0 {
      throw .damaged(info.name, reason: "its pixel format cannot be converted")
    }
    return nil
  }

  private enum Step {
    case frame(VideoFrame)
    case passedOver
    case ended
  }

  private func advance() throws(VideoError) -> Step {
    guard let session, let frame = session.next() else { return .ended }
    lastSeen = ReadGuard.now
    monitor.noteFrame()
    if let frame = delivery.deliver(frame, arrival: lastSeen) { return .frame(frame) }
    if delivery.isOver { return .ended }
    if delivery.isBeforeSelection { session.forgetDamage() }
    return .passedOver
  }

  /// Whether frames have 8 bits made of 16 by what the first one held: another reader of the source may have others.
  public var spreadsValues: Bool { delivery.spreadsValues }

  /// What was counted so far.
  public var counters: ReadCounters {
    var counters = formerCounters
    counters.decodedFrames = delivery.delivered
    counters.corruptFrames += (session?.corruptFrames ?? 0) + delivery.unconvertible
    counters.corruptPackets += session?.corruptPackets ?? 0
    counters.source = monitor.counters
    return counters
  }

  /// Ends the session and begins the next one if the source comes back.
  private func finish() {
    guard let (result, loss) = endSession() else { return }
    guard let reason = loss else {
      outcome = result
      return
    }
    guard let connector, connector.canReturn else {
      outcome = .lost(reason: reason)
      return
    }
    recorder?.disconnect()
    monitor.note(.lost(reason: reason))
    guard connector.pause() else {
      outcome = .interrupted
      return
    }
    do throws(VideoError) {
      let next = try connector.connect(lastSeen: lastSeen)
      delivery.begin(next)
      session = next
      monitor.note(.returned(after: ReadGuard.now - lastSeen))
    } catch {
      outcome = interrupt.isSet ? .interrupted : .lost(reason: "\(reason); \(error.description)")
    }
  }

  /// Closes the session's connection: a camera may serve one at a time, and a port has one owner. So nobody else may hold
  /// the session.
  private func endSession() -> (result: ReadOutcome, lossReason: String?)? {
    guard let ended = session.take() else { return nil }
    let result = ended.outcome(unconvertible: delivery.unconvertible, isPart: delivery.isOver)
    formerCounters.corruptFrames += ended.corruptFrames
    formerCounters.corruptPackets += ended.corruptPackets
    return (result, lossReason(ended, result))
  }

  /// Why a session's end is the loss of its source; nil if it is the end of the video.
  private func lossReason(_ ended: any FrameSession, _ result: ReadOutcome) -> String? {
    guard info.isLive, result != .interrupted, !delivery.isOver else { return nil }
    return ended.lossReason(idle: ReadGuard.now - lastSeen, canReturn: connector?.canReturn == true)
  }
}

extension VideoInfo {
  init(_ session: any FrameSession, _ delivery: FrameDelivery, _ options: VideoReaderOptions) {
    isLive = session.isLive
    name = session.name
    (width, height) = delivery.size
    let isTransposed = delivery.orientation.isTransposed
    sourceWidth = Int(isTransposed ? session.height : session.width)
    sourceHeight = Int(isTransposed ? session.width : session.height)
    timeBase = delivery.clock.timeBase
    frameRate = session.frameRate.map {
      Rational(numerator: $0.numerator, denominator: $0.denominator * options.selection.every)
    }
    expectedFrames = isLive ? nil : session.expectedFrames.flatMap(options.selection.count)
    duration = isLive ? nil : session.duration
    container = session.containerName
    codec = session.codecName
    rotation = delivery.orientation.degrees
    appearance = session.appearance
    notes = session.notes
  }
}
