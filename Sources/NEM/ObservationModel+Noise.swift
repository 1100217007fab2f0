import Kernels

extension ObservationModel {
  /// What the network sees of a value in training: with `probability` it is 1 − x (Bernoulli), or uniform in 0…1
  /// whatever it was (Gaussian; the authors' masked-uniform noise).
  package func corrupted(_ x: Float, probability: Float, _ random: inout RandomSource) -> Float {
    guard random.uniform() < probability else { return x }
    return isBernoulli ? 1 - x : random.uniform()
  }
}
