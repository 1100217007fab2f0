import Foundation
import Synchronization

/// Watches a run from a thread of its own: tells systemd that it is ready, feeds the watchdog while the run gets on, and
/// reloads the configuration on request.
///
/// The watchdog is fed by frames that have gone through all stages, or by a source that waits in good health for its
/// return; a run that hangs, or a process that is stopped, is found out.
public final class Supervisor: Sendable {
  /// Seconds between looks.
  private static let interval = 0.1
  private static let statusInterval = 5.0
  /// Seconds that the start may take from the last sign of life on.
  private static let startExtension = 30
  private let notifier: ServiceNotifier
  private let health: RunHealth
  private let reloadRequest: ReloadRequest
  private let reload: @Sendable () -> Void
  private let end = DispatchSemaphore(value: 0)
  private let hasEnded = DispatchSemaphore(value: 0)

  /// A supervisor; `reload` is called on its thread for each request.
  public init(
    notifier: ServiceNotifier, health: RunHealth, reloadRequest: ReloadRequest,
    reload: @escaping @Sendable () -> Void
  ) {
    self.notifier = notifier
    self.health = health
    self.reloadRequest = reloadRequest
    self.reload = reload
  }

  /// Starts to watch.
  public func start() {
    let thread = Thread { [self] in
      watch()
      hasEnded.signal()
    }
    thread.name = "supervisor"
    thread.start()
  }

  /// Ends the watch; call once, after `start`.
  public func stop() {
    end.signal()
    hasEnded.wait()
  }

  private func watch() {
    var state = WatchState()
    repeat {
      let now = health.snapshot
      let hasProgress = now.frames > state.frames || now.isWaiting
      if state.isReady {
        if hasProgress { feed(&state) }
      } else if now.frames > 0 {
        state.isReady = true
        notifier.ready(Self.status(now))
      } else if now.isWaiting {
        extendStart(&state)
      }
      state.frames = now.frames
      say(now, &state)
      if reloadRequest.take() { answerReload(now, isReady: state.isReady) }
    } while end.wait(timeout: .now() + Self.interval) == .timedOut
    notifier.stopping()
  }

  private func feed(_ state: inout WatchState) {
    guard let limit = notifier.watchdogSeconds, state.isDue(\.lastFeed, every: limit / 4) else { return }
    notifier.feedWatchdog()
  }

  private func extendStart(_ state: inout WatchState) {
    guard state.isDue(\.lastFeed, every: 5) else { return }
    notifier.extendStart(seconds: Self.startExtension)
  }

  private func say(_ now: RunHealth.Snapshot, _ state: inout WatchState) {
    let text = Self.status(now)
    guard text != state.status, state.isDue(\.lastStatus, every: Self.statusInterval) else { return }
    state.status = text
    notifier.status(text)
  }

  private func answerReload(_ now: RunHealth.Snapshot, isReady: Bool) {
    // A service that was not ready stays so.
    if isReady { notifier.reloading() }
    reload()
    if isReady { notifier.ready(Self.status(now)) }
  }

  /// A line for people.
  static func status(_ now: RunHealth.Snapshot) -> String {
    let source = now.isWaiting ? "waiting for the source" : nil
    let output = now.outputFault.map { "not writing: \($0)" }
    let frames =
      now.frames == 0
      ? "waiting for the first frame"
      : String(format: "%d frames, %.1f fps, %d objects", now.frames, now.frameRate, now.lastFrame?.objects.count ?? 0)
    return [frames, source, output].compactMap { $0 }.joined(separator: "; ")
  }
}

/// What the supervisor remembers between looks.
private struct WatchState {
  var isReady = false
  var frames = 0
  var status = ""
  var lastFeed: DispatchTime?
  var lastStatus: DispatchTime?

  /// Whether `seconds` have passed since the last time; if so, this is the last time.
  mutating func isDue(_ last: WritableKeyPath<WatchState, DispatchTime?>, every seconds: Double) -> Bool {
    let now = DispatchTime.now()
    if let before = self[keyPath: last], now < before + seconds { return false }
    self[keyPath: last] = now
    return true
  }
}

/// A request that a signal handler may make.
public final class ReloadRequest: Sendable {
  private let flag = Atomic<Bool>(false)

  /// No request yet.
  public init() {}

  /// Makes the request.
  public func make() { flag.store(true, ordering: .relaxed) }

  /// Whether there was one; it is answered then.
  func take() -> Bool { flag.exchange(false, ordering: .relaxed) }
}
