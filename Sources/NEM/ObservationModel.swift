import Foundation

/// How a pixel's value x is distributed around its prediction ψ, independently in each channel.
public enum ObservationModel: Sendable, Equatable {
  /// x is 1 with probability ψ (x in between is read as a probability).
  case bernoulli
  /// x is normal around ψ; sigma is used by the E-step only (it acts as a temperature), the loss has σ = 1.
  case gaussian(sigma: Float)

  /// Added to each likelihood in the E-step, so that no pixel is left without an owner.
  static let likelihoodFloor: Float = 1e-6
  /// ψ is kept this far from 0 and 1 inside logarithms.
  static let logFloor: Float = 1e-6

  /// log P(x | ψ) of one channel; the Gaussian's without its constant, so that its peak is 0.
  @inline(__always) func logLikelihood(_ x: Float, _ psi: Float) -> Float {
    switch self {
    case .bernoulli: log(max(x * psi + (1 - x) * (1 - psi), Float.leastNormalMagnitude))
    case .gaussian(let sigma): -(x - psi) * (x - psi) / (2 * sigma * sigma)
    }
  }

  /// P(x | ψ) over all channels: the product of the channels', taken in log space. The Gaussian has the scale of a
  /// density with σ, as in the reference implementation.
  @inline(__always) func likelihood(
    _ x: UnsafePointer<Float>, _ psi: UnsafePointer<Float>, channels: Int
  ) -> Float {
    if channels == 1, self == .bernoulli { return x[0] * psi[0] + (1 - x[0]) * (1 - psi[0]) }
    var sum: Float = 0
    for c in 0..<channels { sum += logLikelihood(x[c], psi[c]) }
    return exp(sum) * density(channels)
  }

  private func density(_ channels: Int) -> Float {
    guard case .gaussian(let sigma) = self else { return 1 }
    return pow(1 / (sigma * (2 * Float.pi).squareRoot()), Float(channels))
  }

  /// E-step: γ_k = (p_k + 10⁻⁶) / Σ_j (p_j + 10⁻⁶) with uniform mixing weights.
  /// - Parameters:
  ///   - frame: x, [batch, pixels, channels].
  ///   - psi: ψ, [batch, slots, pixels, channels].
  ///   - gamma: receives γ, [batch, slots, pixels].
  package func eStep(
    frame: UnsafePointer<Float>, psi: UnsafePointer<Float>, gamma: UnsafeMutablePointer<Float>, _ shape: MixtureShape
  ) {
    let (pixels, channels) = (shape.pixels, shape.channels)
    for sample in 0..<shape.batch {
      let x = frame + sample * pixels * channels
      for pixel in 0..<pixels {
        var total: Float = 0
        for slot in 0..<shape.slots {
          let row = (sample * shape.slots + slot) * pixels + pixel
          let p = likelihood(x + pixel * channels, psi + row * channels, channels: channels) + Self.likelihoodFloor
          gamma[row] = p
          total += p
        }
        for slot in 0..<shape.slots { gamma[(sample * shape.slots + slot) * pixels + pixel] /= total }
      }
    }
  }

  /// The loss Σ γ·(−log P(x|ψ)) + λ Σ (1−γ)·KL(prior ‖ P(·|ψ)), summed over all its arguments, and its slope.
  ///
  /// Bernoulli prior p = 0: KL = −log(1−ψ). Gaussian prior μ = 0, σ = 1: KL = ψ²/2 (Greff et al. 2017, eq. 5).
  /// - Parameter gradient: receives dL/dψ · `scale`, with γ held constant.
  package func loss(
    frame: UnsafePointer<Float>, psi: UnsafePointer<Float>, gamma: UnsafePointer<Float>,
    gradient: UnsafeMutablePointer<Float>, priorWeight: Float, scale: Float, _ shape: MixtureShape
  ) -> Double {
    let (pixels, channels) = (shape.pixels, shape.channels)
    var total = 0.0
    for row in 0..<shape.batch * shape.slots {
      let x = frame + row / shape.slots * pixels * channels
      var sum: Float = 0
      for index in 0..<pixels * channels {
        let owner = gamma[row * pixels + index / channels]
        let (value, slope) = term(x[index], psi[row * pixels * channels + index], owner, priorWeight)
        sum += value
        gradient[row * pixels * channels + index] = slope * scale
      }
      total += Double(sum)
    }
    return total
  }

  @inline(__always) func term(
    _ x: Float, _ psi: Float, _ gamma: Float, _ priorWeight: Float
  ) -> (value: Float, slope: Float) {
    switch self {
    case .bernoulli:
      let on = min(max(psi, Self.logFloor), 1 - Self.logFloor)
      let off = 1 - on
      let prior = (1 - gamma) * priorWeight
      let value = -gamma * (x * log(on) + (1 - x) * log(off)) - prior * log(off)
      return (value, gamma * (on - x) / (on * off) + prior / off)
    case .gaussian:
      let prior = (1 - gamma) * priorWeight
      let constant: Float = 0.918_938_533
      let value = gamma * ((x - psi) * (x - psi) / 2 + constant) + prior * psi * psi / 2
      return (value, gamma * (psi - x) + prior * psi)
    }
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
