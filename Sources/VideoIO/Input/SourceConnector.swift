/// Opens a source, again and again where that is wanted.
final class SourceConnector {
  private let address: SourceAddress
  private let options: VideoReaderOptions
  private let readGuard: ReadGuard
  private let monitor: SourceMonitor
  private var backOff = BackOff()

  init(_ address: SourceAddress, options: VideoReaderOptions, readGuard: ReadGuard, monitor: SourceMonitor) {
    (self.address, self.options, self.readGuard, self.monitor) = (address, options, readGuard, monitor)
  }

  /// Whether a lost source can be opened again: standard input cannot.
  var canReturn: Bool { options.source.retry != .never && (address.isRemote || address.kind == .namedPipe) }

  /// Seconds that reading a frame may take; nil for any. A download goes on where it was cut and a silent pipe cannot be
  /// asked again, so they are waited for as long as another source would be tried.
  func patience(isLive: Bool) -> Double? {
    let limit = options.source.stallLimit
    if address.isRemote && isLive { return limit }
    guard address.isRemote || isLive else { return nil }
    switch options.source.retry {
    case .never: return limit
    case .for(let seconds): return limit + seconds
    case .forever: return nil
    }
  }

  /// Waits before the first try to find a lost source again.
  func pause() -> Bool { wait(seconds: backOff.next()) }

  /// Opens the source and decodes its first frame. `lastSeen` is when it was there last. Throws the last try's error.
  func connect(lastSeen: Double) throws(VideoError) -> any FrameSession {
    var told: String?
    while true {
      readGuard.allow(seconds: openingTime(lastSeen: lastSeen), toldAfter: toldAfter)
      if address.kind == .namedPipe { monitor.noteWait() }
      defer { readGuard.allow(seconds: nil) }
      do throws(VideoError) {
        let session = try open()
        backOff.reset()
        return session
      } catch {
        readGuard.allow(seconds: nil)
        let elapsed = ReadGuard.now - lastSeen
        guard canReturn, !readGuard.interrupt.isSet, error.mayPass, options.source.retry.allows(after: elapsed) else {
          throw error
        }
        try wait(after: error, elapsed: elapsed, told: &told)
      }
    }
  }

  /// Least time that a writer of a named pipe is looked for.
  private static let leastWait = 0.2

  /// Seconds after which it is told that a named pipe is waited for.
  private var toldAfter: Double { address.kind == .namedPipe ? 1 : .infinity }

  /// Seconds that opening may take, of a named pipe until it has a writer; nil for any.
  private func openingTime(lastSeen: Double) -> Double? {
    if address.isRemote { return options.source.openTimeout }
    guard address.kind == .namedPipe, case .for(let seconds) = options.source.retry else { return nil }
    return max(Self.leastWait, lastSeen + seconds - ReadGuard.now)
  }

  private func open() throws(VideoError) -> any FrameSession {
    if address.isPictures { return try PictureSession(address, options: options, readGuard: readGuard) }
    let source = try InputSource.open(address, options: options, readGuard: readGuard)
    return try VideoSession(source, options: options, readGuard: readGuard)
  }

  /// Waits for the next try. The same reason is told once.
  private func wait(after error: VideoError, elapsed: Double, told: inout String?) throws(VideoError) {
    var delay = backOff.next()
    if case .for(let seconds) = options.source.retry { delay = min(delay, seconds - elapsed) }
    if told != error.description { monitor.note(.unreachable(reason: error.description, delay: delay)) }
    told = error.description
    if !wait(seconds: delay) { throw .cannotRead(address.description, reason: "interrupted") }
  }

  /// False once the program is to stop.
  private func wait(seconds: Double) -> Bool {
    let end = ReadGuard.now + seconds
    while ReadGuard.now < end {
      monitor.noteWait()
      if !readGuard.sleep(seconds: min(1, max(0, end - ReadGuard.now))) { return false }
    }
    return true
  }
}

extension VideoError {
  /// Whether a fault of opening may pass by itself.
  fileprivate var mayPass: Bool {
    switch self {
    case .notFound, .cannotOpen, .cannotRead, .damaged, .unreachable: true
    case .protocolNotAllowed, .cannotCreate, .writeFailed, .readerGone, .spoolLimit, .invalidRawFormat, .unsuitable:
      false
    }
  }
}
