import Foundation
import Kernels

/// Clips that are begun in several ways, which are followed side by side: as EM finds the nearest optimum only, the way
/// that has explained a clip best so far predicts, and says what belongs together.
final class BestStartInference: ClipInference {
  /// Weight of the fit so far when the next frame is seen.
  private static let keep = 0.8
  /// Distance of ψ from 0 and 1 inside logarithms.
  private static let least: Float = 0.02
  let shape: MixtureShape
  private let each: any ClipInference
  private let starts: Int
  private let observation: ObservationModel
  /// For each clip and way, the decaying sum of the frames' log-likelihoods.
  private var fits: [Double]
  private let psis: FloatBuffer
  private let explanations: FloatBuffer
  private let gammas: FloatBuffer

  /// `each` has room for [clip, way].
  init(_ each: any ClipInference, starts: Int, frames: Int, _ observation: ObservationModel) {
    (self.each, self.starts, self.observation) = (each, starts, observation)
    var shape = each.shape
    shape.batch /= starts
    self.shape = shape
    fits = Array(repeating: 0, count: each.shape.batch)
    (psis, explanations) = (FloatBuffer(count: frames * shape.psiCount), FloatBuffer(count: frames * shape.psiCount))
    gammas = FloatBuffer(count: frames * shape.rows * shape.pixels)
  }

  func psi(_ t: Int) -> UnsafePointer<Float> { UnsafePointer(psis.pointer + t * shape.psiCount) }
  func explanation(_ t: Int) -> UnsafePointer<Float> { UnsafePointer(explanations.pointer + t * shape.psiCount) }
  func gamma(_ t: Int) -> UnsafePointer<Float> { UnsafePointer(gammas.pointer + t * shape.rows * shape.pixels) }

  func begin(_ frame: [Float], _ random: inout RandomSource) throws {
    fits = fits.map { _ in 0 }
    try each.begin(repeated(frame), &random)
    keepBest(each.gamma(0), of: shape.pixels, in: gammas.pointer)
  }

  func predict(_ t: Int) throws {
    try each.predict(t)
    keepBest(each.psi(t), of: shape.pixels * shape.channels, in: psis.pointer + t * shape.psiCount)
  }

  func see(_ t: Int, _ frame: [Float]) throws {
    try each.see(t, repeated(frame))
    let values = frame.count / shape.batch
    for sample in fits.indices {
      let clip = sample / starts
      fits[sample] *= Self.keep
      fits[sample] += logLikelihood(frame[clip * values..<(clip + 1) * values], sample: sample, t)
    }
    keepBest(each.explanation(t), of: values, in: explanations.pointer + t * shape.psiCount)
    keepBest(each.gamma(t), of: shape.pixels, in: gammas.pointer + t * shape.rows * shape.pixels)
  }

  private func repeated(_ frame: [Float]) -> [Float] {
    let values = frame.count / shape.batch
    return (0..<each.shape.batch).flatMap { frame[$0 / starts * values..<($0 / starts + 1) * values] }
  }

  /// log P(x | max_k ψ_k), but for a constant.
  private func logLikelihood(_ frame: ArraySlice<Float>, sample: Int, _ t: Int) -> Double {
    let psi = each.explanation(t) + sample * shape.slots * frame.count
    return frame.enumerated().reduce(0.0) { sum, pixel in
      let (place, x) = (pixel.offset, pixel.element)
      var largest = -Float.infinity
      for slot in 0..<shape.slots { largest = max(largest, psi[slot * frame.count + place]) }
      guard observation.isBernoulli else { return sum - Double((x - largest) * (x - largest) / 2) }
      let p = min(max(largest, Self.least), 1 - Self.least)
      return sum + Double(x * log(p) + (1 - x) * log(1 - p))
    }
  }

  /// Copies the pictures, of so many values, of each clip's best way.
  private func keepBest(_ source: UnsafePointer<Float>, of values: Int, in target: UnsafeMutablePointer<Float>) {
    let count = shape.slots * values
    for clip in 0..<shape.batch {
      let best = (0..<starts).max { fits[clip * starts + $0] < fits[clip * starts + $1] } ?? 0
      (target + clip * count).update(from: source + (clip * starts + best) * count, count: count)
    }
  }
}
