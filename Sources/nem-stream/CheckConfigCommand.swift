import ArgumentParser
import Daemon
import VideoIO

/// `nem-stream check-config`: what would be in force, and why.
struct CheckConfigCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check-config", abstract: "Check the settings, and print those in force and where each comes from.",
    discussion: """
      Example: nem-stream check-config --config /etc/nem-stream/garden.yaml

      Takes what run takes and looks for the model, program and files named, but opens no source. Exit code 78 where a file or
      the environment holds what cannot be used.
      """)

  @OptionGroup var options: SettingOptions
  @Flag(help: "Print all settings with their documentation as a configuration file, and nothing else.")
  var document = false

  func run() throws {
    if document {
      try Console.printWhole(Setting.document)
    } else {
      let effective = try options.effective()
      try options.validate(effective)
      try Surroundings(effective, hasCredentials: false).check()
      let source = effective.values.inputCredential == nil ? effective.values.input.map { SourceAddress($0) } : nil
      Console.log.configure(effective.values.logLevel, effective.values.logFormat)
      for setting in effective.withoutEffect(on: source) { Console.note("\(setting)") }
      try Console.printWhole(effective.listing)
    }
  }
}
