/// What can go wrong between a container and its frames. The first value of each case is the subject: a path, a URL or
/// "stdin". `description` is one line that says what, where and what to do.
public enum VideoError: Error, Equatable, Sendable {
  /// The input does not exist (exit 66).
  case notFound(String)
  /// The input is there, but holds no video that can be decoded (exit 65).
  case cannotOpen(String, reason: String)
  /// The input is there, but the system does not let us read it: permissions, a directory, a read fault (exit 66).
  case cannotRead(String, reason: String)
  /// A network source, camera or screen does not answer or refuses us (exit 69).
  case unreachable(String, reason: String)
  /// A URL uses a protocol that is not allowed (exit 64).
  case protocolNotAllowed(String, name: String)
  /// Decoding broke down in a way that leaves nothing to go on with (exit 65).
  case damaged(String, reason: String)
  /// An output cannot be created (exit 73).
  case cannotCreate(String, reason: String)
  /// Writing failed: disk full, a closed pipe, an encoder fault (exit 74).
  case writeFailed(String, reason: String)
  /// Whoever read an output from a pipe has closed it; there is nothing left to do (exit 0).
  case readerGone(String)
  /// A piped input needs more temporary space than `limit` bytes allow. The input itself is sound and the space is the
  /// system's, so this counts as an I/O error (exit 74).
  case spoolLimit(String, limit: Int)
  /// The description of raw frames cannot be understood (exit 64).
  case invalidRawFormat(String, reason: String)
  /// What was asked for does not go with this input: a part of it that is not there, a mask of another size (exit 64).
  case unsuitable(String, reason: String)
}

extension VideoError {
  /// The cause, without the subject.
  package var reason: String {
    switch self {
    case .notFound: "no such file"
    case .cannotOpen(_, let reason), .cannotRead(_, let reason), .damaged(_, let reason),
      .unreachable(_, let reason), .cannotCreate(_, let reason), .writeFailed(_, let reason),
      .invalidRawFormat(_, let reason), .unsuitable(_, let reason):
      reason
    case .readerGone: "its reader has closed the pipe"
    case .protocolNotAllowed(_, let name): "the protocol \(name) is not allowed"
    case .spoolLimit: "the spool limit is reached"
    }
  }
}

extension VideoError: CustomStringConvertible {
  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .notFound(let subject):
      "no such file: \(subject); check the path"
    case .cannotOpen(let subject, let reason):
      "cannot open \(subject): \(reason)"
    case .cannotRead(let subject, let reason):
      "cannot read \(subject): \(reason)"
    case .unreachable(let subject, let reason):
      "cannot reach \(subject): \(reason)"
    case .protocolNotAllowed(let subject, let name):
      "\(subject) uses the protocol \(name), which is not allowed; --allow-protocol \(name) allows it"
    case .damaged(let subject, let reason):
      "\(subject) is damaged: \(reason)"
    case .cannotCreate(let subject, let reason):
      "cannot create \(subject): \(reason)"
    case .writeFailed(let subject, let reason):
      "cannot write \(subject): \(reason)"
    case .readerGone(let subject):
      "\(subject): its reader has closed the pipe"
    case .spoolLimit(let subject, let limit):
      "\(subject) cannot be read front to back and needs more temporary space than the spool limit of \(limit) bytes; "
        + "give the file itself, redirect it with <, or raise --spool-limit"
    case .unsuitable(let subject, let reason):
      "\(subject) cannot be used: \(reason)"
    case .invalidRawFormat(let text, let reason):
      "raw video format '\(text)' is not valid: \(reason); expected WIDTHxHEIGHT:FORMAT@RATE such as 640x480:gray@25"
    }
  }
}
