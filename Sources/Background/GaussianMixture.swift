import Foundation

/// A mixture of Gaussians with full covariances, p(x) = Σ_k φ_k N(x; μ_k, Σ_k), in double precision.
///
/// Data and parameters are flat arrays, row by row: N samples of D values, K means of D, K covariances of D × D.
public struct GaussianMixture: Sendable {
  /// φ, K values with the sum 1.
  public let weights: [Double]
  /// μ, [K, D].
  public let means: [Double]
  /// Σ, [K, D, D].
  public let covariances: [Double]
  /// D.
  public let dimensions: Int
  /// K.
  public var components: Int { weights.count }

  private let factors: [Cholesky]

  /// A mixture with known parameters, of the shapes above.
  ///
  /// - Throws: `BackgroundError.singularCovariance` unless every covariance is positive definite.
  public init(weights: [Double], means: [Double], covariances: [Double], dimensions: Int) throws(BackgroundError) {
    let (k, d) = (weights.count, dimensions)
    precondition(k > 0 && d > 0 && means.count == k * d && covariances.count == k * d * d, "shapes do not match")
    var factors: [Cholesky] = []
    for component in 0..<k {
      let matrix = covariances[component * d * d..<(component + 1) * d * d]
      guard let factor = Cholesky(matrix, dimensions: d) else { throw .singularCovariance(component: component) }
      factors.append(factor)
    }
    self.weights = weights
    self.means = means
    self.covariances = covariances
    self.dimensions = d
    self.factors = factors
  }

  /// Which component each sample came from, and how well the mixture explains the data.
  public struct Expectation: Sendable {
    /// q_k(x) = p(k | x), [N, K].
    public var responsibilities: [Double]
    /// Mean of log p(x) over the samples; with these responsibilities it is also the ELBO per sample.
    public var meanLogLikelihood: Double
  }

  /// The E-step over samples [N, D], in logarithms throughout.
  public func expectation(of data: [Double]) -> Expectation {
    let samples = data.count / dimensions
    precondition(samples * dimensions == data.count, "the data is not a whole number of samples")
    var result = Expectation(responsibilities: Array(repeating: 0, count: samples * components), meanLogLikelihood: 0)
    var joint = Array(repeating: 0.0, count: components)
    var difference = Array(repeating: 0.0, count: dimensions)
    for n in 0..<samples {
      for k in 0..<components {
        joint[k] = logJoint(data, n, k, &difference)
      }
      let largest = joint.max()!
      let total = largest + log(joint.reduce(0) { $0 + exp($1 - largest) })
      result.meanLogLikelihood += total / Double(samples)
      for k in 0..<components { result.responsibilities[n * components + k] = exp(joint[k] - total) }
    }
    return result
  }

  /// log φ_k N(x_n; μ_k, Σ_k).
  private func logJoint(_ data: [Double], _ n: Int, _ k: Int, _ difference: inout [Double]) -> Double {
    let d = dimensions
    var logDeterminant = 0.0
    for i in 0..<d {
      difference[i] = data[n * d + i] - means[k * d + i]
      logDeterminant += 2 * log(factors[k].factor[i * d + i])
    }
    let distance = factors[k].squaredDistance(&difference)
    return log(weights[k]) - 0.5 * (Double(d) * log(2 * .pi) + logDeterminant + distance)
  }
}
