import Daemon
@preconcurrency import Glibc
import Pipeline
import VideoIO

/// Ctrl-C, SIGTERM and a terminal that is gone: the run finishes the frames it has, closes its files and ends with exit
/// code 75.
enum Interruption {
  /// Set by the signal handler; the reader looks at it.
  static let flag = InterruptFlag()

  /// Seconds in which a second signal is taken for the first: `timeout` and some terminals send each twice.
  private static let doubling = 0.5
  nonisolated(unsafe) private static var firstSignal = 0.0

  /// Installs the handlers. A second signal, unless it comes with the first, ends the program at once.
  static func install() {
    _ = (flag, checkpoint)
    signal(SIGUSR1) { _ in Interruption.checkpoint.make() }
    var stops = sigset_t()
    sigemptyset(&stops)
    sigaddset(&stops, SIGUSR1)
    // Under nohup a terminal that is gone is no reason to stop.
    for number in ignores(SIGHUP) ? [SIGINT, SIGTERM] : [SIGHUP, SIGINT, SIGTERM] {
      sigaddset(&stops, number)
      signal(number) { number in
        Interruption.stop(number)
      }
    }
    // A parent may have started us with its own signals blocked.
    pthread_sigmask(SIG_UNBLOCK, &stops, nil)
    signal(SIGPIPE, SIG_IGN)
    // The Swift runtime takes Ctrl-\\ for a crash of the program.
    signal(SIGQUIT, SIG_DFL)
  }

  /// Whether our parent wants a signal ignored.
  private static func ignores(_ number: Int32) -> Bool {
    var action = sigaction()
    sigaction(number, nil, &action)
    return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }

  /// What a signal handler may do: no memory, no locks.
  private static func stop(_ number: Int32) {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    let time = Double(now.tv_sec) + Double(now.tv_nsec) * 1e-9
    guard flag.isSet else {
      firstSignal = time
      return flag.set()
    }
    guard time - firstSignal > doubling else { return }
    signal(number, SIG_DFL)
    raise(number)
  }

  /// Made by SIGUSR1.
  static let checkpoint = CheckpointRequest()

  /// Set by SIGHUP, once `installReload` was called.
  static let reload = ReloadRequest()

  /// Makes SIGHUP ask for the configuration to be read again, instead of stopping the run.
  static func installReload() {
    _ = reload
    signal(SIGHUP) { _ in Interruption.reload.make() }
    var hangUp = sigset_t()
    sigemptyset(&hangUp)
    sigaddset(&hangUp, SIGHUP)
    pthread_sigmask(SIG_UNBLOCK, &hangUp, nil)
  }

  /// Opens an input, which may wait for a silent pipe: a failure after the user's stop is the stop, in `state`.
  static func reading<Result>(_ state: String, open: () throws -> Result) throws -> Result {
    do {
      return try open()
    } catch {
      if flag.isSet { throw CommandFault.interrupted(state) }
      throw error
    }
  }
}
