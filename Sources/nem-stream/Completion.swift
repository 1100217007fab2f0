import Daemon

/// What may stand at the end of a command line that is being typed, by what the parser says of the program.
struct Completion {
  /// Words, each with what it means or nothing.
  private(set) var candidates: [(word: String, meaning: String)] = []
  /// Whether names of files may stand there too.
  private(set) var takesFiles = false

  /// Completes the last of the words after the program's name; the others are whole.
  init(_ words: [String], of program: DescribedCommand) {
    let begun = words.last ?? ""
    let asksHelp = words.count > 1 && words[0] == "help"
    var (command, rest) = (program, words.dropLast().dropFirst(asksHelp ? 1 : 0))
    while let name = rest.first, let inner = command.subcommand(name) { (command, rest) = (inner, rest.dropFirst()) }
    let names = rest.isEmpty && !begun.hasPrefix("-") ? command.shownSubcommands : []
    while let inner = command.defaultSubcommand.flatMap(command.subcommand) { command = inner }
    let typed = TypedArguments(rest, of: command)
    if asksHelp {
      candidates = names.map { ($0.commandName, $0.abstract ?? "") }
    } else if let option = typed.waiting {
      complete(option)
    } else if begun.hasPrefix("-") && !typed.isPositionalOnly {
      candidates = typed.free.flatMap { argument in
        (argument.names ?? []).map { ($0.written, argument.abstract ?? "") }
      }
    } else {
      candidates = names.map { ($0.commandName, $0.abstract ?? "") }
      if let positional = command.arguments?.first(where: { $0.kind == "positional" }) { complete(positional) }
    }
    candidates.removeAll { !$0.word.hasPrefix(begun) }
  }

  /// Values of an argument: all there are, or files where it is not known to be something else.
  private mutating func complete(_ argument: DescribedArgument) {
    switch argument.setting?.kind {
    case .choice(let words)?, .choices(let words)?: candidates += words.map { ($0, "") }
    case .text?, .command?: takesFiles = true
    case nil:
      let words = argument.completionKind?.list?.values
      candidates += (words ?? []).map { ($0, "") }
      takesFiles = words == nil && argument.defaultValue.flatMap(Double.init) == nil
    default: return
    }
    if takesFiles && Self.modelNames.contains(argument.names?.last?.name ?? "") {
      candidates += ModelLocator.known.map { ($0, "") }
    }
  }

  /// Options whose values may be names of shipped models.
  private static let modelNames: Set = ["model", "from"]

  /// Lines for the shell: whether files may stand there, and the words.
  var text: String {
    ([takesFiles ? "files" : "words"] + candidates.map { $0.word + ($0.meaning.isEmpty ? "" : "\t" + $0.meaning) })
      .joined(separator: "\n") + "\n"
  }
}

/// What has been typed of a command's arguments.
private struct TypedArguments {
  /// The option that waits for its value.
  private(set) var waiting: DescribedArgument?
  /// Whether no more options can come.
  private(set) var isPositionalOnly = false
  /// Options and flags that may still be given.
  private(set) var free: [DescribedArgument]

  init(_ words: some Sequence<String>, of command: DescribedCommand) {
    free = (command.arguments ?? []).filter { $0.kind != "positional" }
    for word in words {
      if waiting != nil {
        waiting = nil
      } else if word == "--" {
        isPositionalOnly = true
      } else if !isPositionalOnly, let place = free.firstIndex(where: { $0.isWritten(as: word) }) {
        let argument = free[place]
        if argument.isRepeating != true { free.remove(at: place) }
        if argument.kind == "option" && !word.contains("=") { waiting = argument }
      }
    }
  }
}

extension DescribedArgument {
  fileprivate func isWritten(as word: String) -> Bool {
    (names ?? []).contains { word == $0.written || word.hasPrefix($0.written + "=") }
  }
}

extension DescribedCommand {
  fileprivate func subcommand(_ name: String) -> DescribedCommand? { subcommands?.first { $0.commandName == name } }

  fileprivate var shownSubcommands: [DescribedCommand] { (subcommands ?? []).filter { $0.shouldDisplay != false } }
}
