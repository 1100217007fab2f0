import Kernels
import Neural
import Scenes

/// The training loss on clips that are not trained on; equal weights give equal values.
public struct ValidationLoss {
  private let loss: any HeldOutLoss
  private let batches: Int

  /// The loss of a model on the first `count` clips of a source, rounded up to whole batches. Throws `TensorError` when
  /// oneDNN cannot be set up.
  public init(_ model: Model, _ source: any SequenceSource, count: Int, options: TrainingOptions) throws {
    batches = (count + options.batch - 1) / options.batch
    if let memory = model.description.network.memory {
      loss = try MemoryLoss(model, memory, source, options)
    } else {
      loss = UnrolledLoss(model, source, options)
    }
  }

  /// Mean over clips and counted steps, summed over pixels and slots; of a memory, over the pixels of windows.
  public func compute() throws -> Double { try loss.mean(batches: batches) }
}

/// A loss as it is trained, on the first batches of a source.
private protocol HeldOutLoss {
  func mean(batches: Int) throws -> Double
}

/// Of a network that predicts the next frame, without noise. Runs in the training network's memory between two updates:
/// batch, slots and steps are the training's.
private struct UnrolledLoss: HeldOutLoss {
  private let source: any SequenceSource
  private let options: TrainingOptions
  private let observation: ObservationModel
  private let unroll: Unroll
  private let gradient: FloatBuffer

  init(_ model: Model, _ source: any SequenceSource, _ options: TrainingOptions) {
    (self.source, self.options) = (source, options)
    observation = model.description.observationModel
    unroll = Unroll(
      model.network, model.description, loss: options.loss, batch: options.batch, slots: options.slots,
      steps: options.steps, training: false)
    gradient = FloatBuffer(count: unroll.shape.psiCount)
  }

  func mean(batches: Int) throws -> Double {
    var random = RandomSource(seed: options.seed ^ 0x7E57)
    let count = unroll.shape.frameCount / options.batch
    let counted = options.loss.steps.counted(of: options.steps)
    var total = 0.0
    for batch in 0..<batches {
      let clips = try (0..<options.batch).map { try source.sequence(batch * options.batch + $0) }
      func frame(_ t: Int) -> [Float] { clips.flatMap { $0.features[t * count..<(t + 1) * count] } }
      unroll.start(&random, frame: frame(0))
      for t in 0..<options.steps {
        let next = frame(unroll.looks.frame(of: t + 1))
        try unroll.forward(t, corrupted: frame(unroll.looks.frame(of: t)), next: next)
        guard counted.contains(t) else { continue }
        total += observation.loss(
          frame: next, psi: unroll.psi(t + 1), gamma: unroll.gamma(t + 1), gradient: gradient.pointer,
          priorWeight: options.loss.priorWeight, scale: 1, unroll.shape)
      }
    }
    return total / Double(batches * options.batch * counted.count)
  }
}

/// Of a network that completes what slots remember: always the same examples of the clips.
private struct MemoryLoss: HeldOutLoss {
  private let model: Model
  private let source: any SequenceSource
  private let shards: Int
  private let worker: MemoryWorker

  init(
    _ model: Model, _ memory: MemoryDescription, _ source: any SequenceSource, _ options: TrainingOptions
  ) throws {
    (self.model, self.source) = (model, source)
    shards = options.shards
    worker = try MemoryWorker(model.description, memory, options)
  }

  func mean(batches: Int) throws -> Double {
    worker.take(model.network.parameters.values)
    var total = 0.0
    for batch in 0..<batches {
      for shard in 0..<shards { total += try worker.loss(source, update: batch, shard: shard) }
    }
    return total / Double(batches * shards)
  }
}
