import Foundation

/// A seedable random number generator (xoshiro256**, Blackman & Vigna 2018): the same seed gives the same numbers on
/// every machine.
public struct RandomSource: RandomNumberGenerator, Sendable, Codable, Equatable {
  private var s0: UInt64
  private var s1: UInt64
  private var s2: UInt64
  private var s3: UInt64

  /// Expands a seed into the generator's state with SplitMix64.
  public init(seed: UInt64) {
    var state = seed
    func splitMix() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
    (s0, s1, s2, s3) = (splitMix(), splitMix(), splitMix(), splitMix())
  }

  /// The generator for item `index` of a stream: independent of how many items were drawn before it.
  public init(seed: UInt64, index: UInt64) {
    var parent = RandomSource(seed: seed ^ (index &+ 1) &* 0xD134_2543_DE82_EF95)
    self.init(seed: parent.next())
  }

  /// The four words of the generator.
  var state: [UInt64] {
    get { [s0, s1, s2, s3] }
    set { (s0, s1, s2, s3) = (newValue[0], newValue[1], newValue[2], newValue[3]) }
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    let product = s1 &* 5
    let result = ((product << 7) | (product >> 57)) &* 9
    let t = s1 << 17
    s2 ^= s0
    s3 ^= s1
    s1 ^= s2
    s0 ^= s3
    s2 ^= t
    s3 = (s3 << 45) | (s3 >> 19)
    return result
  }

  /// A number uniform in [0, 1).
  public mutating func uniform() -> Float {
    Float(next() >> 40) * 0x1p-24
  }

  /// A number uniform in [low, high).
  public mutating func uniform(_ low: Float, _ high: Float) -> Float {
    low + (high - low) * uniform()
  }

  /// A whole number uniform in 0..<bound (Lemire's multiply-shift; the bias is below 2⁻³² for small bounds).
  public mutating func integer(below bound: Int) -> Int {
    Int(((next() >> 32) &* UInt64(bound)) >> 32)
  }

  /// A standard normal number (Box–Muller).
  public mutating func normal() -> Float {
    let radius = (-2 * log(1 - uniform())).squareRoot()
    return radius * cos(2 * .pi * uniform())
  }
}
