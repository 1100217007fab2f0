import Background
import CKernels
import Kernels
import Testing

@Suite struct GlobalMotionTests {
  private func estimate(
    _ background: Image<UInt8>, _ frame: Image<UInt8>, gain: Float = 1, level: Int32 = nem_cpu_level()
  )
    -> GlobalMotion.Shift
  {
    var motion = GlobalMotion(width: frame.width, height: frame.height, level: level)
    let mean = background.pixels.map { UInt16($0) << 8 }
    return motion.estimate(frame: 0, luma: frame.pixels, stride: frame.width, gain: gain, mean: mean)
  }

  @Test func findsShiftsToATenthOfAPixel() {
    let scene = ShakyScene(seed: 4)
    var noise = RandomSource(seed: 5)
    let background = scene.frame(width: 320, height: 240, noise: &noise)
    for (dx, dy) in [(0.4, -0.3), (1.7, 2.2), (-6.3, 5.5), (18.2, -9.6), (-0.6, 14.9)] {
      let frame = scene.frame(width: 320, height: 240, dx: -dx, dy: -dy, object: 40, noise: &noise)
      let shift = estimate(background, frame)
      let error = max(abs(Double(shift.dx) / 16 - dx), abs(Double(shift.dy) / 16 - dy))
      #expect(error < 0.1, "\(dx), \(dy) gave \(Double(shift.dx) / 16), \(Double(shift.dy) / 16)")
    }
  }

  @Test func exposureDoesNotDisturb() {
    let scene = ShakyScene(seed: 6)
    var noise = RandomSource(seed: 7)
    let background = scene.frame(width: 320, height: 240, noise: &noise)
    let frame = scene.frame(width: 320, height: 240, dx: -3.5, dy: 2, gain: 0.6, noise: &noise)
    let shift = estimate(background, frame, gain: 1 / 0.6)
    #expect(abs(shift.dx - 56) <= 2 && abs(shift.dy + 32) <= 2)
  }

  @Test func refusesWhatIsNoShift() {
    let scene = ShakyScene(seed: 8)
    var noise = RandomSource(seed: 9)
    let background = scene.frame(width: 320, height: 240, noise: &noise)
    let still = scene.frame(width: 320, height: 240, dx: 0.1, dy: -0.1, object: 100, noise: &noise)
    #expect(estimate(background, still) == .zero)
    let elsewhere = scene.frame(width: 320, height: 240, dx: 900, dy: 500, noise: &noise)
    #expect(estimate(background, elsewhere) == .zero)
    let flat = Image<UInt8>(width: 320, height: 240, fill: 90)
    #expect(estimate(flat, flat) == .zero)
    #expect(estimate(flat, background) == .zero)
    for side in [1, 5, 12] {
      let small = Image<UInt8>(width: side, height: side, fill: 3)
      #expect(estimate(small, small) == .zero)
    }
  }

  @Test func comparisonEqualsItsPlainTwinBitForBit() {
    var random = RandomSource(seed: 10)
    for (width, height) in [(40, 23), (5, 5), (4, 9), (133, 6)] {
      let background = (0..<width * height).map { _ in Float.random(in: 0...255, using: &random) }
      let frame = background.map { $0 + Float.random(in: -20...20, using: &random) }
      for (dx, dy) in [(Float(0), Float(0)), (0.3, -0.7), (-3.5, 2.25), (7, -4), (300, 2), (-300, 300)] {
        let expected = plainSums(background, frame, width, height, dx, dy)
        for level in 0...nem_cpu_level() {
          let sums = nem_motion_compare(background, frame, Int32(width), Int32(height), dx, dy, 10, level)
          let found = [
            sums.across_across, sums.across_down, sums.down_down, sums.across_residual, sums.down_residual,
            sums.explained, sums.pixels,
          ]
          #expect(found == expected, "\(width)×\(height) \(dx) \(dy) level \(level)")
        }
      }
    }
  }

  /// One pixel after the other; 16 sums in turn, as the kernel keeps them.
  private func plainSums(
    _ b: [Float], _ g: [Float], _ width: Int, _ height: Int, _ dx: Float, _ dy: Float
  ) -> [Float] {
    let (left, top) = (Int(dx.rounded(.down)), Int(dy.rounded(.down)))
    let (fx, fy) = (dx - dx.rounded(.down), dy - dy.rounded(.down))
    var lanes = Array(repeating: Array(repeating: Float(0), count: 16), count: 6)
    var pixels = 0
    for y in 0..<height where y >= max(2, -top) && y < min(height - 2, height - top - 1) {
      let first = max(2, -left)
      for x in 0..<width where x >= first && x < min(width - 2, width - left - 1) {
        func slope(_ i: Int, _ along: Int, _ aside: Int) -> Float {
          let near = b[i - aside + along] - b[i - aside - along]
          return ((near + 2 * (b[i + along] - b[i - along])) + (b[i + aside + along] - b[i + aside - along])) * 0.125
        }
        let (i, j) = (y * width + x, (y + top) * width + x + left)
        let value =
          ((1 - fx) * (1 - fy) * g[j] + fx * (1 - fy) * g[j + 1])
          + ((1 - fx) * fy * g[j + width] + fx * fy * g[j + width + 1])
        let r = value - b[i]
        let q = 1 + r * r * (1 / Float(100))
        let k = 1 / (q * q)
        let (across, down) = (slope(i, 1, width), slope(i, width, 1))
        let terms = [k * across * across, k * across * down, k * down * down, k * across * r, k * down * r, k]
        for (s, term) in terms.enumerated() { lanes[s][(x - first) % 16] += term }
        pixels += 1
      }
    }
    return lanes.map { $0.reduce(0, +) } + [Float(pixels)]
  }

  @Test func reductionEqualsItsPlainTwin() {
    var random = RandomSource(seed: 11)
    for (factor, columns, rows) in [(1, 37, 5), (3, 50, 4), (8, 300, 2), (13, 9, 3), (2048, 1, 1)] {
      let stride = factor * columns + 3
      let bytes = (0..<stride * factor * rows).map { _ in UInt8.random(in: 0...255, using: &random) }
      let words = bytes.map { UInt16($0) << 8 | 255 }
      for level in 0...nem_cpu_level() {
        var (small, large) = (
          [Float](repeating: -1, count: columns * rows), [Float](repeating: -1, count: columns * rows)
        )
        nem_reduce_bytes(bytes, stride, Int32(factor), Int32(columns), Int32(rows), 0.5, &small, level)
        nem_reduce_words(words, stride, Int32(factor), Int32(columns), Int32(rows), 0.5, &large, level)
        for row in 0..<rows {
          for column in 0..<columns {
            var sums: (small: UInt32, large: UInt32) = (0, 0)
            for y in row * factor..<(row + 1) * factor {
              for x in column * factor..<(column + 1) * factor {
                sums.small &+= UInt32(bytes[y * stride + x])
                sums.large &+= UInt32(words[y * stride + x])
              }
            }
            let i = row * columns + column
            let same = small[i] == Float(sums.small) * 0.5 && large[i] == Float(sums.large) * 0.5
            if !same { Issue.record("factor \(factor), \(column), \(row), level \(level)") }
          }
        }
      }
    }
  }

  @Test func shiftEqualsItsPlainTwin() {
    var random = RandomSource(seed: 12)
    for (width, height) in [(75, 20), (1, 1), (3, 40)] {
      let picture = Image<UInt8>(
        width: width, height: height,
        pixels: (0..<width * height).map { _ in UInt8.random(in: 0...255, using: &random) })
      for (dx, dy) in [(0, 0), (5, -3), (16, 32), (-40, 17), (255, -255), (2000, 2000), (-2000, -2000)]
        as [(Int32, Int32)]
      {
        let expected = GlobalMotion.Shift(dx: dx, dy: dy).aligned(picture)
        for level in 0...nem_cpu_level() {
          var moved = [UInt8](repeating: 9, count: width * height)
          nem_shift(picture.pixels, width, Int32(width), Int32(height), dx, dy, &moved, level)
          #expect(moved == expected.pixels, "\(width)×\(height) \(dx) \(dy) level \(level)")
        }
      }
    }
  }
}
