import Kernels
import Testing

@Suite struct RandomSourceTests {
  /// xoshiro256** from the state that SplitMix64 makes of seed 0, as the authors' reference programs print it.
  @Test func numbersAreTheReferenceGenerators() {
    var random = RandomSource(seed: 0)
    let expected: [UInt64] = [0x99EC_5F36_CB75_F2B4, 0xBF6E_1F78_4956_452A, 0x1A5F_849D_4933_E6E0]
    for number in expected { #expect(random.next() == number) }
  }

  @Test func momentsAreRight() {
    var random = RandomSource(seed: 3)
    let uniform = (0..<100_000).map { _ in random.uniform() }
    let normal = (0..<100_000).map { _ in random.normal() }
    #expect(uniform.allSatisfy { (0..<1).contains($0) })
    let mean = uniform.reduce(0, +) / 1e5
    #expect(abs(mean - 0.5) < 0.01)
    let centre = normal.reduce(0, +) / 1e5
    let variance = normal.map { $0 * $0 }.reduce(0, +) / 1e5
    #expect(abs(centre) < 0.02)
    #expect(abs(variance - 1) < 0.03)
    let drawn = Set((0..<1000).map { _ in random.integer(below: 7) })
    #expect(drawn == Set(0..<7))
  }

  @Test func itemsOfAStreamAreIndependentOfOrder() {
    var first = RandomSource(seed: 1, index: 5)
    _ = RandomSource(seed: 1, index: 4)
    var second = RandomSource(seed: 1, index: 5)
    var other = RandomSource(seed: 1, index: 6)
    #expect(first.next() == second.next())
    #expect(first.next() != other.next())
  }
}
