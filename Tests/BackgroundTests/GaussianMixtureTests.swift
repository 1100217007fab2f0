import Background
import Foundation
import Kernels
import Testing

private struct MixtureGolden: Decodable, Sendable {
  let dimensions: Int
  let steps: Int
  let data: [Double]
  let weights: [Double]
  let means: [Double]
  let covariances: [Double]
  let fittedWeights: [Double]
  let fittedMeans: [Double]
  let fittedCovariances: [Double]
  let meanLogLikelihood: Double
  let lastLowerBound: Double
}

@Suite struct GaussianMixtureTests {
  private func largestDifference(_ a: [Double], _ b: [Double]) -> Double {
    a.count == b.count ? zip(a, b).map { abs($0 - $1) }.max() ?? 0 : .infinity
  }

  /// Samples around `centres` ([K, 2]), one after the other.
  private func clouds(_ centres: [(Double, Double)], samples: Int, random: inout RandomSource) -> [Double] {
    (0..<samples).flatMap { n in
      let (x, y) = (Double(random.normal()), Double(random.normal()))
      return [centres[n % centres.count].0 + x, centres[n % centres.count].1 + 0.5 * y + 0.3 * x]
    }
  }

  @Test func agreesWithScikitLearn() throws {
    let url = try #require(Bundle.module.url(forResource: "Goldens/gaussian_mixture", withExtension: "json"))
    let goldens = try JSONDecoder().decode([MixtureGolden].self, from: Data(contentsOf: url))
    #expect(goldens.count == 3)
    for golden in goldens {
      let start = try GaussianMixture(
        weights: golden.weights, means: golden.means, covariances: golden.covariances, dimensions: golden.dimensions)
      var options = GaussianMixture.FitOptions()
      options.iterations = golden.steps
      options.tolerance = 0
      let fit = try start.fit(golden.data, options: options)
      #expect(largestDifference(fit.mixture.weights, golden.fittedWeights) < 1e-9)
      #expect(largestDifference(fit.mixture.means, golden.fittedMeans) < 1e-8)
      #expect(largestDifference(fit.mixture.covariances, golden.fittedCovariances) < 1e-8)
      #expect(fit.history.count == golden.steps)
      #expect(abs(fit.history[golden.steps - 1] - golden.lastLowerBound) < 1e-9)
      #expect(abs(fit.mixture.expectation(of: golden.data).meanLogLikelihood - golden.meanLogLikelihood) < 1e-9)
    }
  }

  @Test(arguments: [UInt64(1), 2, 3, 4, 5, 6, 7, 8]) func evidenceNeverFalls(seed: UInt64) throws {
    var random = RandomSource(seed: seed)
    let data = clouds([(0, 0), (2, 1), (-1, 3)], samples: 150, random: &random)
    var options = GaussianMixture.FitOptions()
    options.tolerance = 0
    options.iterations = 60
    options.regularizer = 0
    let fit = try GaussianMixture.fit(data, dimensions: 2, components: 4, options: options, random: &random)
    #expect(fit.history.count > 2)
    #expect(fit.history.last! > fit.history[0])
    for (before, after) in zip(fit.history, fit.history.dropFirst()) { #expect(after >= before - 1e-10) }
  }

  @Test func findsSeparateClouds() throws {
    let centres = [(-10.0, 0.0), (0.0, 8.0), (9.0, -3.0)]
    var random = RandomSource(seed: 4)
    let data = clouds(centres, samples: 600, random: &random)
    let fit = try GaussianMixture.fit(data, dimensions: 2, components: 3, random: &random)
    #expect(fit.converged)
    for centre in centres {
      let nearest = (0..<3).map { k in
        hypot(fit.mixture.means[2 * k] - centre.0, fit.mixture.means[2 * k + 1] - centre.1)
      }.min()!
      #expect(nearest < 0.3)
    }
    #expect(fit.mixture.weights.allSatisfy { abs($0 - 1.0 / 3) < 0.01 })
    let rows = fit.mixture.expectation(of: data).responsibilities
    #expect((0..<600).allSatisfy { abs(rows[3 * $0..<3 * $0 + 3].reduce(0, +) - 1) < 1e-12 })
  }

  @Test func farSamplesDoNotUnderflow() throws {
    let mixture = try GaussianMixture(
      weights: [0.5, 0.5], means: [0, 1], covariances: [1, 1], dimensions: 1)
    let expectation = mixture.expectation(of: [1e6])
    #expect(expectation.meanLogLikelihood.isFinite)
    #expect(expectation.responsibilities == [0, 1])
  }

  @Test func singularCovarianceIsAnError() {
    #expect(throws: BackgroundError.singularCovariance(component: 1)) {
      try GaussianMixture(
        weights: [0.5, 0.5], means: [0, 0, 0, 0], covariances: [1, 0, 0, 1, 1, 1, 1, 1], dimensions: 2)
    }
  }
}
