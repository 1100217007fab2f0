import Kernels
import Scenes

/// What a model made of one clip, step by step, to be looked at.
///
/// From frame `observed` on it sees its own prediction in place of the clip; of a Bernoulli model as a binary frame,
/// since at the values themselves ψ dies away within a few frames.
public struct SequenceTrace: Sendable {
  /// From which prediction on a binary frame is 1. ψ is blurred: at 0.5 objects shrink from frame to frame, at the 0.1 of
  /// the authors' rollouts (`rollout_from_file` of their Relational-NEM) they grow.
  private static let onLevel: Float = 0.3

  /// One step's frame and what was known about it.
  public struct Step: Sendable {
    /// The clip's frame, [H, W, C].
    public var frame: [Float]
    /// γ on the frame that the model saw, [K, H, W].
    public var gamma: [Float]
    /// ψ, predicted for this frame before it was seen, [K, H, W, C].
    public var psi: [Float]
    /// max_k ψ_k, or its mean over the ways to begin, [H, W, C].
    public var prediction: [Float]
  }

  /// Height, width and channels.
  public let format: SequenceFormat
  /// K.
  public let slots: Int
  /// Number of frames seen; later ones are the model's own.
  public let observed: Int
  /// Frames 1…T−1.
  public let steps: [Step]

  /// Runs a model over a clip; `seed` draws the first γ.
  public init(
    _ model: Model, _ clip: LabelledSequence, slots: Int, observed: Int, seed: UInt64
  ) throws {
    (format, self.slots, self.observed) = (clip.format, slots, observed)
    let inference = model.inference(batch: 1, slots: slots, frames: clip.format.frames)
    let shape = inference.shape
    func frame(_ t: Int) -> [Float] {
      Array(clip.features[t * shape.frameCount..<(t + 1) * shape.frameCount])
    }
    func prediction(_ t: Int) -> [Float] {
      (0..<shape.frameCount).map { inference.prediction(t, sample: 0, place: $0) }
    }
    var random = RandomSource(seed: seed)
    try inference.begin(frame(0), &random)
    for t in 1..<clip.format.frames {
      try inference.predict(t)
      try inference.see(
        t, t < observed ? frame(t) : Self.imagined(prediction(t), model.description.observationModel))
    }
    steps = (1..<clip.format.frames).map { t in
      let gamma = UnsafeBufferPointer(start: inference.gamma(t), count: slots * shape.pixels)
      let psi = UnsafeBufferPointer(start: inference.psi(t), count: shape.psiCount)
      return Step(frame: frame(t), gamma: Array(gamma), psi: Array(psi), prediction: prediction(t))
    }
  }

  private static func imagined(_ prediction: [Float], _ observation: ObservationModel) -> [Float] {
    observation == .bernoulli ? prediction.map { $0 > onLevel ? 1 : 0 } : prediction
  }
}
