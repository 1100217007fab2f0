import Background
import ClipFiles
import Daemon
import Evaluation
import Kernels
import NEM
import Neural
import VideoIO

/// An error of a library with the exit code that stands for it (sysexits).
protocol FaultReport: Error, CustomStringConvertible {
  var exitCode: Int32 { get }
}

extension VideoError: FaultReport {
  var exitCode: Int32 {
    switch self {
    case .invalidRawFormat, .protocolNotAllowed, .unsuitable: 64
    case .cannotOpen, .damaged: 65
    case .notFound, .cannotRead: 66
    case .unreachable: 69
    case .cannotCreate: 73
    case .writeFailed, .spoolLimit: 74
    case .readerGone: 0
    }
  }
}

extension SafetensorsError: FaultReport {
  var exitCode: Int32 { isWriting ? 74 : 65 }
}

extension ModelError: FaultReport {
  var exitCode: Int32 { 65 }
}

extension BackgroundError: FaultReport {
  var exitCode: Int32 { 64 }
}

extension ClipFileError: FaultReport {
  var exitCode: Int32 {
    switch self {
    case .notFound, .cannotRead: 66
    case .malformed: 65
    case .cannotCreate: 73
    case .writeFailed: 74
    }
  }
}

extension ProcessGroupError: FaultReport {
  var exitCode: Int32 { 69 }
}

extension EvaluationError: FaultReport {
  var exitCode: Int32 {
    switch self {
    case .missing: 66
    case .malformed, .mismatch: 65
    }
  }
}

extension StateFault: FaultReport {
  var exitCode: Int32 { 65 }
}

extension SettingFault: FaultReport {
  var exitCode: Int32 { 78 }
}

/// A fault that the commands find themselves.
struct CommandFault: FaultReport {
  let description: String
  let exitCode: Int32

  /// The exit code of a run that was stopped.
  static let interruptedCode: Int32 = 75

  /// The user stopped the program.
  static func interrupted(_ state: String) -> CommandFault {
    CommandFault(description: "interrupted; \(state)", exitCode: interruptedCode)
  }

  static func noModel(_ name: String, known: [String]) -> CommandFault {
    let hint = mostSimilar(to: name, in: known).map { "; did you mean '\($0)'?" } ?? ""
    let list = known.isEmpty ? "none is installed" : "installed: " + known.joined(separator: ", ")
    return CommandFault(
      description: "no model named '\(name)' and no such file; give a .safetensors file or a name (\(list))\(hint)",
      exitCode: 66)
  }
}
