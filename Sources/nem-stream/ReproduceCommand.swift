import ArgumentParser
import Experiments
import Foundation
import Neural

/// `nem-stream reproduce`: the papers' experiments, from generated data to a table beside the published figures.
struct ReproduceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reproduce", abstract: "Run one of the papers' experiments: train, score, table and pictures.",
    usage: "nem-stream reproduce <experiment> [<options>]",
    discussion: """
      Writes results.json, curves.csv, curves.png, figures/, models/ and timings.json. After a kill or Ctrl-C the same \
      command goes on, and ends with the same results.
      Example: nem-stream reproduce shapes --budget 10m --out shapes-results
      """)

  @Argument(
    help: ArgumentHelp("\(Experiment.all.map(\.name).joined(separator: ", ")).", valueName: "experiment"),
    completion: .list(Experiment.all.map(\.name)))
  var experiment: Experiment
  @Option(help: "Trainings of everything, with seeds 1, 2, …") var seeds = 3
  @Option(
    help: ArgumentHelp(
      "Time for all seeds, as 90s, 10m or 2h: fewer updates of every stage, as this machine's speed demands.",
      valueName: "time"))
  var budget: TimeBudget?
  @Option(help: ArgumentHelp("Folder to write (default: EXPERIMENT-results).", valueName: "dir")) var out: String?
  @Option(help: ArgumentHelp("Folder with MNIST's idx files, for flying-mnist.", valueName: "dir")) var mnist: String?
  @Option(help: "CPU threads; the results are the same for any number.")
  var threads = ProcessInfo.processInfo.activeProcessorCount

  func validate() throws {
    for (name, value, most) in [("--seeds", seeds, 1000), ("--threads", threads, 1_000_000)]
    where !(1...most).contains(value) {
      throw ValidationError("\(name) is \(value); it must be 1…\(most)")
    }
    guard out != "" else { throw ValidationError("--out is empty; it must name a folder") }
  }

  func run() throws {
    setTensorThreads(1)
    Interruption.install()
    let environment = ExperimentEnvironment(
      threads: threads, mnist: mnist, isStopped: { Interruption.flag.isSet }, report: Console.note)
    let reproduction = try Reproduction(
      experiment, seeds: seeds, budget: budget?.seconds, folder: out ?? "\(experiment.name)-results", environment)
    for line in try reproduction.run() { print(line) }
  }
}

/// A length of time: a number and s, m or h.
struct TimeBudget: ExpressibleByArgument {
  let seconds: Double

  init?(argument: String) {
    let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600]
    guard let unit = argument.last.flatMap({ units[$0] }), let number = Double(argument.dropLast()), number > 0,
      number * unit <= 1e8
    else { return nil }
    seconds = number * unit
  }
}

extension Experiment: ExpressibleByArgument {
  package init?(argument: String) {
    guard let found = Experiment.all.first(where: { $0.name == argument }) else { return nil }
    self = found
  }
}

extension ExperimentError: FaultReport {
  var exitCode: Int32 {
    switch self {
    case .otherPlan, .otherRecipe, .noDigits: 64
    case .damaged: 65
    case .stopped: 75
    }
  }
}
