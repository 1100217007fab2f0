import Kernels
import Testing
import VideoIO

/// Our encoder of label frames against libavcodec's, byte for byte.
@Suite struct OutputFFV1LabelTests {
  private static let sizes = [(32, 32), (33, 35), (64, 48), (101, 77), (353, 289), (641, 359), (32, 200)]

  private func check(_ width: Int, _ height: Int, _ twin: FFV1LabelTwin, _ value: (Int, Int) -> Int32) throws {
    let pixels = (0..<width * height).map { value($0 % width, $0 / width) }
    let labels = Image(width: width, height: height, pixels: pixels)
    #expect(try twin.encodeOwn(labels) == twin.encodeReference(labels), "\(width)×\(height)")
  }

  @Test(arguments: sizes) func extremesAreIdentical(width: Int, height: Int) throws {
    let twin = try #require(FFV1LabelTwin(width: width, height: height))
    try check(width, height, twin) { _, _ in 0 }
    try check(width, height, twin) { _, _ in 65535 }
    try check(width, height, twin) { x, y in (x + y) % 2 == 0 ? 65535 : 0 }
    try check(width, height, twin) { x, _ in x % 2 == 0 ? 32768 : 32767 }
    try check(width, height, twin) { x, y in x == 0 && y % 3 == 0 ? 7 : 0 }
    try check(width, height, twin) { x, y in x == width - 1 || y == height - 1 ? 300 : 0 }
    try check(width, height, twin) { x, y in Int32(x * 700 + y * 300) & 0xFFFF }
  }

  @Test(arguments: sizes) func noiseIsIdentical(width: Int, height: Int) throws {
    let twin = try #require(FFV1LabelTwin(width: width, height: height))
    var random = RandomSource(seed: UInt64(width * 1000 + height))
    for density in [Float(0.01), 0.1, 0.5, 1] {
      for bound in [2, 40, 65536] {
        try check(width, height, twin) { _, _ in
          random.uniform() < density ? Int32(random.integer(below: bound)) : 0
        }
      }
    }
  }

  @Test(arguments: sizes) func objectsAreIdentical(width: Int, height: Int) throws {
    let twin = try #require(FFV1LabelTwin(width: width, height: height))
    var random = RandomSource(seed: 7, index: UInt64(width * height))
    for _ in 0..<20 {
      let boxes = (0..<4).map { _ in
        (random.integer(below: width), random.integer(below: height), 1 + random.integer(below: width / 3))
      }
      let first = Int32(random.integer(below: 60_000))
      try check(width, height, twin) { x, y in
        let found = boxes.lastIndex { x >= $0.0 && x < $0.0 + $0.2 && y >= $0.1 && y < $0.1 + $0.2 }
        return found.map { first + Int32($0) } ?? 0
      }
    }
  }

  @Test func numbersThatDoNotFitAreZero() throws {
    let twin = try #require(FFV1LabelTwin(width: 64, height: 48))
    let wild = Image<Int32>(
      width: 64, height: 48, pixels: (0..<64 * 48).map { $0 % 5 == 0 ? -1 : $0 % 7 == 0 ? 65536 : 3 })
    let tame = Image<Int32>(width: 64, height: 48, pixels: wild.pixels.map { $0 == 3 ? 3 : 0 })
    #expect(try twin.encodeOwn(wild) == twin.encodeOwn(tame))
    #expect(try twin.encodeReference(wild) == twin.encodeOwn(tame))
  }
}
