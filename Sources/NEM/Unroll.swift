import Kernels
import Neural

/// RNN-EM unrolled over a batch of clips, with back-propagation through time.
///
/// At step t the network sees δ_k = γ_k ⊙ (x̃_t − ψ_k) and predicts ψ of frame t+1; γ on frame t+1 weighs that frame's
/// loss, and gradients flow back through θ and through ψ inside δ (Greff et al. 2017, section 3). γ is a constant, as the
/// papers have it for sequences, but in the first `gammaSteps` predictions, where it is differentiated as they have it for
/// single pictures: that is where slots have to become different, which a constant γ does not reward.
package final class Unroll {
  package let shape: MixtureShape
  package let steps: Int
  private let network: RecurrentNetwork
  private let observation: ObservationModel
  private let priorWeight: Float
  private let gammaSteps: Int
  private let gammas: FloatBuffer
  private let gammaGradient: FloatBuffer

  package init(
    _ network: RecurrentNetwork, _ observation: ObservationModel, priorWeight: Float, shape: MixtureShape, steps: Int,
    gammaSteps: Int = 0, training: Bool
  ) {
    self.network = network
    self.observation = observation
    self.priorWeight = priorWeight
    self.shape = shape
    self.steps = steps
    self.gammaSteps = gammaSteps
    network.reserve(steps: steps, batch: shape.rows, training: training)
    gammas = FloatBuffer(count: (steps + 1) * shape.rows * shape.pixels)
    gammaGradient = FloatBuffer(count: gammaSteps > 0 ? shape.rows * shape.pixels : 0)
  }

  /// γ on frame t, [batch, slots, pixels]; t = 0 is the random start.
  package func gamma(_ t: Int) -> UnsafeMutablePointer<Float> { gammas.pointer + t * shape.rows * shape.pixels }

  /// ψ predicted for frame t ≥ 1, [batch, slots, pixels, channels].
  package func psi(_ t: Int) -> UnsafeMutablePointer<Float> { network.output(t - 1) }

  /// θ = 0 and a random γ.
  package func start(_ random: inout RandomSource) {
    for index in 0..<shape.rows * network.stateSize { network.initialState[index] = 0 }
    Self.drawGamma(gamma(0), shape, &random)
  }

  /// γ = |N(0, 1)|, normalised over the slots, [batch, slots, pixels].
  static func drawGamma(_ gamma: UnsafeMutablePointer<Float>, _ shape: MixtureShape, _ random: inout RandomSource) {
    for sample in 0..<shape.batch {
      for pixel in 0..<shape.pixels {
        func place(_ slot: Int) -> Int { (sample * shape.slots + slot) * shape.pixels + pixel }
        var total: Float = 0
        for slot in 0..<shape.slots {
          gamma[place(slot)] = abs(random.normal()) + 1e-6
          total += gamma[place(slot)]
        }
        for slot in 0..<shape.slots { gamma[place(slot)] /= total }
      }
    }
  }

  /// Step t: sees the corrupted frame t, predicts frame t+1 and assigns the clean frame t+1 to the slots.
  /// - Parameters:
  ///   - corrupted: x̃_t, [batch, pixels, channels].
  ///   - next: x_{t+1}, the same shape.
  package func forward(_ t: Int, corrupted: UnsafePointer<Float>, next: UnsafePointer<Float>) throws {
    let delta = network.input(t)
    let weights = gamma(t)
    let channels = shape.channels
    for row in 0..<shape.rows {
      let x = corrupted + row / shape.slots * shape.pixels * channels
      for index in 0..<shape.pixels * channels {
        let place = row * shape.pixels * channels + index
        let residual = t == 0 ? x[index] : x[index] - psi(t)[place]
        delta[place] = weights[row * shape.pixels + index / channels] * residual
      }
    }
    try network.forward(t)
    observation.eStep(frame: next, psi: psi(t + 1), gamma: gamma(t + 1), shape)
  }

  /// The mean loss over steps and clips, with the weights' gradients filled. Call after `forward` for every step.
  /// - Parameters:
  ///   - frames: the clean frames, [steps + 1, batch, pixels, channels].
  ///   - corrupted: the frames that the network saw, [steps, batch, pixels, channels].
  package func backward(frames: UnsafePointer<Float>, corrupted: UnsafePointer<Float>) throws -> Double {
    let scale = 1 / Float(shape.batch * steps)
    var total = 0.0
    network.beginBackward()
    for t in (0..<steps).reversed() {
      let gradient = network.outputGradient(t)
      total += observation.loss(
        frame: frames + (t + 1) * shape.frameCount, psi: psi(t + 1), gamma: gamma(t + 1), gradient: gradient,
        priorWeight: priorWeight, scale: scale, shape)
      if t < steps - 1 { addResidualGradient(gradient, gamma(t + 1)) }
      if t < gammaSteps {
        addGammaGradient(gradient, t, next: frames + (t + 1) * shape.frameCount, corrupted, scale: scale)
      }
      try network.backward(t)
    }
    try network.finishBackward()
    return total * Double(scale)
  }

  /// dL/dψ −= γ · dL/dδ, from the step that saw ψ in its residual.
  private func addResidualGradient(_ gradient: UnsafeMutablePointer<Float>, _ gamma: UnsafePointer<Float>) {
    let slope = network.inputGradient
    for index in 0..<shape.psiCount { gradient[index] -= gamma[index / shape.channels] * slope[index] }
  }

  /// What reaches ψ of frame t+1 through γ on that frame: from its loss, and from the next step's δ.
  private func addGammaGradient(
    _ gradient: UnsafeMutablePointer<Float>, _ t: Int, next: UnsafePointer<Float>, _ corrupted: UnsafePointer<Float>,
    scale: Float
  ) {
    let slope = gammaGradient.pointer
    observation.gammaSlope(
      frame: next, psi: psi(t + 1), slope: slope, priorWeight: priorWeight, scale: scale, shape)
    if t < steps - 1 {
      let seen = corrupted + (t + 1) * shape.frameCount
      let perClip = shape.slots * shape.pixels * shape.channels
      for index in 0..<shape.psiCount {
        let x = seen[index / perClip * shape.pixels * shape.channels + index % (shape.pixels * shape.channels)]
        slope[index / shape.channels] += network.inputGradient[index] * (x - psi(t + 1)[index])
      }
    }
    observation.addGradient(throughGamma: slope, gamma(t + 1), frame: next, psi: psi(t + 1), to: gradient, shape)
  }
}
