import Foundation

/// Applies the retention limits every minute, that of bytes at the end too, and all at once when the disk is full, on a
/// thread of its own: deleting may take long, and no frame waits for it.
package final class RetentionKeeper: @unchecked Sendable {
  private let root: String
  private let settings: LiveSettings
  private let log: EventLog
  private let interval: Double
  private let wakeUp = DispatchSemaphore(value: 0)
  private let hasEnded = DispatchSemaphore(value: 0)
  private let lock = NSLock()
  private var isStopping = false

  /// A keeper of the segments in `root` and of the clips; it looks at them every `interval` seconds.
  package init(root: String, settings: LiveSettings, log: EventLog, interval: Double = 60) {
    (self.root, self.settings, self.log, self.interval) = (root, settings, log, interval)
  }

  /// Starts the thread.
  package func start() {
    let thread = Thread { [self] in
      keep()
      hasEnded.signal()
    }
    thread.name = "retention"
    thread.start()
  }

  /// Has the limits applied now.
  package func wake() { wakeUp.signal() }

  /// Applies the limit of bytes a last time and ends the thread; call once, after `start`.
  package func stop() {
    lock.withLock { isStopping = true }
    wakeUp.signal()
    hasEnded.wait()
  }

  private func keep() {
    var retention = Retention(root: root, clips: settings.values.clips)
    var clock = ClockWatch()
    while true {
      let isLast = lock.withLock { isStopping }
      let all = RetentionLimits(settings.values)
      // Nothing more is going to be written: the room and the ages can wait for the next run.
      let limits = isLast ? RetentionLimits(bytes: all.bytes) : all
      let (now, steady) = (Date(), Double(DispatchTime.now().uptimeNanoseconds) * 1e-9)
      if let jump = clock.observe(day: now.timeIntervalSince1970, steady: steady) {
        log.note(
          .warning, "clock",
          String(format: "the clock leapt by %.0f s; no segment is deleted for its age for now", jump),
          ["seconds": .number(jump)])
      }
      let knowsAges = clock.tellsAges(of: limits.age, steady: steady)
      report(retention.apply(limits, now: knowsAges ? now : nil))
      if isLast { return }
      _ = wakeUp.wait(timeout: .now() + interval)
    }
  }

  private func report(_ deletions: [Retention.Deletion]) {
    for item in deletions {
      let fields: [String: SettingValue] = ["path": .text(item.path), "limit": .text(item.reason)]
      if let failure = item.failure {
        log.note(.warning, "retention", "cannot delete \(item.path): \(failure)", fields)
      } else {
        log.note(.info, "retention", "deleted \(item.path) (retention_\(item.reason))", fields)
      }
    }
  }
}
