import Kernels

/// A finite source without end: each round through its clips has another order, which the seed decides.
public struct ShuffledSequences: SequenceSource {
  private let source: any SequenceSource
  private let count: Int
  private let seed: UInt64
  /// The sizes of every clip.
  public var format: SequenceFormat { source.format }

  /// Clips 0..<count of a source, again and again.
  public init(_ source: any SequenceSource, count: Int, seed: UInt64) {
    (self.source, self.count, self.seed) = (source, count, seed)
  }

  /// Clip number `index`: place p of a round is clip (a·p + b) mod count, with a and b drawn for the round, so that no
  /// list of places is kept.
  public func sequence(_ index: Int) throws -> LabelledSequence {
    var random = RandomSource(seed: seed, index: UInt64(index / count))
    let offset = random.integer(below: count)
    var factor = 1 + random.integer(below: count)
    while Self.commonDivisor(factor, count) > 1 { factor = factor % count + 1 }
    return try source.sequence((factor * (index % count) + offset) % count)
  }

  private static func commonDivisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : commonDivisor(b, a % b) }
}
