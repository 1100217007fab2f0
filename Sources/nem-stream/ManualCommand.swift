import ArgumentParser
import Daemon
import Foundation

/// `nem-stream manual`: the manual page, made from the parser's own description of the commands.
struct ManualCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "manual", abstract: "Print the manual page in man's format.",
    discussion: "Example: nem-stream manual | man -l -", shouldDisplay: false)

  func run() throws {
    try Console.printWhole(ManualPage(try DescribedProgram.own().command).text)
  }
}

/// A manual page in roff's man macros.
struct ManualPage {
  private(set) var text = ""

  /// The page of a program with all its commands.
  init(_ program: DescribedCommand) {
    text += ".TH NEM-STREAM 1 \"\" \"nem-stream \(NEMStream.version)\" \"User Commands\"\n"
    text += ".SH NAME\nnem-stream \\- \(Self.escaped(program.abstract ?? ""))\n"
    text += ".SH SYNOPSIS\n.B nem-stream\n.I INPUT\\fR…\n.B \\-\\-masks\n.I DIR\n[\\fIoptions\\fR]\n.br\n"
    text += ".B nem-stream\n.I COMMAND\n[\\fIoptions\\fR]\n"
    text += ".SH DESCRIPTION\n"
    paragraphs(program.discussion)
    for command in program.subcommands ?? [] where command.commandName != "help" { section(command, "nem-stream") }
    text += ".SH FILES\n\\fI/etc/nem-stream/NAME.yaml\\fR holds the settings of the service nem\\-stream@NAME.\n"
    text += ".SH SEE ALSO\n.BR ffmpeg (1),\n.BR systemctl (1)\n"
  }

  private mutating func section(_ command: DescribedCommand, _ parent: String) {
    guard command.shouldDisplay != false else { return }
    let name = parent + " " + command.commandName
    text += ".SH \(Self.escaped(name.uppercased()))\n"
    paragraphs(command.abstract)
    paragraphs(command.discussion)
    for argument in command.arguments ?? [] where !["help", "version"].contains(argument.names?.last?.name) {
      text += ".TP\n\\fB\(Self.escaped(argument.usage))\\fR\n\(Self.escaped(Self.explanation(argument)))\n"
    }
    for inner in command.subcommands ?? [] where inner.commandName != "help" { section(inner, name) }
  }

  /// What an argument means; of settings also their values and defaults, which the short help leaves out.
  private static func explanation(_ argument: DescribedArgument) -> String {
    if let setting = argument.setting { return setting.documentation }
    return (argument.abstract ?? "") + (argument.defaultValue.map { " Default: \($0)." } ?? "")
  }

  /// Paragraphs as they are, indented lines kept.
  private mutating func paragraphs(_ words: String?) {
    for block in (words ?? "").components(separatedBy: "\n\n") where !block.isEmpty {
      let isLiteral = block.contains("\n  ")
      text += isLiteral ? ".PP\n.nf\n" : ".PP\n"
      for line in block.split(separator: "\n") { text += Self.escaped(String(line)) + "\n" }
      if isLiteral { text += ".fi\n" }
    }
  }

  /// Text in which roff sees no commands; hyphens stay hyphens that can be copied.
  private static func escaped(_ text: String) -> String {
    let plain = text.replacing("\\", with: "\\e").replacing("-", with: "\\-")
    return plain.hasPrefix(".") || plain.hasPrefix("'") ? "\\&" + plain : plain
  }
}
