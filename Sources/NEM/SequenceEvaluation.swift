import Evaluation
import Foundation
import Kernels
import Neural
import Scenes

extension FlyingShapes: SequenceSource {}

/// Scores of a full-frame model on labelled clips, in the field's conventions (argmax γ, background and overlaps left
/// out, steps t ≥ 1).
public struct SequenceScores: Codable, Sendable, Equatable {
  /// Name of the data set.
  public var dataset: String
  /// The model file.
  public var model: String
  /// Number of clips.
  public var sequences: Int
  /// Adjusted mutual information normalised by max(H(U), H(V)), mean over steps and clips.
  public var ami: Double
  /// The same normalised by the arithmetic mean.
  public var amiArithmetic: Double
  /// Adjusted Rand index over foreground pixels, mean over steps and clips.
  public var fgARI: Double
  /// Bernoulli cross entropy of max_k ψ_k against the next frame, summed over pixels, mean over steps and clips.
  public var bce: Double

  enum CodingKeys: String, CodingKey {
    case dataset, model, sequences, ami, bce
    case amiArithmetic = "ami_arithmetic"
    case fgARI = "fg_ari"
  }
}

/// Runs a full-frame model over labelled clips without noise and scores it.
public struct SequenceEvaluation {
  private let model: Model
  private let unroll: Unroll
  private let batch = 50

  /// An evaluation with K slots over `steps` steps.
  public init(_ model: Model, slots: Int, steps: Int) {
    self.model = model
    let input = model.description.network.input
    unroll = Unroll(
      model.network, model.description.observationModel, priorWeight: 1,
      shape: MixtureShape(batch: batch, slots: slots, pixels: input[0] * input[1], channels: input[2]),
      steps: steps, training: false)
  }

  /// Scores clips 0..<count of the source, which must have `steps + 1` frames each.
  public func run(
    _ source: any SequenceSource, count: Int, seed: UInt64, dataset: String, name: String
  ) throws -> SequenceScores {
    var random = RandomSource(seed: seed)
    var scores = SequenceScores(
      dataset: dataset, model: name, sequences: count, ami: 0, amiArithmetic: 0, fgARI: 0, bce: 0)
    for first in stride(from: 0, to: count, by: batch) {
      let clips = (first..<first + batch).map { source.sequence($0) }
      try forward(clips, &random)
      for (sample, clip) in clips.enumerated().prefix(count - first) {
        for t in 1...unroll.steps { add(score(clip, sample: sample, t: t), to: &scores) }
      }
    }
    let steps = Double(count * unroll.steps)
    scores.ami /= steps
    scores.amiArithmetic /= steps
    scores.fgARI /= steps
    scores.bce /= steps
    return scores
  }

  private func forward(_ clips: [LabelledSequence], _ random: inout RandomSource) throws {
    let count = unroll.shape.frameCount / batch
    func frame(_ t: Int) -> [Float] { clips.flatMap { $0.features[t * count..<(t + 1) * count] } }
    unroll.start(&random)
    for t in 0..<unroll.steps { try unroll.forward(t, corrupted: frame(t), next: frame(t + 1)) }
  }

  private func score(_ clip: LabelledSequence, sample: Int, t: Int) -> [Double] {
    let pixels = unroll.shape.pixels
    let groups = clip.groups[t * pixels..<(t + 1) * pixels]
    let labels = (0..<pixels).map { label(sample: sample, pixel: $0, t: t) }
    let kept = groups.indices.filter { groups[$0] != 0 }
    let truth = kept.map { groups[$0] }
    let found = kept.map { labels[$0 - groups.startIndex] }
    let frame = clip.features[t * pixels..<(t + 1) * pixels]
    return [
      AdjustedMutualInformation.score(found, truth, normalizer: .max),
      AdjustedMutualInformation.score(found, truth, normalizer: .arithmetic),
      AdjustedRandIndex.score(found, truth),
      frame.enumerated().reduce(0) { $0 + crossEntropy($1.element, sample: sample, pixel: $1.offset, t: t) },
    ]
  }

  private func add(_ values: [Double], to scores: inout SequenceScores) {
    scores.ami += values[0]
    scores.amiArithmetic += values[1]
    scores.fgARI += values[2]
    scores.bce += values[3]
  }

  private func label(sample: Int, pixel: Int, t: Int) -> Int32 {
    let gamma = unroll.gamma(t)
    func value(_ slot: Int) -> Float { gamma[(sample * unroll.shape.slots + slot) * unroll.shape.pixels + pixel] }
    return Int32((1..<unroll.shape.slots).reduce(0) { value($1) > value($0) ? $1 : $0 })
  }

  private func crossEntropy(_ x: Float, sample: Int, pixel: Int, t: Int) -> Double {
    let psi = unroll.psi(t)
    let largest = (0..<unroll.shape.slots).reduce(Float(0)) {
      max($0, psi[(sample * unroll.shape.slots + $1) * unroll.shape.pixels + pixel])
    }
    let p = min(max(largest, 1e-6), 1 - 1e-6)
    return Double(-x * log(p) - (1 - x) * log(1 - p))
  }
}
