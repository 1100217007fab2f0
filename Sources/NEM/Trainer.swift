import Dispatch
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
  /// Largest norm of the whole gradient; a longer one is shortened to it. Nil leaves it as it is, as in the papers.
  public var gradientLimit: Float?
  /// What is minimised.
  public var loss = UnrollLoss()
  /// Parts of the network that stay as they are.
  public var kept: [NetworkPart] = []
  /// Seed of weights, noise and starts.
  public var seed: UInt64 = 1

  /// The papers' settings for flying shapes.
  public init() {}

  /// Adam's rate for update `index`.
  func rate(at index: Int) -> Float {
    let left = Float(updates - index) / Float(updates)
    return rate * min(1, left / max(decay, .leastNormalMagnitude))
  }

  /// Frames of each clip that a network sees, which may look several times at one.
  public func frames(of network: NetworkDescription) -> Int { network.looksAtFrames.frame(of: steps) + 1 }

  /// Clips of one shard: the most that divide the batch, at most 16 and, so that two cores have work, half of it.
  var shardSize: Int {
    (1...16).last { batch % $0 == 0 && ($0 == 1 || $0 <= batch / 2) } ?? 1
  }

  /// Shards of a batch.
  var shards: Int { batch / shardSize }

  /// A shard's own random numbers, and the number of its first clip.
  func draw(update: Int, shard: Int) -> (random: RandomSource, firstClip: Int) {
    let number = update * shards + shard
    return (RandomSource(seed: seed ^ 0x5EED, index: UInt64(number)), number * shardSize)
  }
}

/// Trains a full-frame model, on several threads, and in several processes.
///
/// A batch is cut into shards, whose number depends on the batch alone; their gradients are added in order. So the
/// weights are the same for any number of threads and processes.
public final class Trainer {
  /// The model being trained.
  public let model: Model
  /// The run's settings.
  public let options: TrainingOptions
  /// Updates done so far.
  public var update: Int { model.network.parameters.updates }
  private let source: any SequenceSource
  private let workers: [any ShardWorker]
  private let gradients: [FloatBuffer]
  private let group: ProcessGroup
  private let data: String
  private static let settingsKey = "training.options"
  private static let dataKey = "training.data"

  /// A fresh run on `threads` threads of each process of a group. Throws `TensorError` when oneDNN cannot be set up.
  /// - Parameter data: what the clips and the first weights are, in words: only a run of the same can be gone on with.
  public init(
    _ model: Model, _ source: any SequenceSource, options: TrainingOptions, data: String = "", threads: Int = 1,
    group: ProcessGroup = .alone
  ) throws {
    self.model = model
    self.data = data
    self.source = source
    self.options = options
    self.group = group
    let count = model.network.parameters.gradients.count
    let shards = options.shards
    gradients = (0..<shards).map { _ in FloatBuffer(count: count) }
    let own = (shards - group.rank + group.size - 1) / group.size
    workers = try (0..<min(max(threads, 1), own)).map { _ in try model.description.makeWorker(options) }
  }

  /// Runs one update and returns its loss: mean over clips and counted steps, summed over pixels and slots.
  public func step() throws -> Double {
    let losses = try runShards()
    let parameters = model.network.parameters
    let scale = 1 / Float(gradients.count)
    parameters.gradients.fill(0)
    for gradient in gradients { parameters.gradients.add(gradient, scale: scale) }
    for part in options.kept { parameters.clearGradients(of: part) }
    if let limit = options.gradientLimit {
      let norm = parameters.gradients.norm
      if norm > limit { parameters.gradients.scale(by: limit / norm) }
    }
    Adam(rate: options.rate(at: update)).step(parameters)
    model.network.weightsDidChange()
    return losses.reduce(0, +) / Double(losses.count)
  }

  private func runShards() throws -> [Double] {
    let results = ShardResults(count: gradients.count)
    let (index, values, stride) = (update, model.network.parameters.values, workers.count * group.size)
    DispatchQueue.concurrentPerform(iterations: workers.count) { [source, workers, gradients, group] place in
      let worker = workers[place]
      setTensorThreads(1)
      worker.take(values)
      for shard in Swift.stride(from: group.rank + place * group.size, to: gradients.count, by: stride) {
        results[shard] = Result { try worker.run(source, update: index, shard: shard, into: gradients[shard]) }
      }
    }
    var losses = try results.all.map { try $0.get() }
    if group.size > 1 { exchange(&losses) }
    return losses
  }

  /// Every process gets the gradients and losses of all shards.
  private func exchange(_ losses: inout [Double]) {
    for (shard, gradient) in gradients.enumerated() {
      let owner = shard % group.size
      group.broadcast(
        UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(start: gradient.pointer, count: gradient.count)),
        from: owner)
      withUnsafeMutableBytes(of: &losses[shard]) { group.broadcast($0, from: owner) }
    }
  }

  /// Writes weights, moments, settings and the number of updates, atomically.
  public func checkpoint(to path: String) throws {
    let settings = String(decoding: try JSONEncoder().encode(options), as: UTF8.self)
    try model.checkpoint(metadata: [Self.settingsKey: settings, Self.dataKey: data]).write(to: path)
  }

  /// Continues from a checkpoint: the next updates are the ones that an uninterrupted run would have made. Throws
  /// `ModelError` if it is of another network, or of other settings or data.
  public func resume(from path: String) throws {
    let file = try Safetensors.read(path)
    if let json = file.metadata[Self.settingsKey],
      (try? JSONDecoder().decode(TrainingOptions.self, from: Data(json.utf8))) != options
        || file.metadata[Self.dataKey] ?? "" != data || !model.hasDescription(of: file)
    {
      throw ModelError.mismatch(path, "is of a training with other settings or data; resume with the same command")
    }
    try model.resume(file, path: path)
  }
}
