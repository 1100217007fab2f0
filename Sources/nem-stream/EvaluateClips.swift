import ArgumentParser
import Experiments
import Foundation
import NEM
import Neural
import Scenes
import VideoIO

/// Grouping scores on held-out clips of one of the papers' data sets.
struct EvaluateClips<Clips: ClipSet>: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: Clips.name, abstract: "Score a full-frame RNN-EM on held-out \(Clips.name.dashless).",
      usage: "nem-stream evaluate \(Clips.name) --model <model> [<options>]",
      discussion: "Example: nem-stream evaluate \(Clips.name) --model \(Clips.name) --count 1000 --json")
  }

  @Option(help: "Model file, or the name of a shipped model.") var model: String
  @Option(help: ArgumentHelp("HDF5 file whose test clips are scored instead of generated ones.", valueName: "file"))
  var data: String?
  @Option(help: "Number of clips, or at most so many of a file.") var count = 1000
  @Option(help: "Slots K (default: as trained).") var slots: Int?
  @Option(help: "Frames of each clip that are predicted.") var steps = Clips.training.steps
  @Option(help: "Seed of the held-out clips.") var seed: UInt64 = 1_000_000
  @Option(help: "CPU threads.") var threads = ProcessInfo.processInfo.activeProcessorCount
  @Option(help: ArgumentHelp("Picture to draw of the first clip: frames, γ, each ψ.", valueName: "file.png"))
  var figure: String?
  @Flag(help: "Replace an earlier picture.") var overwrite = false
  @Flag(help: "Print one JSON object.") var json = false
  @OptionGroup var clips: Clips

  func validate() throws {
    try Clips.check(
      [("--count", count), ("--threads", threads)], 1...1_000_000)
    // ψ of all steps is kept.
    try Clips.check([("--steps", steps)], 1...250)
    try Clips.check([("--slots", slots ?? 1)], ModelDescription.slotRange)
    try OutputFile.checkPicture(figure, "--figure")
    try Clips.check(data, clips)
  }

  func run() throws {
    if let figure { try OutputFile.check(figure, overwrite: overwrite) }
    setTensorThreads(threads)
    let loaded = try Model(path: ModelLocator.path(model))
    guard loaded.description.kind == .fullFrame, loaded.description.network.input == Clips.network.input else {
      throw CommandFault(description: "\(model) is not a network for \(Clips.name.dashless)", exitCode: 65)
    }
    let (source, count) = try heldOut()
    let evaluation = SequenceEvaluation(
      loaded, slots: slots ?? loaded.description.slots, steps: steps, counted: Clips.training.loss.steps, clips: count)
    let scores = try evaluation.run(source, count: count, seed: seed, dataset: Clips.name, name: model)
    if let figure {
      let trace = try SequenceTrace(
        loaded, try source.sequence(0), slots: slots ?? loaded.description.slots, observed: steps + 1, seed: seed)
      try PNGFile.write(SlotFigure(trace).painted(), to: figure)
    }
    if json { try Console.printJSON(scores) } else { print(Self.line(scores)) }
  }

  private func heldOut() throws -> (any SequenceSource, Int) {
    guard let data else {
      let source = try clips.source(.test, frames: steps + 1, seed: seed)
      return (source, min(count, (source as? StillPictures)?.count ?? count))
    }
    let file = try Clips.file(data, .test, steps: steps)
    return (file, min(count, file.count))
  }

  private static func line(_ scores: SequenceScores) -> String {
    let loss =
      scores.bce.map { String(format: "BCE %.2f", $0) }
      ?? String(format: "squared error %.3f", scores.squaredError ?? 0)
    var groups = ""
    if let ami = scores.ami, let arithmetic = scores.amiArithmetic, let ari = scores.fgARI {
      groups = String(format: "AMI %.4f (arithmetic %.4f)  FG-ARI %.4f  ", ami, arithmetic, ari)
    }
    return groups + loss + "  over \(scores.sequences) clips"
  }
}
