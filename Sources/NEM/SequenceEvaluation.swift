import Evaluation
import Kernels
import Neural
import Scenes

/// Scores of a full-frame model on labelled clips, in the field's conventions (argmax γ, background and overlaps left
/// out, steps t ≥ 1).
public struct SequenceScores: Codable, Sendable, Equatable {
  /// Name of the data set.
  public var dataset: String
  /// The model file.
  public var model: String
  /// Number of clips.
  public var sequences: Int
  /// Adjusted mutual information normalised by max(H(U), H(V)), mean over steps and clips; this and the next two are nil
  /// where nobody knows what belongs together.
  public var ami: Double?
  /// The same normalised by the arithmetic mean.
  public var amiArithmetic: Double?
  /// Adjusted Rand index over foreground pixels, mean over steps and clips.
  public var fgARI: Double?
  /// Bernoulli cross entropy of the prediction (max_k ψ_k, or its mean over the ways to begin) against the next frame,
  /// summed over pixels, mean over steps and clips; for a Gaussian model nil, and `squaredError` in its place.
  public var bce: Double?
  /// Squared error of the prediction against the next frame, summed over pixels, mean over steps and clips.
  public var squaredError: Double?
  /// `bce` over the steps in which objects hit each other; nil where none do, or nobody knows.
  public var collisionBCE: Double?

  enum CodingKeys: String, CodingKey {
    case dataset, model, sequences, ami, bce
    case collisionBCE = "collision_bce"
    case amiArithmetic = "ami_arithmetic"
    case fgARI = "fg_ari"
    case squaredError = "squared_error"
  }
}

/// Runs a full-frame model over labelled clips without noise and scores it.
public struct SequenceEvaluation {
  private let model: Model
  private let inference: any ClipInference
  private let batch: Int
  private let counted: LossSteps
  private let steps: Int

  /// An evaluation with K slots over `steps` frames after the first, which all count, or the last alone;
  /// `batch` clips at once; nil for as many of `clips` as need little memory.
  public init(
    _ model: Model, slots: Int, steps: Int, counted: LossSteps = .all, clips: Int = .max, batch: Int? = nil
  ) {
    precondition(steps > 0, "there is nothing to predict")
    (self.model, self.counted, self.steps) = (model, counted, steps)
    let input = model.description.network.input
    // 50 clips of 28×28 begun once, and fewer others in the same memory; scores do not depend on it.
    let each = input[0] * input[1] * (model.description.network.starts ?? 1) * max(steps, 20)
    self.batch = batch ?? min(max(50 * 28 * 28 * 20 / each, 1), 50, clips)
    inference = model.inference(batch: self.batch, slots: slots, frames: steps + 1)
  }

  /// Scores clips 0..<count of the source, which must have at least `steps + 1` frames each.
  public func run(
    _ source: any SequenceSource, count: Int, seed: UInt64, dataset: String, name: String
  ) throws -> SequenceScores {
    var random = RandomSource(seed: seed)
    var sums = [Double](repeating: 0, count: 4)
    var (collisionLoss, collisionSteps) = (0.0, 0)
    var hasTruth = false
    let counted = counted.counted(of: steps)
    for first in stride(from: 0, to: count, by: batch) {
      let clips = try (first..<first + batch).map { try source.sequence($0) }
      try forward(clips, &random)
      for (sample, clip) in clips.enumerated().prefix(count - first) {
        hasTruth = hasTruth || clip.groups.contains { $0 != 0 }
        for step in counted {
          let values = score(clip, sample: sample, t: step + 1)
          for (index, value) in values.enumerated() { sums[index] += value }
          if clip.hasCollision(after: step) {
            collisionLoss += values[3]
            collisionSteps += 1
          }
        }
      }
    }
    let means = sums.map { $0 / Double(count * counted.count) }
    var scores = SequenceScores(dataset: dataset, model: name, sequences: count)
    if hasTruth { (scores.ami, scores.amiArithmetic, scores.fgARI) = (means[0], means[1], means[2]) }
    if isBernoulli { scores.bce = means[3] } else { scores.squaredError = means[3] }
    if isBernoulli, collisionSteps > 0 { scores.collisionBCE = collisionLoss / Double(collisionSteps) }
    return scores
  }

  private var isBernoulli: Bool { model.description.observationModel.isBernoulli }

  private func forward(_ clips: [LabelledSequence], _ random: inout RandomSource) throws {
    let count = inference.shape.frameCount / batch
    func frame(_ t: Int) -> [Float] { clips.flatMap { $0.features[t * count..<(t + 1) * count] } }
    try inference.begin(frame(0), &random)
    for t in 1...steps {
      try inference.predict(t)
      try inference.see(t, frame(t))
    }
  }

  private func score(_ clip: LabelledSequence, sample: Int, t: Int) -> [Double] {
    let (pixels, values) = (inference.shape.pixels, inference.shape.pixels * inference.shape.channels)
    let groups = clip.groups[t * pixels..<(t + 1) * pixels]
    let labels = (0..<pixels).map { label(sample: sample, pixel: $0, t: t) }
    let kept = groups.indices.filter { groups[$0] != 0 }
    let truth = kept.map { groups[$0] }
    let found = kept.map { labels[$0 - groups.startIndex] }
    let frame = clip.features[t * values..<(t + 1) * values]
    return [
      AdjustedMutualInformation.score(found, truth, normalizer: .max),
      AdjustedMutualInformation.score(found, truth, normalizer: .arithmetic),
      AdjustedRandIndex.score(found, truth),
      frame.enumerated().reduce(0) { $0 + predictionLoss($1.element, sample: sample, place: $1.offset, t: t) },
    ]
  }

  private func label(sample: Int, pixel: Int, t: Int) -> Int32 {
    let (gamma, shape) = (inference.gamma(t), inference.shape)
    func value(_ slot: Int) -> Float { gamma[(sample * shape.slots + slot) * shape.pixels + pixel] }
    return Int32((1..<shape.slots).reduce(0) { value($1) > value($0) ? $1 : $0 })
  }

  /// Cross entropy or squared error of the prediction at `place` of [H, W, C].
  private func predictionLoss(_ x: Float, sample: Int, place: Int, t: Int) -> Double {
    let predicted = inference.prediction(t, sample: sample, place: place)
    guard isBernoulli else { return Double((x - predicted) * (x - predicted)) }
    return binaryCrossEntropy(x, predicted, least: 1e-6)
  }
}
