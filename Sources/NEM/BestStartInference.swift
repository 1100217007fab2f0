import Foundation
import Kernels

/// Clips that are begun in several ways, which are followed side by side, as EM finds the nearest optimum only: the way
/// that has explained a clip best so far says what belongs together, and each predicts by its share of the belief.
final class BestStartInference: ClipInference {
  /// Weight of what was explained so far when the next frame is seen.
  private static let keep = 0.8
  /// Nats by which a way has to explain a clip worse for its share to fall by e; pixels do not err one by one.
  private static let temperature = 10.0
  /// Distance of ψ from 0 and 1 inside logarithms.
  private static let least: Float = 0.02
  let shape: MixtureShape
  private let each: any ExplainingInference
  private let starts: Int
  /// For each clip and way, the decaying sum of the frames' losses.
  private var losses: [Double]
  private let psis: FloatBuffer
  /// Σ_way share · max_k ψ_k, [frames, batch, pixels, channels].
  private let predictions: FloatBuffer
  private let gammas: FloatBuffer

  /// `each` has room for [clip, way].
  init(_ each: any ExplainingInference, starts: Int, frames: Int) {
    (self.each, self.starts) = (each, starts)
    var shape = each.shape
    shape.batch /= starts
    self.shape = shape
    losses = Array(repeating: 0, count: each.shape.batch)
    psis = FloatBuffer(count: frames * shape.psiCount)
    predictions = FloatBuffer(count: frames * shape.frameCount)
    gammas = FloatBuffer(count: frames * shape.rows * shape.pixels)
  }

  func psi(_ t: Int) -> UnsafePointer<Float> { UnsafePointer(psis.pointer + t * shape.psiCount) }
  func gamma(_ t: Int) -> UnsafePointer<Float> { UnsafePointer(gammas.pointer + t * shape.rows * shape.pixels) }

  func prediction(_ t: Int, sample: Int, place: Int) -> Float {
    predictions.pointer[t * shape.frameCount + sample * shape.pixels * shape.channels + place]
  }

  func begin(_ frame: [Float], _ random: inout RandomSource) throws {
    for index in losses.indices { losses[index] = 0 }
    try each.begin(repeated(frame), &random)
    judge(0, frame)
  }

  func predict(_ t: Int) throws {
    try each.predict(t)
    keepBest(each.psi(t), of: shape.pixels * shape.channels, in: psis.pointer + t * shape.psiCount)
    mix(t)
  }

  func see(_ t: Int, _ frame: [Float]) throws {
    try each.see(t, repeated(frame))
    judge(t, frame)
  }

  private func repeated(_ frame: [Float]) -> [Float] {
    let values = frame.count / shape.batch
    return (0..<each.shape.batch).flatMap { sample in
      let first = sample / starts * values
      return frame[first..<first + values]
    }
  }

  /// Adds how badly each way explains a frame, and keeps the best way's γ.
  private func judge(_ t: Int, _ frame: [Float]) {
    let values = frame.count / shape.batch
    if let psi = each.explanation(t) {
      for sample in losses.indices {
        let first = sample / starts * values
        losses[sample] *= Self.keep
        for place in 0..<values {
          let largest = shape.largest(psi, sample: sample, place: place)
          losses[sample] += binaryCrossEntropy(frame[first + place], largest, least: Self.least)
        }
      }
    }
    keepBest(each.gamma(t), of: shape.pixels, in: gammas.pointer + t * shape.rows * shape.pixels)
  }

  private func mix(_ t: Int) {
    let (psi, values) = (each.psi(t), shape.pixels * shape.channels)
    for clip in 0..<shape.batch {
      let mixed = predictions.pointer + t * shape.frameCount + clip * values
      mixed.update(repeating: 0, count: values)
      for (way, share) in shares(clip).enumerated() {
        let sample = clip * starts + way
        for place in 0..<values { mixed[place] += share * shape.largest(psi, sample: sample, place: place) }
      }
    }
  }

  /// How likely each way of a clip is, from what it has explained.
  private func shares(_ clip: Int) -> [Float] {
    let own = losses[clip * starts..<(clip + 1) * starts]
    let least = own.min() ?? 0
    let odds = own.map { exp((least - $0) / Self.temperature) }
    let sum = odds.reduce(0, +)
    return odds.map { Float($0 / sum) }
  }

  /// Copies the pictures, of so many values, of each clip's best way.
  private func keepBest(_ source: UnsafePointer<Float>, of values: Int, in target: UnsafeMutablePointer<Float>) {
    let count = shape.slots * values
    for clip in 0..<shape.batch {
      let best = (0..<starts).min { losses[clip * starts + $0] < losses[clip * starts + $1] } ?? 0
      (target + clip * count).update(from: source + (clip * starts + best) * count, count: count)
    }
  }
}
