import ArgumentParser

/// `nem-stream bench`: what this machine can do.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Measure this machine.",
    discussion: """
      Examples:
        nem-stream bench clip.mp4
        nem-stream bench training --threads 2
      """, subcommands: [BenchRun.self, BenchTraining.self], defaultSubcommand: BenchRun.self)
}
