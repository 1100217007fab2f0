import Kernels
import Masks
import Testing

@Suite struct RunLengthsTests {
  /// The plain twin: every pixel of the picture in column order.
  static func counts(_ id: Int32, of labels: Image<Int32>) -> [Int] {
    var counts = [0]
    var isInside = false
    for x in 0..<labels.width {
      for y in 0..<labels.height {
        if (labels[x, y] == id) != isInside {
          counts.append(0)
          isInside.toggle()
        }
        counts[counts.count - 1] += 1
      }
    }
    return counts
  }

  /// Reads compressed run lengths, from pycocotools' description of them.
  static func counts(_ text: [UInt8]) -> [Int] {
    var counts: [Int] = []
    var (value, shift) = (0, 0)
    for byte in text {
      let group = Int(byte) - 48
      value |= (group & 0x1F) << shift
      shift += 5
      guard group & 0x20 == 0 else { continue }
      if group & 0x10 != 0 { value |= -1 << shift }
      counts.append(counts.count > 2 ? value + counts[counts.count - 2] : value)
      (value, shift) = (0, 0)
    }
    return counts
  }

  private func bounds(_ id: Int32, of labels: Image<Int32>) -> PixelRect {
    let found = labels.pixels.indices.filter { labels.pixels[$0] == id }
    guard let top = found.first, let bottom = found.last else { return PixelRect(x: 0, y: 0, width: 0, height: 0) }
    let columns = found.map { $0 % labels.width }
    let (left, first) = (columns.min()!, top / labels.width)
    return PixelRect(
      x: left, y: first, width: columns.max()! + 1 - left, height: bottom / labels.width + 1 - first)
  }

  @Test func equalTheTwinOnRandomLabels() {
    var random = RandomSource(seed: 4)
    for (width, height) in [(1, 1), (1, 9), (9, 1), (7, 5), (40, 31)] {
      for density in [0.02, 0.3, 0.9, 1] {
        for _ in 0..<20 {
          let pixels = (0..<width * height).map { _ in
            random.uniform() < Float(density) ? Int32(random.uniform() < 0.8 ? 1 : 2) : 0
          }
          let labels = Image(width: width, height: height, pixels: pixels)
          for id in [Int32(1), 2, 3] {
            let runs = RunLengths(id, in: bounds(id, of: labels), of: labels)
            #expect(runs.counts == Self.counts(id, of: labels))
            #expect(RunLengths(id, in: PixelRect(x: 0, y: 0, width: width, height: height), of: labels) == runs)
            #expect(Self.counts(runs.compressed) == runs.counts)
          }
        }
      }
    }
  }

  /// Values of `pycocotools.mask.encode`: two runs, a mask that begins at once, a long picture with negative differences.
  @Test func compressAsPycocotools() {
    var labels = Image<Int32>(width: 4, height: 3, fill: 0)
    #expect(String(decoding: text(labels), as: UTF8.self) == "<")
    labels[1, 1] = 1
    labels[1, 2] = 1
    #expect(String(decoding: text(labels), as: UTF8.self) == "426")
    labels[0, 0] = 1
    #expect(String(decoding: text(labels), as: UTF8.self) == "01313")
  }

  private func text(_ labels: Image<Int32>) -> [UInt8] {
    RunLengths(1, in: PixelRect(x: 0, y: 0, width: labels.width, height: labels.height), of: labels).compressed
  }
}
