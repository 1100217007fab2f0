import ArgumentParser
import Foundation
import NEM
import Neural
import Scenes

/// The tracker's shape predictor, by next-step prediction on what its slots see.
struct TrainSilhouettes: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "silhouettes", abstract: "Train the tracker's shape predictor on generated scenes and real footage.",
    usage: "nem-stream train silhouettes --model <model> [<options>]",
    discussion: """
      The tracker runs without a network over the scenes and videos; what its slots saw is the material. The model is
      written only if it lowers the held-out next-step loss.
      Example: nem-stream train silhouettes --model mine.safetensors --footage a.mp4 --held-out b.mp4
      """)

  @Option(help: "Model file to write.") var model: String
  @Option(help: "Video to train on; repeatable.") var footage: [String] = []
  @Option(help: "Video to judge by; repeatable.") var heldOut: [String] = []
  @Option(help: "Frames of generated scenes to train on; a quarter as many again are held out.") var frames = 4000
  @Option(help: "Most clips from each video or kind of scene.") var clips = 400
  @Option(help: "Steps in each clip.") var steps = 12
  @Option(help: "Clips in each update.") var batch = 32
  @Option(help: "Updates.") var updates = 2000
  @Option(help: "Adam's first step size; it falls to zero.") var rate: Float = 1e-3
  @Option(help: "Seed of weights, scenes and order.") var seed: UInt64 = 1
  @Option(help: "CPU threads.") var threads = 1

  func validate() throws {
    let positive = [
      ("--frames", frames), ("--clips", clips), ("--steps", steps), ("--batch", batch), ("--updates", updates),
      ("--threads", threads),
    ]
    for (name, value) in positive where !(1...1_000_000).contains(value) {
      throw ValidationError("\(name) is \(value); it must be 1…1000000")
    }
    guard rate > 0, rate <= 1 else { throw ValidationError("--rate is \(rate); it must be above 0 and at most 1") }
  }

  func run() throws {
    setTensorThreads(threads)
    try TrainingFiles(model: model).check()
    let material = try scenes(seed: seed, frames: frames) + footage.flatMap { try video($0) }
    let scenesApart = scenes(seed: seed &+ 1_000_000, frames: frames / 4)
    let videosApart = try heldOut.flatMap { try video($0) }
    guard !material.isEmpty, !scenesApart.isEmpty else {
      throw CommandFault(
        description: "no object was followed for \(steps) frames; give longer footage or raise --frames", exitCode: 65)
    }
    let trained = try Model(
      ModelDescription(
        kind: .objectCentred, network: .shapePredictor, observation: "bernoulli", slots: 32,
        command: TrainingFiles.command), seed: seed)
    ShapeTrainer.silence(trained)
    let trainer = ShapeTrainer(
      trained, batch: batch, steps: steps, updates: updates, rate: rate, seed: seed &+ 1)
    Console.note("\(material.count) clips to train on, \(scenesApart.count) + \(videosApart.count) held out")
    var progress = TrainingProgress(total: updates, clipsPerUpdate: batch)
    var curve = TrainingCurve(model: model, total: updates, resumedAt: 0)
    for update in 1...updates {
      let loss = try trainer.step(material)
      progress.add(loss, update: update)
      curve.add(loss, update: update)
      if update % 100 == 0 || update == updates { curve.write() }
    }
    try conclude(trainer, trained, scenesApart, videosApart)
  }

  private func conclude(
    _ trainer: ShapeTrainer, _ trained: Model, _ scenes: [[ShapeStep]], _ videos: [[ShapeStep]]
  ) throws {
    for (name, clips) in [("generated scenes", scenes), ("footage", videos)] where !clips.isEmpty {
      let loss = try trainer.evaluate(clips)
      print(
        String(
          format: "held-out %@: next-step loss %.4f without the network, %.4f with it (%+.1f %%)", name,
          loss.template, loss.network, 100 * (loss.network / loss.template - 1)))
    }
    let loss = try trainer.evaluate(scenes + videos)
    guard loss.network < loss.template else {
      throw CommandFault(description: "the network does not lower the held-out loss; nothing is written", exitCode: 65)
    }
    try TrainingFiles(model: model).finish(trained.write)
  }

  private func video(_ path: String) throws -> [[ShapeStep]] {
    try FootageReading.clips(of: path, into: ShapeClips(steps: steps, limit: clips), seed: seed, threads: 2).clips
  }

  private func scenes(seed: UInt64, frames: Int) -> [[ShapeStep]] {
    var configuration = SilhouetteConfiguration()
    (configuration.width, configuration.height) = (192, 108)
    let recording = ShapeRecording(ShapeClips(steps: steps, limit: clips), seed: self.seed)
    var scene = SilhouetteScene(configuration: configuration, seed: seed)
    for _ in 0..<frames {
      let frame = scene.next()
      recording.add(
        GridFrame(
          width: frame.width, height: frame.height, foreground: frame.foreground, luma: frame.luma, cb: frame.cb,
          cr: frame.cr))
    }
    return recording.clips.clips
  }
}
