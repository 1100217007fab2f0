/// What can go wrong with a file of clips or of digits. The first value of each case is the path; `description` is one
/// line that says what, where and what to do.
public enum ClipFileError: Error, Equatable, Sendable {
  /// The file does not exist (exit 66).
  case notFound(String)
  /// The system does not let us read it (exit 66).
  case cannotRead(String, reason: String)
  /// The content is damaged, or not what it must be (exit 65).
  case malformed(String, reason: String)
  /// An output cannot be created (exit 73).
  case cannotCreate(String, reason: String)
  /// Writing failed: disk full (exit 74).
  case writeFailed(String, reason: String)
}

extension ClipFileError: CustomStringConvertible {
  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .notFound(let path): "no such file: \(path); check the path"
    case .cannotRead(let path, let reason): "cannot read \(path): \(reason)"
    case .malformed(let path, let reason): "\(path): \(reason)"
    case .cannotCreate(let path, let reason): "cannot create \(path): \(reason)"
    case .writeFailed(let path, let reason): "cannot write \(path): \(reason)"
    }
  }
}
