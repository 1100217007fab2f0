import ArgumentParser
import Foundation
import NEM
import Neural
import Scenes
import VideoIO

/// `nem-stream train`: networks from generated data.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Train a network.",
    subcommands: [TrainFlyingShapes.self, TrainSilhouettes.self])
}

/// The papers' flying-shapes network, by next-step prediction on clips generated as it goes.
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
  @Option(help: "First predictions of a clip through whose responsibilities the gradient flows.") var gammaSteps = 0
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
    guard (0...steps).contains(gammaSteps) else {
      throw ValidationError("--gamma-steps is \(gammaSteps); it must be 0…\(steps), the number of steps")
    }
    guard rate > 0, rate <= 1 else { throw ValidationError("--rate is \(rate); it must be above 0 and at most 1") }
    guard (0...0.5).contains(noise) else { throw ValidationError("--noise is \(noise); it must be 0…0.5") }
    guard (0...1).contains(decay) else { throw ValidationError("--decay is \(decay); it must be 0…1") }
  }

  func run() throws {
    setTensorThreads(threads)
    let checkpoint = model + ".checkpoint"
    try checkFiles(checkpoint)
    var options = TrainingOptions()
    (options.slots, options.steps, options.batch, options.updates) = (slots, steps, batch, updates)
    (options.rate, options.decay, options.noise, options.seed) = (rate, decay, noise, seed)
    options.gammaSteps = gammaSteps
    // A resumed run must give the file that an uninterrupted one gives.
    let command = CommandLine.arguments.dropFirst().filter { $0 != "--resume" }.joined(separator: " ")
    let description = ModelDescription(
      kind: .fullFrame, network: .flyingShapes, observation: "bernoulli", slots: slots,
      command: "nem-stream " + command)
    let start = try Model(description, seed: seed)
    if let from { try start.loadWeights(from: ModelLocator.path(from)) }
    let trainer = Trainer(
      start, FlyingShapes(objects: objects, frames: steps + 1, seed: seed), options: options)
    if resume { try trainer.resume(from: checkpoint) }
    try train(trainer, checkpoint: checkpoint)
    try write(model, trainer.model.write)
    unlink(checkpoint)
  }

  /// Finds out before hours of training whether their result can be written.
  private func checkFiles(_ checkpoint: String) throws {
    if resume { _ = try ModelLocator.readable(checkpoint) }
    let folder = URL(fileURLWithPath: model).deletingLastPathComponent().path
    guard access(folder, W_OK) == 0 else {
      throw VideoError.cannotCreate(model, reason: String(cString: strerror(errno)))
    }
  }

  private func train(_ trainer: Trainer, checkpoint: String) throws {
    var progress = TrainingProgress(total: updates, clipsPerUpdate: batch)
    Interruption.install()
    while trainer.update < updates {
      progress.add(try trainer.step(), update: trainer.update)
      let isStopped = Interruption.flag.isSet
      if trainer.update % checkpointInterval == 0 || trainer.update == updates || isStopped {
        try write(checkpoint, trainer.checkpoint)
      }
      if isStopped {
        throw CommandFault.interrupted("--resume goes on after update \(trainer.update) of \(updates)")
      }
    }
  }

  private func write(_ path: String, _ write: (String) throws -> Void) throws {
    do {
      try write(path)
    } catch let error as SafetensorsError {
      throw CommandFault(description: "\(error)", exitCode: 74)
    }
  }
}
