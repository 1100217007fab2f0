import Daemon

/// What the user may have meant by an option that does not exist. The parser knows only those of the short help.
enum OptionHint {
  /// The parser's message, with the nearest of all options of the command that it is about.
  static func applied(to message: String) -> String {
    if let missing = message.prefixMatch(of: /Error: Missing value for '(\S+)[^\n]*/),
      let place = CommandLine.arguments.lastIndex(of: String(missing.1)),
      let value = CommandLine.arguments.dropFirst(place + 1).first, value.hasPrefix("-")
    {
      let hint = "; a value that begins with - is written \(missing.1)=\(value)"
      return missing.0 + hint + message[missing.range.upperBound...]
    }
    guard let unknown = message.prefixMatch(of: /Error: Unknown option '([^']+)'[^\n]*/),
      let path = message.firstMatch(of: /See 'nem-stream(.*) --help'/)
    else { return message }
    return sentence(on: String(unknown.1), of: path.1.split(separator: " ")) + message[unknown.range.upperBound...]
  }

  /// What to say in place of the help, which the parser gives for any option with one dash and an h among its letters; nil
  /// where help was asked for.
  static func forUnasked(help arguments: some Sequence<String>) -> String? {
    let flags: Set<Character> = ["h", "q", "v"]
    let asked = ["help", "-help", "--help", "--help-hidden", "--version"]
    guard !arguments.contains(where: { asked.contains($0) || isFlags($0, flags) }),
      let option = arguments.first(where: { $0.hasPrefix("-") && !$0.hasPrefix("--") && $0.contains("h") })
    else { return nil }
    return sentence(on: option, of: ["run"])
  }

  private static func sentence(on option: String, of path: [Substring]) -> String {
    let hint = mostSimilar(to: option, in: options(of: path))
    return "Error: Unknown option '\(option)'" + (hint.map { ". Did you mean '\($0)'?" } ?? "")
  }

  private static func isFlags(_ argument: String, _ flags: Set<Character>) -> Bool {
    argument.hasPrefix("-") && argument.dropFirst().contains("h") && argument.dropFirst().allSatisfy(flags.contains)
  }

  /// All options of a command, as they are written.
  private static func options(of path: [Substring]) -> [String] {
    let command = path.reduce((try? DescribedProgram.own())?.command) { parent, name in
      parent?.subcommands?.first { $0.commandName == name }
    }
    return (command?.arguments ?? []).flatMap { $0.names ?? [] }.map(\.written)
  }
}
