import ArgumentParser
import Foundation
import NEM
import Neural
import Scenes

/// `nem-stream evaluate`: scores against the truth.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Score a model against the truth.",
    subcommands: [EvaluateFlyingShapes.self, EvaluateForeground.self, EvaluateVideo.self])
}

/// Grouping scores on held-out flying shapes.
struct EvaluateFlyingShapes: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "flying-shapes", abstract: "Score a full-frame RNN-EM on held-out flying shapes.",
    discussion: "Example: nem-stream evaluate flying-shapes --model flying-shapes --count 1000 --json")

  @Option(help: "Model file, or the name of a shipped model.") var model: String
  @Option(help: "Number of clips.") var count = 1000
  @Option(help: "Shapes in each clip.") var objects = 3
  @Option(help: "Slots K (default: as trained).") var slots: Int?
  @Option(help: "Steps per clip.") var steps = 20
  @Option(help: "Seed of the held-out clips.") var seed: UInt64 = 1_000_000
  @Option(help: "CPU threads.") var threads = ProcessInfo.processInfo.activeProcessorCount
  @Flag(help: "Print one JSON object.") var json = false

  func validate() throws {
    let positive = [
      ("--count", count), ("--objects", objects), ("--steps", steps), ("--slots", slots ?? 1), ("--threads", threads),
    ]
    for (name, value) in positive where !(1...1_000_000).contains(value) {
      throw ValidationError("\(name) is \(value); it must be 1…1000000")
    }
  }

  func run() throws {
    setTensorThreads(threads)
    let loaded = try Model(path: ModelLocator.path(model))
    let shapes = NetworkDescription.flyingShapes
    guard loaded.description.kind == .fullFrame, loaded.description.network.input == shapes.input else {
      throw CommandFault(description: "\(model) is not a network for flying shapes", exitCode: 65)
    }
    let evaluation = SequenceEvaluation(loaded, slots: slots ?? loaded.description.slots, steps: steps)
    let scores = try evaluation.run(
      FlyingShapes(objects: objects, frames: steps + 1, seed: seed), count: count, seed: seed,
      dataset: "flying-shapes", name: model)
    if json {
      try Console.printJSON(scores)
    } else {
      print(
        String(
          format: "AMI %.4f (arithmetic %.4f)  FG-ARI %.4f  BCE %.2f  over %d clips", scores.ami,
          scores.amiArithmetic, scores.fgARI, scores.bce ?? 0, scores.sequences))
    }
  }
}
