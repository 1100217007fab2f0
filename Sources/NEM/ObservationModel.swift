import CKernels

/// How a pixel's value x is distributed around its prediction ψ, independently in each channel.
public enum ObservationModel: Sendable, Equatable {
  /// x is 1 with probability ψ; x in between is read as a probability, so that P = xψ + (1−x)(1−ψ).
  case bernoulli
  /// The same for grey values, with P = ψˣ (1−ψ)¹⁻ˣ, whose −log is the loss: here the E-step is that of the free energy,
  /// and a faint x goes to the slot that predicts something there.
  case greyBernoulli
  /// x is normal around ψ; sigma is used by the E-step only (it acts as a temperature), the loss has σ = 1.
  case gaussian(sigma: Float)

  /// Whether the loss is a cross entropy, of values in 0…1.
  var isBernoulli: Bool { self == .bernoulli || self == .greyBernoulli }

  /// E-step: γ_k = (p_k + 10⁻⁶) / Σ_j (p_j + 10⁻⁶) with uniform mixing weights; p_k is the product over channels, and the
  /// Gaussian's has the scale of a density, as in the reference implementation.
  /// - Parameters:
  ///   - frame: x, [batch, pixels, channels].
  ///   - psi: ψ, [batch, slots, pixels, channels].
  ///   - gamma: receives γ, [batch, slots, pixels].
  package func eStep(
    frame: UnsafePointer<Float>, psi: UnsafePointer<Float>, gamma: UnsafeMutablePointer<Float>, _ shape: MixtureShape
  ) {
    nem_expectation(mixture(shape), frame, psi, gamma)
  }

  /// The loss Σ γ·(−log P(x|ψ)) + λ Σ (1−γ)·KL(prior ‖ P(·|ψ)), summed over all its arguments, and its slope. ψ is kept
  /// 10⁻⁶ from 0 and 1 inside logarithms.
  ///
  /// Bernoulli prior p = 0: KL = −log(1−ψ). Gaussian prior μ = 0, σ = 1: KL = ψ²/2 (Greff et al. 2017, eq. 5).
  /// - Parameter gradient: receives dL/dψ · `scale`, with γ held constant.
  package func loss(
    frame: UnsafePointer<Float>, psi: UnsafePointer<Float>, gamma: UnsafePointer<Float>,
    gradient: UnsafeMutablePointer<Float>, priorWeight: Float, scale: Float, _ shape: MixtureShape
  ) -> Double {
    nem_mixture_loss(mixture(shape), frame, psi, gamma, priorWeight, scale, gradient)
  }

  /// The shape as the kernels take it.
  func mixture(_ shape: MixtureShape) -> nem_mixture {
    var sigma: Float = 0
    if case .gaussian(let own) = self { sigma = own }
    return nem_mixture(
      samples: shape.batch, slots: shape.slots, pixels: shape.pixels, channels: shape.channels, sigma: sigma,
      grey: self == .greyBernoulli)
  }
}

/// Sizes of a batch of mixtures: ψ is [batch, slots, pixels, channels].
package struct MixtureShape: Sendable, Equatable {
  package var batch: Int
  package var slots: Int
  package var pixels: Int
  package var channels: Int

  package init(batch: Int, slots: Int, pixels: Int, channels: Int) {
    (self.batch, self.slots, self.pixels, self.channels) = (batch, slots, pixels, channels)
  }

  /// Rows of the network's batch: batch · slots.
  package var rows: Int { batch * slots }
  /// Values in one frame of the whole batch.
  package var frameCount: Int { batch * pixels * channels }
  /// Values in ψ.
  package var psiCount: Int { rows * pixels * channels }
}
