import Foundation
import Neural

/// The cross entropy of a target in 0…1 under σ of a logit, −t log σ(l) − (1 − t) log(1 − σ(l)), without overflow.
struct CrossEntropy {
  let value: Float
  /// Along the logit.
  let slope: Float

  init(logit: Float, _ target: Float) {
    value = max(logit, 0) - logit * target + log(1 + exp(-abs(logit)))
    slope = sigmoid(logit) - target
  }
}

/// −x log ψ − (1 − x) log(1 − ψ), with ψ kept `least` from 0 and 1.
func binaryCrossEntropy(_ x: Float, _ psi: Float, least: Float) -> Double {
  let p = min(max(psi, least), 1 - least)
  return Double(-x * log(p) - (1 - x) * log(1 - p))
}
