import Foundation
import Kernels
import Neural
import Scenes

/// One thread's share of a training run: its own copy of the network, and room for one shard of a batch.
///
/// Used by one thread at a time; the trainer waits for all of them.
protocol ShardWorker: AnyObject, Sendable {
  /// Takes over the weights of the model.
  func take(_ values: FloatBuffer)
  /// The mean loss over a shard's clips, and its gradient.
  func run(_ source: any SequenceSource, update: Int, shard: Int, into gradient: FloatBuffer) throws -> Double
}

extension ModelDescription {
  /// A worker with a network of its own.
  func makeWorker(_ options: TrainingOptions) throws -> any ShardWorker {
    guard let memory = network.memory else { return try UnrollWorker(self, options) }
    return try MemoryWorker(self, memory, options)
  }
}

/// Next-step prediction by an unrolled network.
final class UnrollWorker: ShardWorker, @unchecked Sendable {
  private let network: any SlotNetwork
  private let observation: ObservationModel
  private let options: TrainingOptions
  private let unroll: Unroll
  private let clean: FloatBuffer
  private let corrupted: FloatBuffer

  init(_ description: ModelDescription, _ options: TrainingOptions) throws {
    self.options = options
    network = try description.network.makeNetwork(seed: 0)
    observation = description.observationModel
    unroll = Unroll(
      network, description, loss: options.loss, batch: options.shardSize, slots: options.slots, steps: options.steps,
      training: true)
    let shape = unroll.shape
    clean = FloatBuffer(count: (options.steps + 1) * shape.frameCount)
    corrupted = FloatBuffer(count: options.steps * shape.frameCount)
  }

  func take(_ values: FloatBuffer) { network.take(values) }

  func run(_ source: any SequenceSource, update: Int, shard: Int, into gradient: FloatBuffer) throws -> Double {
    var (random, firstClip) = options.draw(update: update, shard: shard)
    try load(source, first: firstClip, &random)
    unroll.start(&random, frame: corrupted.pointer)
    for t in 0..<options.steps {
      try unroll.forward(
        t, corrupted: corrupted.pointer + t * unroll.shape.frameCount,
        next: clean.pointer + (t + 1) * unroll.shape.frameCount)
    }
    let loss = try unroll.backward(frames: clean.pointer, corrupted: corrupted.pointer)
    gradient.pointer.update(from: network.parameters.gradients.pointer, count: gradient.count)
    return loss
  }

  /// Brings the shard's clips into [look, clip, pixel] order and corrupts a copy of them.
  private func load(_ source: any SequenceSource, first: Int, _ random: inout RandomSource) throws {
    let count = unroll.shape.frameCount / options.shardSize
    for clip in 0..<options.shardSize {
      try source.sequence(first + clip).features.withUnsafeBufferPointer { features in
        for t in 0...options.steps {
          (clean.pointer + (t * options.shardSize + clip) * count)
            .update(from: features.baseAddress! + unroll.looks.frame(of: t) * count, count: count)
        }
      }
    }
    for place in 0..<corrupted.count {
      corrupted.pointer[place] = observation.corrupted(
        clean.pointer[place], probability: options.noise, &random)
    }
  }
}

extension SlotNetwork {
  /// Takes over all weights.
  func take(_ values: FloatBuffer) {
    parameters.values.pointer.update(from: values.pointer, count: values.count)
    weightsDidChange()
  }
}

/// Where threads leave their shards' losses; each place is written once, by one thread.
final class ShardResults: @unchecked Sendable {
  private let places: UnsafeMutableBufferPointer<Result<Double, any Error>>

  init(count: Int) {
    places = .allocate(capacity: count)
    places.initialize(repeating: .success(0))
  }

  deinit {
    places.deinitialize()
    places.deallocate()
  }

  subscript(shard: Int) -> Result<Double, any Error> {
    get { places[shard] }
    set { places[shard] = newValue }
  }

  var all: [Result<Double, any Error>] { Array(places) }
}
