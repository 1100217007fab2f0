import ArgumentParser

/// The command line: `nem-stream INPUT --masks DIR`, and the commands around it.
@main
struct NEMStream: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nem-stream",
    abstract: "Turns video into one mask stream per moving object.",
    subcommands: [TrainCommand.self, EvaluateCommand.self])
}
