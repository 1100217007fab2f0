import Glibc
import Synchronization

/// Says when a blocking operation has to give up: once the user stops the program, or once its time is over. FFmpeg asks
/// it from within its reads.
final class ReadGuard: Sendable {
  let interrupt: InterruptFlag
  private let deadline = Atomic<Double>(.infinity)
  /// When the wait is long enough to be told.
  private let patienceEnd = Atomic<Double>(.infinity)

  private let monitor: SourceMonitor

  init(_ interrupt: InterruptFlag, monitor: SourceMonitor) { (self.interrupt, self.monitor) = (interrupt, monitor) }

  /// Seconds of a clock that only goes forward.
  static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  /// Whether the time is over.
  var isOverdue: Bool { Self.now >= deadline.load(ordering: .relaxed) }

  /// Whether the operation has to end. Who waits asks some times per second.
  var mustStop: Bool {
    monitor.giveSign()
    if Self.now >= patienceEnd.load(ordering: .relaxed) {
      patienceEnd.store(.infinity, ordering: .relaxed)
      monitor.note(.silent)
    }
    return interrupt.isSet || isOverdue
  }

  /// Gives what follows so many seconds, nil for any time it takes, and tells the monitor of a wait of `toldAfter`.
  func allow(seconds: Double?, toldAfter: Double = .infinity) {
    let now = Self.now
    deadline.store(seconds.map { now + $0 } ?? .infinity, ordering: .relaxed)
    patienceEnd.store(now + toldAfter, ordering: .relaxed)
  }

  /// Sleeps; false once the program is to stop. The signal handler can only set a flag, so it is looked at.
  func sleep(seconds: Double) -> Bool {
    let end = Self.now + seconds
    while !interrupt.isSet {
      let left = end - Self.now
      if left <= 0 { return true }
      usleep(UInt32(min(left, 0.1) * 1e6))
    }
    return false
  }
}
