import Foundation

/// The gradient through the E-step, γ_k = p_k / Σ_j p_j.
extension ObservationModel {
  /// dL/dγ of the loss Σ γ·(−log P(x|ψ)) + λ Σ (1−γ)·KL, or of the free energy, summed over channels.
  /// - Parameter slope: receives dL/dγ · `scale`, [batch, slots, pixels].
  func gammaSlope(
    frame: UnsafePointer<Float>, psi: UnsafePointer<Float>, slope: UnsafeMutablePointer<Float>, _ loss: UnrollLoss,
    scale: Float, _ shape: MixtureShape
  ) {
    let (pixels, channels) = (shape.pixels, shape.channels)
    for row in 0..<shape.rows * pixels {
      let x = frame + (row / (shape.slots * pixels) * pixels + row % pixels) * channels
      var sum: Float = 0
      for c in 0..<channels {
        let value = psi[row * channels + c]
        sum -= term(x[c], value, 0, loss.priorWeight).value
        if loss.gammaGradient == .loss { sum += term(x[c], value, 1, loss.priorWeight).value }
      }
      slope[row] = sum * scale
    }
  }

  /// Adds to dL/dψ what reaches ψ through γ: dL/dψ_k += γ_k (g_k − Σ_j γ_j g_j) · d log p_k/dψ_k, with g = dL/dγ.
  /// - Parameters:
  ///   - slope: dL/dγ, [batch, slots, pixels].
  ///   - gradient: dL/dψ, [batch, slots, pixels, channels].
  func addGradient(
    throughGamma slope: UnsafePointer<Float>, _ gamma: UnsafePointer<Float>, frame: UnsafePointer<Float>,
    psi: UnsafePointer<Float>, to gradient: UnsafeMutablePointer<Float>, _ shape: MixtureShape
  ) {
    let (pixels, channels) = (shape.pixels, shape.channels)
    for place in 0..<shape.batch * pixels {
      let (sample, pixel) = (place / pixels, place % pixels)
      let rows = (0..<shape.slots).lazy.map { (sample * shape.slots + $0) * pixels + pixel }
      var mean: Float = 0
      for row in rows { mean += gamma[row] * slope[row] }
      for row in rows {
        let p = likelihood(frame + place * channels, psi + row * channels, channels: channels)
        let weight = gamma[row] * (slope[row] - mean) * p / (p + Self.likelihoodFloor)
        for c in 0..<channels {
          let index = row * channels + c
          gradient[index] += weight * logLikelihoodSlope(frame[place * channels + c], psi[index])
        }
      }
    }
  }

  /// d log P(x | ψ) / dψ of one channel.
  private func logLikelihoodSlope(_ x: Float, _ psi: Float) -> Float {
    switch self {
    case .bernoulli: (2 * x - 1) / max(x * psi + (1 - x) * (1 - psi), Self.likelihoodFloor)
    case .gaussian(let sigma): (x - psi) / (sigma * sigma)
    }
  }
}
