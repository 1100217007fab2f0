@preconcurrency import Glibc
import VideoIO

/// Ctrl-C and SIGTERM: the run finishes the frames it has, closes its files and ends with exit code 75.
enum Interruption {
  /// Set by the signal handler; the reader looks at it.
  static let flag = InterruptFlag()

  /// Installs the handlers. A second signal ends the program at once.
  static func install() {
    _ = flag
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        Interruption.flag.set()
        signal(number, SIG_DFL)
      }
    }
    signal(SIGPIPE, SIG_IGN)
  }
}
