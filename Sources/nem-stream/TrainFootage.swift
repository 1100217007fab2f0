import ArgumentParser
import Foundation
import NEM
import Neural
import VideoIO

/// The tracker's shape predictor, fitted to the user's own footage by next-step prediction.
struct TrainFootage: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "footage", abstract: "Fit the tracker's shape predictor to your own footage, without labels.",
    usage: "nem-stream train footage <inputs> ... --model <model> [<options>]",
    discussion: """
      Example: nem-stream train footage.mp4 more.mp4 --model mine.safetensors

      The tracker runs without a network over the videos; windows of \(ShapeFittingOptions().steps) frames of what its \
      slots saw are the material. The last fifth of each video's windows is held out. Training ends when their \
      next-step loss stops falling, and the weights that were best on them are written: the start's, if none was better.
      """)

  /// Share of each video's windows, the last in time, that is held out.
  private static let heldOutShare = 0.2
  /// Fewest windows to train on and to judge by.
  private static let fewest = (training: 32, heldOut: 8)

  @Argument(help: "Videos of a fixed camera, or - for standard input.") var inputs: [String]
  @Option(help: "Model file to write; FILE.checkpoint beside it lets a killed run --resume.") var model: String
  @Option(help: "Model file or name whose weights are the start.") var from = "default"
  @Option(help: "Most updates.") var updates = ShapeFittingOptions().updates
  @Option(help: "Adam's first step size; it falls to zero.") var rate = ShapeFittingOptions().rate
  @Option(help: "Most windows kept, drawn from all with equal chances; each takes 0.17 MB.") var windows = 1000
  @Option(help: "Seed of the choice and order of windows.") var seed: UInt64 = 1
  @Option(help: "CPU threads of decoder and network.") var threads = 1
  @Option(help: "Updates between checkpoints.") var checkpointInterval = 100
  @Flag(help: "Continue from the checkpoint.") var resume = false
  @Flag(help: "Print one JSON object.") var json = false

  func validate() throws {
    let positive = [
      ("--updates", updates), ("--windows", windows), ("--checkpoint-interval", checkpointInterval),
    ]
    for (name, value) in positive where !(1...1_000_000).contains(value) {
      throw ValidationError("\(name) is \(value); it must be 1…1000000")
    }
    guard (1...256).contains(threads) else { throw ValidationError("--threads is \(threads); it must be 1…256") }
    guard rate > 0, rate <= 1 else { throw ValidationError("--rate is \(rate); it must be above 0 and at most 1") }
    guard !inputs.contains(model) else { throw ValidationError("--model names an input; it would be replaced") }
  }

  func run() throws {
    setTensorThreads(threads)
    let files = TrainingFiles(model: model)
    try files.check(resume: resume)
    let path = try ModelLocator.path(from)
    let start = try startModel(path)
    Interruption.install()
    let material = try record()
    var options = ShapeFittingOptions()
    (options.updates, options.rate, options.seed) = (updates, rate, seed)
    let fitting = try ShapeFitting(
      start, named: from, sha256: FileDigest.sha256(path), training: material.training, heldOut: material.heldOut,
      options: options)
    if resume { try fitting.resume(from: files.checkpoint) }
    Console.note("\(material.training.count) windows to train on, \(material.heldOut.count) held out")
    try files.run(fitting, total: updates, clipsPerUpdate: options.batch, interval: checkpointInterval)
    try files.finish(fitting.result().write)
    try report(fitting.outcome)
  }

  private func startModel(_ path: String) throws -> Model {
    var start = try Model(path: path)
    guard start.description.kind == .objectCentred, start.description.network.input == [24, 24, 3] else {
      throw CommandFault(
        description: "\(from) is not a shape predictor; --from takes default or a model trained from it", exitCode: 65)
    }
    _ = try ShapeNetwork(start)
    start.description.command = TrainingFiles.command
    return start
  }

  private func record() throws -> (training: [[ShapeStep]], heldOut: [[ShapeStep]]) {
    // A wrong name is found before hours of reading.
    for input in inputs where input != "-" && !input.contains(":") { _ = try ModelLocator.readable(input) }
    var material: (training: [[ShapeStep]], heldOut: [[ShapeStep]]) = ([], [])
    for (index, input) in inputs.enumerated() {
      let empty = ShapeClips(
        steps: ShapeFittingOptions().steps, limit: max(windows / inputs.count, 1), samplingSeed: seed &+ UInt64(index))
      let (training, heldOut) = try FootageReading.clips(of: input, into: empty, seed: seed, threads: threads)
        .split(later: Self.heldOutShare)
      material.training += training
      material.heldOut += heldOut
    }
    let (training, heldOut) = (material.training.count, material.heldOut.count)
    guard training >= Self.fewest.training, heldOut >= Self.fewest.heldOut else {
      throw CommandFault(
        description: "too little footage: moving objects gave \(training) windows to train on and \(heldOut) to judge "
          + "by, \(Self.fewest.training) and \(Self.fewest.heldOut) are needed; give longer or busier footage"
          + (windows < Self.fewest.training + Self.fewest.heldOut ? ", and more than \(windows) --windows" : ""),
        exitCode: 65)
    }
    return material
  }

  private func report(_ outcome: FittingOutcome) throws {
    if outcome.bestUpdate == 0 {
      Console.note("no update lowered the held-out loss; \(model) holds the weights of \(from)")
    }
    if json {
      try Console.printJSON(FittingSummary(outcome: outcome, model: model))
    } else {
      print(
        String(
          format: "held-out next-step loss over %d windows: %.4f without a network, %.4f before, %.4f after (%+.1f %%)",
          outcome.windowsHeldOut, outcome.heldOutParametric, outcome.heldOutBefore, outcome.heldOutAfter,
          100 * (outcome.heldOutAfter / outcome.heldOutBefore - 1)))
      print("\(model): update \(outcome.bestUpdate) of \(outcome.updates)")
    }
  }
}

extension ShapeFitting: ResumableTraining {}
