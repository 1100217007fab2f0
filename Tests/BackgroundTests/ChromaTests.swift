import Background
import CKernels
import Kernels
import Testing

/// What is as bright as the background and has another colour.
@Suite struct ChromaTests {
  private static let (width, height) = (96, 64)

  /// A frame of one brightness; `colour` gives the differences from gray at a place of planes of half the size.
  private func segment(
    _ subtractor: BackgroundSubtractor, luma: UInt8 = 120, colour: (_ x: Int, _ y: Int) -> (cb: UInt8, cr: UInt8)
  ) -> Image<UInt8> {
    let columns = Self.width / 2
    let places = (0..<columns * Self.height / 2).map { colour($0 % columns, $0 / columns) }
    let (cb, cr) = (places.map(\.cb), places.map(\.cr))
    var mask = Image<UInt8>(width: Self.width, height: Self.height, fill: 7)
    let pixels = [UInt8](repeating: luma, count: Self.width * Self.height)
    pixels.withUnsafeBufferPointer { pixels in
      cb.withUnsafeBufferPointer { cb in
        cr.withUnsafeBufferPointer { cr in
          subtractor.apply(
            luma: pixels, stride: Self.width,
            colours: ColourPlanes(cb: cb, cbStride: columns, cr: cr, crStride: columns), into: &mask)
        }
      }
    }
    return mask
  }

  private func subtractor() throws -> BackgroundSubtractor {
    try BackgroundSubtractor(width: Self.width, height: Self.height, colours: ColourLayout(shiftX: 1, shiftY: 1))
  }

  @Test func anObjectOfTheSameBrightnessIsFound() throws {
    let subtractor = try subtractor()
    for _ in 0..<10 { _ = segment(subtractor) { _, _ in (110, 150) } }
    let mask = segment(subtractor) { x, y in 10..<20 ~= x && 8..<20 ~= y ? (130, 128) : (110, 150) }
    // All but its corners.
    #expect(mask[30, 28] == 255 && mask[21, 28] == 255 && mask[30, 38] == 255)
    #expect(mask[10, 10] == 0 && mask[60, 28] == 0)
    #expect(abs(mask.pixels.count { $0 == 255 } - 20 * 24) < 60)
  }

  @Test func aBackgroundThatGrowsPaleIsNone() throws {
    let subtractor = try subtractor()
    for _ in 0..<10 { _ = segment(subtractor) { _, _ in (98, 158) } }
    // In shadow the differences from gray shrink with the brightness.
    let mask = segment(subtractor) { x, y in 10..<20 ~= x && 8..<20 ~= y ? (107, 149) : (98, 158) }
    #expect(mask.pixels.allSatisfy { $0 == 0 })
  }

  /// A camera at night: its colours are noise, from the first frame on.
  @Test func noiseOfTheFirstFramesIsNone() throws {
    var random = RandomSource(seed: 8)
    let count = Self.width * Self.height / 4
    let frames = (0..<30).map { _ in (0..<2 * count).map { _ in UInt8.random(in: 108...148, using: &random) } }
    let subtractor = try subtractor()
    subtractor.prime(frames: frames.count) { frame, plane, body in
      let pixels = plane == 0 ? [UInt8](repeating: 120, count: 4 * count) : Array(frames[frame].suffix(plane * count))
      pixels.withUnsafeBufferPointer { body($0, plane == 0 ? Self.width : Self.width / 2) }
    }
    let mask = segment(subtractor) { x, y in
      let place = y * Self.width / 2 + x
      return (frames[0][count + place], frames[0][place])
    }
    #expect(mask.pixels.allSatisfy { $0 == 0 })
  }

  @Test func whatStaysIsLearned() throws {
    let subtractor = try subtractor()
    for _ in 0..<10 { _ = segment(subtractor) { _, _ in (128, 128) } }
    var last = 0
    for _ in 0..<600 {
      last = segment(subtractor) { x, _ in x < 20 ? (128, 170) : (128, 128) }.pixels.count { $0 != 0 }
    }
    #expect(last == 0)
  }

  @Test(arguments: [Int32(0), 1, 2]) func rowsAreComparedAndLearnedAsOneByOne(_ level: Int32) {
    let count = 77
    var random = RandomSource(seed: 3)
    func bytes() -> [UInt8] { (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) } }
    var (cb, cr, learns) = (bytes(), bytes(), bytes().map { $0 & 1 })
    var means = (0..<2 * count).map { _ in Int16.random(in: -8000...8000, using: &random) }
    var deviations = (0..<count).map { _ in UInt16.random(in: 0...1000, using: &random) }
    let (oldMeans, oldDeviations, gain) = (means, deviations, 290)
    var evidence = [UInt8](repeating: 0, count: count)
    let usable = min(level, nem_cpu_level())
    means.withUnsafeMutableBufferPointer { means in
      deviations.withUnsafeMutableBufferPointer { deviations in
        cb.withUnsafeMutableBufferPointer { cb in
          cr.withUnsafeMutableBufferPointer { cr in
            var row = nem_chroma_row(
              cb: cb.baseAddress, cr: cr.baseAddress, mean_cb: means.baseAddress, mean_cr: means.baseAddress! + count,
              deviation: deviations.baseAddress, gain: Int32(gain))
            nem_chroma_compare(&row, 640, 20, &evidence, count, usable)
            nem_chroma_learn(&row, &learns, 4, count, usable)
          }
        }
      }
    }
    for x in 0..<count {
      let values = [(Int(cb[x]) - 128) * gain / 4, (Int(cr[x]) - 128) * gain / 4]
      let before = [Int(oldMeans[x]), Int(oldMeans[count + x])]
      let outside = zip(values, before).map { value, mean in
        let pale = mean * 44 / 64
        return max(min(mean, pale) - value, value - max(mean, pale), 0)
      }
      let share = Float(outside[0] + outside[1]) * 128 / Float(max(640, 4 * Int(oldDeviations[x])))
      #expect(evidence[x] == UInt8(min(share, 255)), "column \(x)")
      let steps = zip(values, before).map { $0 - $1 }
      let distance = abs(steps[0]) + abs(steps[1])
      let weight = learns[x] == 0 ? 0 : 1
      #expect(Int(means[x]) == before[0] + weight * (steps[0] >> 4), "column \(x)")
      #expect(Int(means[count + x]) == before[1] + weight * (steps[1] >> 4), "column \(x)")
      #expect(Int(deviations[x]) == Int(oldDeviations[x]) + weight * ((distance - Int(oldDeviations[x])) >> 4), "\(x)")
    }
  }

  @Test(arguments: [(0, 40), (1, 41), (1, 40), (2, 43)], [Int32(0), 1, 2])
  func aRowIsAddedAtAllItsPlaces(_ size: (shift: Int, width: Int), _ level: Int32) {
    let count = (size.width + (1 << size.shift) - 1) >> size.shift
    let found = (0..<count).map { $0 % 3 == 1 ? UInt8(255) : 0 }
    var mask = (0..<2 * size.width).map { $0 % 7 == 0 ? UInt8(255) : 0 }
    let before = mask
    nem_chroma_add(found, count, Int32(size.shift), &mask, size.width, 2, min(level, nem_cpu_level()))
    for i in mask.indices { #expect(mask[i] == before[i] | found[(i % size.width) >> size.shift], "\(i)") }
  }
}
