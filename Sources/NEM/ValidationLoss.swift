import Kernels
import Scenes

/// The training loss on clips that are not trained on, without noise.
///
/// Runs in the training network's memory between two updates: batch, slots and steps are the training's.
public struct ValidationLoss {
  private let source: any SequenceSource
  private let batches: Int
  private let options: TrainingOptions
  private let observation: ObservationModel
  private let unroll: Unroll
  private let gradient: FloatBuffer

  /// The loss of a model on the first `count` clips of a source, rounded up to whole batches.
  public init(_ model: Model, _ source: any SequenceSource, count: Int, options: TrainingOptions) {
    (self.source, self.options) = (source, options)
    batches = (count + options.batch - 1) / options.batch
    observation = model.description.observationModel
    unroll = Unroll(
      model.network, model.description, loss: options.loss, batch: options.batch, slots: options.slots,
      steps: options.steps, training: false)
    gradient = FloatBuffer(count: unroll.shape.psiCount)
  }

  /// Mean over clips and counted steps, summed over pixels and slots; equal weights give equal values.
  public func compute() throws -> Double {
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
