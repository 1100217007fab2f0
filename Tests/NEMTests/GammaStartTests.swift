import Kernels
import Neural
import Testing

@testable import NEM

/// γ before the first frame is seen.
@Suite struct GammaStartTests {
  private let width = 20

  /// γ over a frame in which the pixels at `places` are lit.
  private func gamma(_ start: GammaStart, lit places: [Int], slots: Int, seed: UInt64) -> [[Float]] {
    let shape = MixtureShape(batch: 1, slots: slots, pixels: width * width, channels: 1)
    var frame = [Float](repeating: 0, count: shape.pixels)
    for place in places { frame[place] = 1 }
    var gamma = FloatBuffer(count: slots * shape.pixels).array
    var random = RandomSource(seed: seed)
    start.draw(&gamma, frame: frame, width: width, shape, &random)
    return (0..<slots).map { Array(gamma[$0 * shape.pixels..<($0 + 1) * shape.pixels]) }
  }

  /// Squares of 3×3 by their top-left corners.
  private func squares(_ corners: [(x: Int, y: Int)]) -> [[Int]] {
    corners.map { x, y in (0..<9).map { (y + $0 / 3) * width + x + $0 % 3 } }
  }

  @Test(arguments: [GammaStart.random, .seeds], [1, 3]) func sharesAddUpToOne(_ start: GammaStart, slots: Int) {
    for lit in [[], [7], squares([(1, 1), (12, 12)]).flatMap { $0 }] {
      let gamma = gamma(start, lit: lit, slots: slots, seed: 2)
      for pixel in 0..<width * width {
        #expect(abs(gamma.reduce(0) { $0 + $1[pixel] } - 1) < 1e-5)
        #expect(gamma.allSatisfy { (0...1.00001).contains($0[pixel]) })
      }
    }
  }

  /// Slots without a seed differ from each other: equal ones would see and learn the same for ever.
  @Test func slotsLeftOverDiffer() {
    let gamma = gamma(.seeds, lit: [45], slots: 3, seed: 2)
    #expect(Set(gamma.map { $0[45] }).count == 3 && gamma.filter { $0[45] > 0.9 }.count == 1)
  }

  /// Objects that stand apart begin with a slot of their own, and a slot too many begins with none of them.
  @Test(arguments: 1...20) func eachObjectHasItsSlot(seed: UInt64) {
    let objects = squares([(1, 1), (14, 2), (8, 15)])
    let gamma = gamma(.seeds, lit: objects.flatMap { $0 }, slots: 4, seed: seed)
    let owners = objects.map { object in
      (0..<4).filter { slot in object.allSatisfy { gamma[slot][$0] > 0.9 } }
    }
    #expect(owners.allSatisfy { $0.count == 1 })
    #expect(Set(owners.joined()).count == 3)
  }
}
