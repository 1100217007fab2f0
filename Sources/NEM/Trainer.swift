import Foundation
import Kernels
import Neural
import Scenes

/// Settings of a training run; together with the data they decide every byte of the result.
public struct TrainingOptions: Codable, Sendable, Equatable {
  /// Slots K.
  public var slots = 3
  /// Unrolled steps per clip.
  public var steps = 20
  /// Clips per update.
  public var batch = 64
  /// Updates in all.
  public var updates = 1000
  /// Adam's step size before the decay.
  public var rate: Float = 1e-3
  /// Share of the updates, at the end, over which the rate falls linearly to zero.
  public var decay: Float = 0.3
  /// Probability that a pixel of the network's input is flipped (Bernoulli), or uniform in 0…1 (Gaussian).
  public var noise: Float = 0.2
  /// λ, the weight of the prior's KL.
  public var priorWeight: Float = 1
  /// The first predictions of a clip through whose γ the gradient flows.
  public var gammaSteps = 0
  /// Seed of weights, noise and starts.
  public var seed: UInt64 = 1

  /// The papers' settings for flying shapes.
  public init() {}

  /// Adam's rate for update `index`.
  func rate(at index: Int) -> Float {
    let left = Float(updates - index) / Float(updates)
    return rate * min(1, left / max(decay, .leastNormalMagnitude))
  }
}

/// Trains a full-frame RNN-EM by next-step prediction.
public final class Trainer {
  /// The model being trained.
  public let model: Model
  /// The run's settings.
  public let options: TrainingOptions
  /// Updates done so far.
  public var update: Int { model.network.parameters.updates }
  private let source: any SequenceSource
  private let unroll: Unroll
  private let clean: FloatBuffer
  private let corrupted: FloatBuffer

  /// A fresh run.
  public init(_ model: Model, _ source: any SequenceSource, options: TrainingOptions) {
    self.model = model
    self.source = source
    self.options = options
    let input = model.description.network.input
    let shape = MixtureShape(
      batch: options.batch, slots: options.slots, pixels: input[0] * input[1], channels: input[2])
    unroll = Unroll(
      model.network, model.description.observationModel, priorWeight: options.priorWeight, shape: shape,
      steps: options.steps, gammaSteps: options.gammaSteps, training: true)
    clean = FloatBuffer(count: (options.steps + 1) * shape.frameCount)
    corrupted = FloatBuffer(count: options.steps * shape.frameCount)
  }

  /// Runs one update and returns its loss: mean over clips and steps, summed over pixels and slots.
  public func step() throws -> Double {
    let index = update
    var random = RandomSource(seed: options.seed ^ 0x5EED, index: UInt64(index))
    try load(index, &random)
    unroll.start(&random)
    for t in 0..<options.steps {
      try unroll.forward(
        t, corrupted: corrupted.pointer + t * unroll.shape.frameCount,
        next: clean.pointer + (t + 1) * unroll.shape.frameCount)
    }
    let loss = try unroll.backward(frames: clean.pointer, corrupted: corrupted.pointer)
    Adam(rate: options.rate(at: index)).step(model.network.parameters)
    model.network.weightsDidChange()
    return loss
  }

  /// Brings the update's clips into [frame, clip, pixel] order and corrupts a copy of them.
  private func load(_ index: Int, _ random: inout RandomSource) throws {
    let count = unroll.shape.frameCount / options.batch
    for clip in 0..<options.batch {
      try source.sequence(index * options.batch + clip).features.withUnsafeBufferPointer { features in
        for t in 0...options.steps {
          (clean.pointer + (t * options.batch + clip) * count)
            .update(from: features.baseAddress! + t * count, count: count)
        }
      }
    }
    let observation = model.description.observationModel
    for place in 0..<corrupted.count {
      corrupted.pointer[place] = observation.corrupted(
        clean.pointer[place], probability: options.noise, &random)
    }
  }

  /// Writes weights, moments, settings and the number of updates, atomically.
  public func checkpoint(to path: String) throws {
    let settings = String(decoding: try JSONEncoder().encode(options), as: UTF8.self)
    try model.checkpoint(metadata: ["training.options": settings]).write(to: path)
  }

  /// Continues from a checkpoint: the next updates are the ones that an uninterrupted run would have made, provided
  /// that the settings are the same.
  public func resume(from path: String) throws {
    try model.resume(try Safetensors.read(path), path: path)
  }
}
