import Synchronization

/// What happens to a source that is not a plain file.
public enum SourceEvent: Sendable, Equatable {
  /// It cannot be reached; tried again after `delay` seconds.
  case unreachable(reason: String, delay: Double)
  /// It was there, and is gone; `reason` says how that showed.
  case lost(reason: String)
  /// It has been there for long without a frame, and is waited for.
  case silent
  /// It is there again, `seconds` after its last frame.
  case returned(after: Double)
  /// Its pictures changed; they are brought to the first size. `restarts` where the tracker starts anew.
  case changed(width: Int, height: Int, restarts: Bool)
  /// Its values of 16 bits fill a small part of them: those from `low` to `high` become black to white. `restarts` where
  /// the tracker starts anew.
  case valuesNarrowed(low: Int, high: Int, restarts: Bool)
  /// Its clock went backwards, wrapped or leapt; time goes on from the last frame.
  case clockJumped
}

/// What was counted of a source besides frames.
public struct SourceCounters: Sendable, Equatable, Codable {
  /// How often it was lost and came back.
  public var reconnects = 0
  /// How often its clock wrapped, leapt or went backwards.
  public var clockJumps = 0
  /// How often its picture changed in size, sampling or range.
  public var pictureChanges = 0

  /// Nothing yet.
  public init() {}

  /// What came after `earlier`.
  package func since(_ earlier: SourceCounters) -> SourceCounters {
    var rest = self
    rest.reconnects -= earlier.reconnects
    rest.clockJumps -= earlier.clockJumps
    rest.pictureChanges -= earlier.pictureChanges
    return rest
  }

  private enum CodingKeys: String, CodingKey {
    case reconnects
    case clockJumps = "clock_jumps"
    case pictureChanges = "picture_changes"
  }
}

/// Lets other threads see how a source does while a reader is busy with it.
public final class SourceMonitor: Sendable {
  private let onEvent: @Sendable (SourceEvent) -> Void
  private let lastSign = Atomic<Double>(ReadGuard.now)
  private let lastFrame = Atomic<Double>(-.infinity)
  private let isWaitingFlag = Atomic<Bool>(false)
  private let tally = Mutex(SourceCounters())

  /// A monitor; `onEvent` is called on the reading thread.
  public init(onEvent: @escaping @Sendable (SourceEvent) -> Void = { _ in }) { self.onEvent = onEvent }

  /// Seconds since the reader last did something: read a frame, or waited in good health for the source to return. A
  /// watchdog may be fed while this is short.
  public var idleSeconds: Double { ReadGuard.now - lastSign.load(ordering: .relaxed) }

  /// Seconds since the last frame; infinite before the first.
  public var frameAge: Double { ReadGuard.now - lastFrame.load(ordering: .relaxed) }

  /// Whether the source is lost or not yet reached, and the reader waits to try again.
  public var isWaiting: Bool { isWaitingFlag.load(ordering: .relaxed) }

  /// What has happened to the source since the monitor was made.
  public var counters: SourceCounters { tally.withLock { $0 } }

  func note(_ event: SourceEvent) {
    tally.withLock { tally in
      switch event {
      case .returned: tally.reconnects += 1
      case .clockJumped: tally.clockJumps += 1
      case .changed: tally.pictureChanges += 1
      case .unreachable, .lost, .silent, .valuesNarrowed: break
      }
    }
    onEvent(event)
  }

  /// The reader lives.
  func giveSign() { lastSign.store(ReadGuard.now, ordering: .relaxed) }

  /// The reader waits until it tries again.
  func noteWait() {
    giveSign()
    isWaitingFlag.store(true, ordering: .relaxed)
  }

  func noteFrame() {
    giveSign()
    isWaitingFlag.store(false, ordering: .relaxed)
    lastFrame.store(ReadGuard.now, ordering: .relaxed)
  }
}
