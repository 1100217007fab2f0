import CKernels
import Neural

/// What the slots of a network see of a frame: δ_k = γ_k ⊙ (x − ψ_k), as in the papers, or also what tells a slot that
/// others predict the same, or that nobody predicts a thing (`NetworkDescription.seesOthers`).
struct SlotViews {
  private let mixture: nem_mixture
  private let seesOthers: Bool

  init(_ network: any SlotNetwork, _ observation: ObservationModel, _ shape: MixtureShape) {
    mixture = observation.mixture(shape)
    seesOthers = network.inputCount == shape.pixels * shape.channels * Int(NEM_VIEWS)
  }

  /// Fills `input`, [batch, slots, pixels, channels · views].
  /// - Parameters:
  ///   - frame: x̃, [batch, pixels, channels].
  ///   - psi: ψ predicted for that frame, [batch, slots, pixels, channels].
  ///   - gamma: γ on it, [batch, slots, pixels].
  func fill(
    _ input: UnsafeMutablePointer<Float>, frame: UnsafePointer<Float>, psi: UnsafePointer<Float>,
    gamma: UnsafePointer<Float>
  ) {
    if seesOthers {
      nem_views(mixture, frame, psi, gamma, input)
    } else {
      nem_residual(mixture, frame, psi, gamma, input)
    }
  }

  /// Adds to dL/dψ, and to dL/dγ unless that is nil, what comes from dL/dinput.
  func backward(
    _ inputGradient: UnsafePointer<Float>, frame: UnsafePointer<Float>, psi: UnsafePointer<Float>,
    gamma: UnsafePointer<Float>, psiGradient: UnsafeMutablePointer<Float>, gammaGradient: UnsafeMutablePointer<Float>?
  ) {
    if seesOthers {
      nem_views_backward(mixture, frame, psi, gamma, inputGradient, psiGradient, gammaGradient)
    } else {
      nem_residual_backward(mixture, gamma, inputGradient, psiGradient)
      if let gammaGradient { nem_gamma_slope_of_residual(mixture, frame, psi, inputGradient, gammaGradient) }
    }
  }
}
