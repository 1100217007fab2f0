import Kernels
import Testing

@Suite struct GridSamplerTests {
  /// Against the definition: a pixel in column x belongs to the cell in column ⌊x·W/w⌋.
  @Test(arguments: [(641, 359, 192, 107), (7, 5, 7, 5), (9, 4, 2, 3), (1, 1, 1, 1), (100, 3, 33, 1), (5, 700, 2, 1)])
  func meansAreExact(_ w: Int, _ h: Int, _ gridW: Int, _ gridH: Int) {
    var random = RandomSource(seed: UInt64(w * h))
    let stride = w + 3
    let source = (0..<stride * h).map { _ in UInt8(random.integer(below: 256)) }
    var sums = [Double](repeating: 0, count: gridW * gridH)
    var counts = sums
    for y in 0..<h {
      for x in 0..<w {
        let cell = y * gridH / h * gridW + x * gridW / w
        sums[cell] += Double(source[y * stride + x])
        counts[cell] += 1
      }
    }
    var sampler = GridSampler(sourceWidth: w, sourceHeight: h, width: gridW, height: gridH)
    var target = [Float](repeating: -1, count: gridW * gridH)
    source.withUnsafeBufferPointer { sampler.average($0, stride: stride, into: &target) }
    for cell in target.indices {
      let expected = sums[cell] / counts[cell] / 255
      #expect(abs(Double(target[cell]) - expected) < 1e-5)
    }
  }

  /// Cells that are wanted do not depend on which others are, and blank pictures are 0 everywhere.
  @Test(arguments: [(641, 359, 192, 107), (9, 4, 2, 3)]) func onlyWantedCellsCount(
    _ w: Int, _ h: Int, _ gridW: Int, _ gridH: Int
  ) {
    var random = RandomSource(seed: 9)
    let source = (0..<w * h).map { $0 / w < h / 2 ? UInt8(random.integer(below: 256)) : 0 }
    let wanted = (0..<gridW * gridH).map { _ in random.uniform() < 0.5 ? Float(0) : 0.3 }
    var sampler = GridSampler(sourceWidth: w, sourceHeight: h, width: gridW, height: gridH)
    var all = [Float](repeating: -1, count: gridW * gridH)
    var some = all
    source.withUnsafeBufferPointer {
      sampler.average($0, stride: w, into: &all)
      sampler.average($0, stride: w, into: &some, where: wanted)
    }
    for cell in all.indices { #expect(some[cell] == (wanted[cell] == 0 ? 0 : all[cell])) }
    #expect(all[((gridH - 1) * gridW)...].allSatisfy { $0 == 0 })
  }
}
