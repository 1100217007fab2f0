import Daemon
import Foundation

/// What the parser says of a program (its help as JSON).
struct DescribedProgram: Decodable {
  let command: DescribedCommand

  /// What it says of this one.
  static func own() throws -> DescribedProgram {
    try JSONDecoder().decode(DescribedProgram.self, from: Data(NEMStream._dumpHelp().utf8))
  }
}

/// What the parser says of a command.
struct DescribedCommand: Decodable {
  let commandName: String
  let abstract: String?
  let discussion: String?
  let shouldDisplay: Bool?
  /// The name of the subcommand that is meant where none is named.
  let defaultSubcommand: String?
  let subcommands: [DescribedCommand]?
  let arguments: [DescribedArgument]?
}

/// What the parser says of an argument, option or flag.
struct DescribedArgument: Decodable {
  struct Name: Decodable {
    let kind: String
    let name: String

    var written: String { (kind == "long" ? "--" : "-") + name }
  }

  /// All values, if they are few.
  struct Values: Decodable {
    struct List: Decodable { let values: [String] }

    let list: List?
  }

  let kind: String
  let names: [Name]?
  let valueName: String?
  let abstract: String?
  let defaultValue: String?
  let isRepeating: Bool?
  let completionKind: Values?

  /// How it is written on a command line.
  var usage: String {
    let value = valueName ?? "value"
    if kind == "positional" { return value.uppercased() + (isRepeating == true ? "…" : "") }
    let names = (names ?? []).map(\.written).joined(separator: ", ")
    return kind == "option" ? names + " " + value : names
  }

  /// The setting that it sets, if it is one of those.
  var setting: Setting? {
    let flags = names?.map(\.written) ?? []
    return Setting.all.first { flags.contains($0.flag) && $0.summary == abstract }
  }
}
