import CKernels
import Kernels
import Neural

/// What the gradient takes γ for.
public enum GammaGradient: String, Codable, Sendable, CaseIterable {
  /// A constant, as the papers have it on sequences (Greff et al. 2017, section 3).
  case held
  /// The posterior of the free energy Σ γ (−log P + log γ) + λ Σ (1−γ) KL. There the slope of the first sum along γ
  /// vanishes, so what is left is what γ does to the prior's term and, through δ, to later steps.
  case freeEnergy = "free-energy"
  /// A function of ψ inside the papers' loss, as they have it on single pictures.
  case loss
}

/// Which predictions of a clip the loss counts.
public enum LossSteps: String, Codable, Sendable, CaseIterable {
  /// All, as for sequences.
  case all
  /// The last one, as for a single picture seen several times.
  case last

  /// The predictions among `steps`, from 0, that count.
  func counted(of steps: Int) -> Range<Int> { (self == .all ? 0 : steps - 1)..<steps }
}

/// What the loss of an unroll is made of.
public struct UnrollLoss: Codable, Sendable, Equatable {
  /// λ, the weight of the prior's KL.
  public var priorWeight: Float = 1
  /// What the gradient takes γ for.
  public var gammaGradient = GammaGradient.held
  /// The predictions that count.
  public var steps = LossSteps.all

  /// The papers' loss on sequences.
  public init() {}
}

/// RNN-EM unrolled over a batch of clips, with back-propagation through time.
///
/// At step t the network sees δ_k = γ_k ⊙ (x̃_t − ψ_k), or more (`SlotViews`), and predicts ψ of frame t+1; γ on frame
/// t+1 weighs that frame's loss, and gradients flow back through θ, through ψ in what is seen, and through γ as
/// `UnrollLoss` says.
package final class Unroll {
  package let shape: MixtureShape
  package let steps: Int
  /// Which frame each step sees.
  package let looks: Looks
  private let network: any SlotNetwork
  private let observation: ObservationModel
  private let gammaStart: GammaStart
  private let width: Int
  private let mixture: nem_mixture
  private let views: SlotViews
  private let loss: UnrollLoss
  private let gammas: FloatBuffer
  private let gammaGradient: FloatBuffer
  /// ψ of the first frame: zero.
  private let nothing: FloatBuffer

  /// An unroll of the network that `description` names, over clips · K rows.
  package init(
    _ network: any SlotNetwork, _ description: ModelDescription, loss: UnrollLoss, batch: Int, slots: Int, steps: Int,
    training: Bool
  ) {
    self.network = network
    let input = description.network.input
    shape = MixtureShape(batch: batch, slots: slots, pixels: input[0] * input[1], channels: input[2])
    (observation, gammaStart, width) = (description.observationModel, description.network.gammaStart, input[1])
    mixture = observation.mixture(shape)
    views = SlotViews(network, observation, shape)
    self.loss = loss
    (self.steps, looks) = (steps, description.network.looksAtFrames)
    network.reserve(steps: steps, batch: shape.rows, slots: shape.slots, training: training)
    gammas = FloatBuffer(count: (steps + 1) * shape.rows * shape.pixels)
    gammaGradient = FloatBuffer(count: training ? shape.rows * shape.pixels : 0)
    nothing = FloatBuffer(count: shape.psiCount)
  }

  /// γ on frame t, [batch, slots, pixels]; t = 0 is the start.
  package func gamma(_ t: Int) -> UnsafeMutablePointer<Float> { gammas.pointer + t * shape.rows * shape.pixels }

  /// ψ predicted for frame t ≥ 1, [batch, slots, pixels, channels].
  package func psi(_ t: Int) -> UnsafeMutablePointer<Float> { network.output(t - 1) }

  /// θ = 0, and γ drawn as the model asks for clips of which `frame` is seen first,
  /// [batch, pixels, channels].
  package func start(_ random: inout RandomSource, frame: UnsafePointer<Float>) {
    for index in 0..<shape.rows * network.stateSize { network.initialState[index] = 0 }
    gammaStart.draw(gamma(0), frame: frame, width: width, shape, &random)
  }

  /// Step t: sees the corrupted frame t, predicts frame t+1 and assigns the clean frame t+1 to the slots.
  /// - Parameters:
  ///   - corrupted: x̃_t, [batch, pixels, channels].
  ///   - next: x_{t+1}, the same shape.
  package func forward(_ t: Int, corrupted: UnsafePointer<Float>, next: UnsafePointer<Float>) throws {
    try predict(t, seeing: corrupted)
    assign(t + 1, to: next)
  }

  /// The first half of step t: sees a frame t and predicts frame t+1.
  package func predict(_ t: Int, seeing frame: UnsafePointer<Float>) throws {
    views.fill(network.input(t), frame: frame, psi: t == 0 ? nothing.pointer : psi(t), gamma: gamma(t))
    try network.forward(t)
  }

  /// γ on frame t ≥ 1, which has been predicted.
  package func assign(_ t: Int, to frame: UnsafePointer<Float>) {
    observation.eStep(frame: frame, psi: psi(t), gamma: gamma(t), shape)
  }

  /// The mean loss over clips and counted steps, with the weights' gradients filled. Call after `forward` for every step.
  /// - Parameters:
  ///   - frames: the clean frames, [steps + 1, batch, pixels, channels].
  ///   - corrupted: the frames that the network saw, [steps, batch, pixels, channels].
  package func backward(frames: UnsafePointer<Float>, corrupted: UnsafePointer<Float>) throws -> Double {
    let counted = loss.steps.counted(of: steps)
    let scale = 1 / Float(shape.batch * counted.count)
    var total = 0.0
    network.beginBackward()
    for t in (0..<steps).reversed() {
      let gradient = network.outputGradient(t)
      let next = frames + (t + 1) * shape.frameCount
      if counted.contains(t) {
        total += observation.loss(
          frame: next, psi: psi(t + 1), gamma: gamma(t + 1), gradient: gradient, priorWeight: loss.priorWeight,
          scale: scale, shape)
      } else {
        gradient.update(repeating: 0, count: shape.psiCount)
      }
      passBack(t, next: next, corrupted, to: gradient, scale: counted.contains(t) ? scale : 0)
      try network.backward(t)
    }
    try network.finishBackward()
    return total * Double(scale)
  }

  /// What reaches ψ of frame t+1 from what the next step sees, and through γ on that frame.
  private func passBack(
    _ t: Int, next: UnsafePointer<Float>, _ corrupted: UnsafePointer<Float>,
    to gradient: UnsafeMutablePointer<Float>, scale: Float
  ) {
    let slope = gammaSlope(t, next: next, scale: scale)
    if t < steps - 1 {
      views.backward(
        network.inputGradient, frame: corrupted + (t + 1) * shape.frameCount, psi: psi(t + 1), gamma: gamma(t + 1),
        psiGradient: gradient, gammaGradient: slope)
    }
    if let slope { nem_expectation_backward(mixture, next, psi(t + 1), gamma(t + 1), slope, gradient) }
  }

  /// dL/dγ on frame t+1 from the loss of that frame; nil where γ is held.
  private func gammaSlope(
    _ t: Int, next: UnsafePointer<Float>, scale: Float
  ) -> UnsafeMutablePointer<Float>? {
    guard loss.gammaGradient != .held else { return nil }
    if scale > 0 {
      nem_gamma_slope(
        mixture, next, psi(t + 1), loss.priorWeight, scale, loss.gammaGradient == .loss, gammaGradient.pointer)
    } else {
      gammaGradient.fill(0)
    }
    return gammaGradient.pointer
  }
}
