import CSpawn
import Glibc

/// A program that was started without a shell, in a process group of its own.
struct HookProcess {
  /// How a program ended.
  enum End: Equatable {
    case exited(Int32)
    case signalled(Int32)
    /// It took too long, and was killed with all that it had started.
    case killed
  }

  private static let pollInterval: UInt32 = 5_000
  private let identifier: pid_t

  /// Starts a program: standard input is empty, what it prints goes to our standard error, and our other
  /// files are closed in it: FFmpeg marks its own only after it has opened them. Fails with the system's error number.
  init?(_ command: [String], environment: [String: String], failure: inout Int32) {
    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO)
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1)
    var (all, none) = (sigset_t(), sigset_t())
    sigfillset(&all)
    sigemptyset(&none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
    var arguments = command.map { strdup($0) } + [nil]
    var variables = environment.sorted { $0.key < $1.key }.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for text in arguments + variables { free(text) } }
    var made: pid_t = 0
    failure = posix_spawnp(&made, command[0], &actions, &attributes, &arguments, &variables)
    guard failure == 0 else { return nil }
    identifier = made
  }

  /// Waits for its end, or for `isOver`, which kills it. It is reaped in any case.
  func wait(until isOver: () -> Bool) -> End {
    var status: Int32 = 0
    while true {
      let result = waitpid(identifier, &status, WNOHANG)
      if result == identifier {
        let signal = status & 0x7F
        return signal == 0 ? .exited(status >> 8 & 0xFF) : .signalled(signal)
      }
      if result < 0 && errno != EINTR { return .exited(0) }
      if isOver() { break }
      usleep(Self.pollInterval)
    }
    kill(-identifier, SIGKILL)
    // It may have left its group.
    kill(identifier, SIGKILL)
    while waitpid(identifier, &status, 0) < 0 && errno == EINTR {}
    return .killed
  }
}
