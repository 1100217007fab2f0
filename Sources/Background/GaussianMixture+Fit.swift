import Kernels

extension GaussianMixture {
  /// When EM stops, and what keeps covariances away from collapse.
  public struct FitOptions: Sendable {
    /// At most this many steps.
    public var iterations = 100
    /// Stops when the mean log-likelihood grows by less than this.
    public var tolerance = 1e-3
    /// Added to the diagonal of every covariance.
    public var regularizer = 1e-6

    /// scikit-learn's settings.
    public init() {}
  }

  /// The outcome of a fit.
  public struct Fit: Sendable {
    /// The fitted mixture.
    public var mixture: GaussianMixture
    /// The ELBO per sample at each E-step; it never falls (but for what the regulariser costs).
    public var history: [Double]
    /// Whether the last step grew by less than the tolerance.
    public var converged: Bool
  }

  /// Fits `components` Gaussians to samples [N, D], N ≥ components, from a k-means++ start.
  ///
  /// - Throws: `BackgroundError.singularCovariance` when a component collapses in spite of the regulariser.
  public static func fit(
    _ data: [Double], dimensions: Int, components: Int, options: FitOptions = .init(), random: inout RandomSource
  ) throws(BackgroundError) -> Fit {
    let clusters = KMeans.cluster(data, dimensions: dimensions, clusters: components, random: &random)
    var responsibilities = Array(repeating: 0.0, count: clusters.count * components)
    for (n, cluster) in clusters.enumerated() { responsibilities[n * components + cluster] = 1 }
    let start = try maximized(data, responsibilities, dimensions: dimensions, regularizer: options.regularizer)
    return try start.fit(data, options: options)
  }

  /// Continues from this mixture with EM on samples [N, D].
  public func fit(_ data: [Double], options: FitOptions = .init()) throws(BackgroundError) -> Fit {
    var fit = Fit(mixture: self, history: [], converged: false)
    for _ in 0..<options.iterations {
      let expectation = fit.mixture.expectation(of: data)
      let previous = fit.history.last ?? -.infinity
      fit.history.append(expectation.meanLogLikelihood)
      fit.mixture = try GaussianMixture.maximized(
        data, expectation.responsibilities, dimensions: dimensions, regularizer: options.regularizer)
      if abs(expectation.meanLogLikelihood - previous) < options.tolerance {
        fit.converged = true
        break
      }
    }
    return fit
  }

  /// The M-step: φ_k = mean of q_k, μ_k and Σ_k the moments of the data weighted by q_k ([N, K]).
  package static func maximized(
    _ data: [Double], _ responsibilities: [Double], dimensions d: Int, regularizer: Double
  ) throws(BackgroundError) -> GaussianMixture {
    let samples = data.count / d
    let components = responsibilities.count / samples
    // An empty component keeps a tiny weight instead of dividing by zero.
    var totals = Array(repeating: 10 * Double.ulpOfOne, count: components)
    var means = Array(repeating: 0.0, count: components * d)
    for n in 0..<samples {
      for k in 0..<components {
        let q = responsibilities[n * components + k]
        totals[k] += q
        for i in 0..<d { means[k * d + i] += q * data[n * d + i] }
      }
    }
    for i in means.indices { means[i] /= totals[i / d] }
    let covariances = moments(data, responsibilities, means, totals, dimensions: d, regularizer: regularizer)
    let sum = totals.reduce(0, +)
    return try GaussianMixture(
      weights: totals.map { $0 / sum }, means: means, covariances: covariances, dimensions: d)
  }

  private static func moments(
    _ data: [Double], _ responsibilities: [Double], _ means: [Double], _ totals: [Double], dimensions d: Int,
    regularizer: Double
  ) -> [Double] {
    let components = totals.count
    var covariances = Array(repeating: 0.0, count: components * d * d)
    for n in 0..<data.count / d {
      for k in 0..<components {
        let q = responsibilities[n * components + k] / totals[k]
        for i in 0..<d {
          let scaled = q * (data[n * d + i] - means[k * d + i])
          for j in 0...i { covariances[(k * d + i) * d + j] += scaled * (data[n * d + j] - means[k * d + j]) }
        }
      }
    }
    for k in 0..<components {
      for i in 0..<d {
        covariances[(k * d + i) * d + i] += regularizer
        for j in 0..<i { covariances[(k * d + j) * d + i] = covariances[(k * d + i) * d + j] }
      }
    }
    return covariances
  }
}
