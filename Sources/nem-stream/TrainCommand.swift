import ArgumentParser
import Foundation
import NEM
import Neural
import Scenes

/// `nem-stream train`: networks from footage and from generated data.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Train a network, on your own footage or on generated scenes.",
    discussion: "Example: nem-stream train footage.mp4 --model mine.safetensors",
    subcommands: [TrainFootage.self, TrainSilhouettes.self, TrainFlyingShapes.self],
    defaultSubcommand: TrainFootage.self)
}

/// The papers' flying-shapes network, by next-step prediction on clips generated as it goes.
extension GammaGradient: ExpressibleByArgument {}

struct TrainFlyingShapes: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "flying-shapes", abstract: "Train the papers' RNN-EM on flying shapes.",
    discussion: "Example: nem-stream train flying-shapes --model shapes.safetensors --updates 2000")

  @Option(help: "Model file to write; FILE.checkpoint beside it lets a killed run --resume.")
  var model: String
  @Option(help: "Shapes in each clip.") var objects = 3
  @Option(help: "Slots K.") var slots = 3
  @Option(help: "Unrolled steps.") var steps = 20
  @Option(help: "Clips in each update.") var batch = 64
  @Option(help: "Updates in all.") var updates = 1000
  @Option(help: "Adam's step size.") var rate: Float = 1e-3
  @Option(help: "Share of the updates, at the end, over which the rate falls to zero.") var decay: Float = 0.3
  @Option(help: "Probability that a pixel of the network's input is flipped.") var noise: Float = 0.2
  @Option(help: "Largest norm of the gradient; no limit when left out.") var gradientLimit: Float?
  @Option(help: "What the gradient takes responsibilities for: held, free-energy or loss.")
  var gammaGradient = GammaGradient.freeEnergy
  @Option(help: "Seed of weights, clips and noise.") var seed: UInt64 = 1
  @Option(help: "Model file whose weights are the start.") var from: String?
  @Option(help: "CPU threads.") var threads = ProcessInfo.processInfo.activeProcessorCount
  @Option(help: "Updates between checkpoints.") var checkpointInterval = 100
  @Flag(help: "Continue from the checkpoint.") var resume = false

  func validate() throws {
    let positive = [
      ("--objects", objects), ("--slots", slots), ("--steps", steps), ("--batch", batch), ("--updates", updates),
      ("--threads", threads), ("--checkpoint-interval", checkpointInterval),
    ]
    for (name, value) in positive where !(1...1_000_000).contains(value) {
      throw ValidationError("\(name) is \(value); it must be 1…1000000")
    }
    guard rate > 0, rate <= 1 else { throw ValidationError("--rate is \(rate); it must be above 0 and at most 1") }
    guard (0...0.5).contains(noise) else { throw ValidationError("--noise is \(noise); it must be 0…0.5") }
    guard (0...1).contains(decay) else { throw ValidationError("--decay is \(decay); it must be 0…1") }
  }

  func run() throws {
    setTensorThreads(1)
    let files = TrainingFiles(model: model)
    try files.check(resume: resume)
    var options = TrainingOptions()
    (options.slots, options.steps, options.batch, options.updates) = (slots, steps, batch, updates)
    (options.rate, options.decay, options.noise, options.seed) = (rate, decay, noise, seed)
    options.loss.gammaGradient = gammaGradient
    options.gradientLimit = gradientLimit
    let description = ModelDescription(
      kind: .fullFrame, network: .flyingShapes, observation: "bernoulli", slots: slots,
      command: TrainingFiles.command)
    let start = try Model(description, seed: seed)
    if let from { try start.loadWeights(from: ModelLocator.path(from)) }
    let trainer = try Trainer(
      start, FlyingShapes(objects: objects, frames: steps + 1, seed: seed), options: options,
      threads: threads)
    if resume { try trainer.resume(from: files.checkpoint) }
    Interruption.install()
    try files.run(trainer, total: updates, clipsPerUpdate: batch, interval: checkpointInterval)
    try files.finish(trainer.model.write)
  }
}

extension Trainer: ResumableTraining {
  var isFinished: Bool { update >= options.updates }
}
