@preconcurrency import Glibc
import VideoIO

/// Ctrl-C and SIGTERM: the run finishes the frames it has, closes its files and ends with exit code 75.
enum Interruption {
  /// Set by the signal handler; the reader looks at it.
  static let flag = InterruptFlag()

  /// Installs the handlers. A second signal ends the program at once.
  static func install() {
    _ = flag
    var stops = sigset_t()
    sigemptyset(&stops)
    for number in [SIGINT, SIGTERM] {
      sigaddset(&stops, number)
      signal(number) { number in
        Interruption.flag.set()
        signal(number, SIG_DFL)
      }
    }
    // A parent may have started us with its own signals blocked.
    pthread_sigmask(SIG_UNBLOCK, &stops, nil)
    signal(SIGPIPE, SIG_IGN)
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
