import Foundation

/// One step of a belief about a place along one axis, and its slopes: the belief is moved by a kernel, then weighed by
/// evidence, b′ = softmax(log(k ∗ b + 10⁻⁴) + e) with k = softmax of its logits.
struct BeliefStep {
  /// Keeps a place that no kernel leads to within reach of evidence, so that a lost object can be found again.
  private static let floor: Float = 1e-4
  let places: Int
  let taps: Int

  /// Turns logits into probabilities, in place.
  static func softmax(_ values: UnsafeMutablePointer<Float>, count: Int) {
    var (largest, total) = (-Float.infinity, Float(0))
    for index in 0..<count { largest = max(largest, values[index]) }
    for index in 0..<count {
      values[index] = exp(values[index] - largest)
      total += values[index]
    }
    for index in 0..<count { values[index] /= total }
  }

  /// Turns the slope along probabilities into that along their logits, in place.
  private static func backThroughSoftmax(
    _ slope: UnsafeMutablePointer<Float>, _ probabilities: UnsafePointer<Float>, count: Int
  ) {
    var mean: Float = 0
    for index in 0..<count { mean += slope[index] * probabilities[index] }
    for index in 0..<count { slope[index] = probabilities[index] * (slope[index] - mean) }
  }

  /// Calls `body` for each pair of places that a tap connects.
  private func forEachMove(_ body: (_ tap: Int, _ from: Int, _ to: Int) -> Void) {
    for tap in 0..<taps {
      let move = tap - taps / 2
      for to in max(0, move)..<min(places, places + move) { body(tap, to - move, to) }
    }
  }

  /// k and k ∗ b + 10⁻⁴ in `scratch`, [taps + places].
  private func move(
    _ before: UnsafePointer<Float>, kernel logits: UnsafePointer<Float>, into scratch: UnsafeMutablePointer<Float>
  ) {
    let moved = scratch + taps
    scratch.update(from: logits, count: taps)
    Self.softmax(scratch, count: taps)
    moved.update(repeating: Self.floor, count: places)
    forEachMove { moved[$2] += scratch[$0] * before[$1] }
  }

  /// Computes the belief after a step.
  /// - Parameters:
  ///   - before: b, [places].
  ///   - kernel: the kernel's logits, [taps].
  ///   - evidence: e, [places].
  ///   - after: receives b′.
  func forward(
    before: UnsafePointer<Float>, kernel: UnsafePointer<Float>, evidence: UnsafePointer<Float>,
    after: UnsafeMutablePointer<Float>
  ) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: taps + places) { scratch in
      move(before, kernel: kernel, into: scratch.baseAddress!)
      for index in 0..<places { after[index] = log(scratch[taps + index]) + evidence[index] }
      Self.softmax(after, count: places)
    }
  }

  /// The slopes of a step.
  /// - Parameters:
  ///   - afterGradient: dL/db′ on entry; afterwards of no use.
  ///   - kernelGradient: receives dL/d(kernel's logits).
  ///   - evidenceGradient: receives dL/de.
  ///   - beforeGradient: receives dL/db.
  func backward(
    before: UnsafePointer<Float>, kernel: UnsafePointer<Float>, after: UnsafePointer<Float>,
    afterGradient: UnsafeMutablePointer<Float>, kernelGradient: UnsafeMutablePointer<Float>,
    evidenceGradient: UnsafeMutablePointer<Float>, beforeGradient: UnsafeMutablePointer<Float>
  ) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: taps + places) { scratch in
      let kernels = scratch.baseAddress!
      move(before, kernel: kernel, into: kernels)
      Self.backThroughSoftmax(afterGradient, after, count: places)
      evidenceGradient.update(from: afterGradient, count: places)
      for index in 0..<places { afterGradient[index] /= kernels[taps + index] }
      kernelGradient.update(repeating: 0, count: taps)
      beforeGradient.update(repeating: 0, count: places)
      forEachMove { tap, from, to in
        kernelGradient[tap] += afterGradient[to] * before[from]
        beforeGradient[from] += afterGradient[to] * kernels[tap]
      }
      Self.backThroughSoftmax(kernelGradient, kernels, count: taps)
    }
  }
}
