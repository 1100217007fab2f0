import VideoIO

/// Where the value of a setting comes from.
package enum SettingOrigin: Sendable, Equatable, CustomStringConvertible {
  /// The program.
  case standard
  /// The program, for a service.
  case service
  /// A line of a configuration file.
  case file(String, line: Int)
  /// A variable of the environment.
  case environment(String)
  /// An option of the command line.
  case flag(String)

  package var description: String {
    switch self {
    case .standard: "default"
    case .service: "default of a service"
    case .file(let path, let line): "\(path):\(line)"
    case .environment(let variable): "environment: \(variable)"
    case .flag(let flag): "command line: \(flag)"
    }
  }
}

/// A configuration that cannot be used. `description` is one line that says where, what and what is allowed.
package enum SettingFault: Error, Sendable, Equatable, CustomStringConvertible {
  /// No setting has this name.
  case unknown(name: String, similar: String?, place: SettingOrigin)
  /// The value is of another kind or out of range.
  case invalid(name: String, value: String, allowed: String, place: SettingOrigin)
  /// The file cannot be read or is not of the expected form; `line` 0 stands for the whole file.
  case unreadable(String, line: Int, reason: String)
  /// Settings that do not go together, or one that cannot be used; `of` is the one to change.
  case conflict(of: String? = nil, String)

  package var description: String {
    switch self {
    case .unknown(let name, let similar, let place):
      "\(place): no setting is named '\(name)'" + (similar.map { "; did you mean '\($0)'?" } ?? "")
    case .invalid(let name, let value, let allowed, let place):
      "\(place): \(name) is '\(Redaction.redact(value))'; allowed: \(allowed)"
    case .unreadable(let path, let line, let reason): (line > 0 ? "\(path):\(line)" : path) + ": \(reason)"
    case .conflict(_, let text): text
    }
  }
}

/// The word of `known` that is most like `word`; nil if none is near.
package func mostSimilar(to word: String, in known: [String]) -> String? {
  let nearest = known.map { ($0, editDistance(word, $0)) }.min { $0.1 < $1.1 }
  guard let (name, distance) = nearest else { return nil }
  // Of three letters two may be anybody's.
  let limit = word.count <= 3 ? 1 : max(2, word.count / 3)
  return distance <= limit ? name : known.first { $0.hasPrefix(word) || word.hasPrefix($0) }
}

/// Least number of characters to insert, remove or replace (Levenshtein 1966).
private func editDistance(_ one: String, _ other: String) -> Int {
  let target = Array(other)
  var row = Array(0...target.count)
  for (i, character) in one.prefix(64).enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, candidate) in target.enumerated() {
      let replaced = diagonal + (character == candidate ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(replaced, row[j] + 1, row[j + 1] + 1)
    }
  }
  return row[target.count]
}
