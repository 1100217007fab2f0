import ArgumentParser
import Daemon
import Foundation
import Synchronization
import VideoIO

/// The command line: `nem-stream INPUT --masks DIR`, and the commands around it.
@main
struct NEMStream: ParsableCommand {
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "nem-stream",
    abstract: "Turns video into one mask stream per moving object.",
    discussion: """
      Example: nem-stream input.mp4 --masks out/

      Exit codes: 0 complete, 64 usage, 65 input damaged or truncated, 66 input missing, 69 source \
      unreachable or lost, 73 cannot create output, 74 I/O error, 75 interrupted, 78 bad configuration.
      """,
    version: version,
    subcommands: [
      RunCommand.self, TrainCommand.self, EvaluateCommand.self, GenerateCommand.self, BenchCommand.self,
      ReproduceCommand.self, InspectCommand.self, CheckConfigCommand.self, ManualCommand.self,
      CompleteCommand.self,
    ],
    defaultSubcommand: RunCommand.self)

  /// Parses, runs, and turns every error into one line and its exit code.
  static func main() {
    Console.reserve()
    // A file at its limit is a failed write, not the end of the program.
    signal(SIGXFSZ, SIG_IGN)
    do {
      try checkArguments()
      if let script = CompleteCommand.script(askedBy: CommandLine.arguments) { return try Console.printWhole(script) }
      var command = try parseAsRoot()
      try command.run()
      flushOutput()
    } catch let error as any FaultReport {
      Console.error("\(error)")
      Foundation.exit(error.exitCode)
    } catch let error as CocoaError {
      Console.error(error.localizedDescription)
      Foundation.exit(74)
    } catch {
      guard exitCode(for: error) == .success else {
        Console.write(OptionHint.applied(to: fullMessage(for: error)) + "\n")
        Foundation.exit(exitCode(for: error).rawValue)
      }
      if let message = OptionHint.forUnasked(help: CommandLine.arguments.dropFirst()) {
        Console.write(message + "\n")
        Foundation.exit(64)
      }
      do {
        try Console.printWhole(fullMessage(for: error) + "\n")
      } catch {
        Console.error("\(error)")
        Foundation.exit(error.exitCode)
      }
    }
  }

  /// Throws where an argument is not UTF-8: it would come to be another file's name.
  private static func checkArguments() throws(CommandFault) {
    for place in 0..<Int(CommandLine.argc) {
      guard let bytes = CommandLine.unsafeArgv[place], String(validatingCString: bytes) == nil else { continue }
      throw CommandFault(
        description: "'\(String(cString: bytes))' is not UTF-8; rename it, or give it as - through a pipe", exitCode: 64
      )
    }
  }

  /// What was printed is written before the exit code says so.
  private static func flushOutput() {
    guard fflush(nil) != 0, errno != EPIPE else { return }
    Console.error("cannot write standard output: \(String(cString: strerror(errno)))")
    Foundation.exit(74)
  }
}

/// Lines on standard error: standard output belongs to results.
enum Console {
  /// What happens, in the form that the settings ask for.
  static let log = EventLog(
    isJournal: EventLog.isJournal(STDERR_FILENO, environment: ProcessInfo.processInfo.environment)
  ) { line in
    counter.add(1, ordering: .relaxed)
    write(line)
  }
  private static let counter = Atomic<Int>(0)

  /// Lines of the log so far.
  static var lineCount: Int { counter.load(ordering: .relaxed) }

  static func error(_ text: String) { log.note(.error, nil, text) }

  static func note(_ text: String) { log.note(.info, nil, text) }

  /// Columns and rows of the terminal that standard error is; nil where it is none or does not know.
  static var terminalSize: (columns: Int, rows: Int)? {
    var window = winsize()
    return ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &window) == 0 ? (Int(window.ws_col), Int(window.ws_row)) : nil
  }

  /// Writes as it is; a standard error that is closed or full is no reason to stop.
  @Sendable static func write(_ text: String) { try? FileHandle.standardError.write(contentsOf: Data(text.utf8)) }

  /// Prints a result on standard output as one line of JSON with sorted keys.
  static func printJSON(_ result: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    print(String(decoding: try encoder.encode(result), as: UTF8.self))
  }

  /// Prints a text of any length; a pipe that is closed has seen enough. Throws where the rest cannot be written.
  static func printWhole(_ text: String) throws(VideoError) {
    guard !AtomicFile.writeWhole(Array(text.utf8)[...], to: STDOUT_FILENO), errno != EPIPE else { return }
    throw .writeFailed("standard output", reason: AtomicFile.systemReason)
  }

  /// Gives closed standard streams a substitute, so that no output file gets their number and our messages. What is
  /// written to a closed standard output is still a fault, since only what was asked for goes there.
  static func reserve() {
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
      _ = open("/dev/null", descriptor == STDERR_FILENO ? O_WRONLY : O_RDONLY)
    }
  }
}
