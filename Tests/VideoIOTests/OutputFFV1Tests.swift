import Kernels
import Testing
import VideoIO

/// Our mask encoder against libavcodec's, byte for byte.
@Suite struct OutputFFV1Tests {
  private static let sizes = [
    (2, 2), (3, 2), (2, 17), (17, 3), (5, 5), (33, 21), (64, 48), (101, 77), (353, 289), (641, 359), (1, 40), (40, 1),
  ]

  private func check(_ masks: [Image<UInt8>], _ twin: FFV1Twin, _ what: String) throws {
    for mask in masks {
      let own = try twin.encodeOwn(mask, bounds: bounds(mask))
      #expect(own == (try twin.encodeReference(mask)), "\(what) \(mask.width)×\(mask.height)")
    }
  }

  /// The tight box of the nonzero pixels.
  private func bounds(_ mask: Image<UInt8>) -> PixelRect {
    let set = mask.pixels.indices.filter { mask.pixels[$0] != 0 }
    guard let first = set.first, let last = set.last else { return PixelRect(x: 0, y: 0, width: 0, height: 0) }
    let columns = set.map { $0 % mask.width }
    let (left, right) = (columns.min()!, columns.max()!)
    let (top, bottom) = (first / mask.width, last / mask.width)
    return PixelRect(x: left, y: top, width: right + 1 - left, height: bottom + 1 - top)
  }

  private func image(_ width: Int, _ height: Int, _ value: (Int, Int) -> UInt8) -> Image<UInt8> {
    Image(width: width, height: height, pixels: (0..<width * height).map { value($0 % width, $0 / width) })
  }

  @Test(arguments: sizes) func extremesAreIdentical(width: Int, height: Int) throws {
    let twin = try #require(FFV1Twin(width: width, height: height))
    let masks = [
      image(width, height) { _, _ in 0 }, image(width, height) { _, _ in 255 },
      image(width, height) { x, y in (x + y) % 2 == 0 ? 255 : 0 },
      image(width, height) { x, _ in x % 2 == 0 ? 255 : 0 },
      image(width, height) { _, y in y % 2 == 0 ? 255 : 1 },
      image(width, height) { x, y in UInt8((x * 7 + y * 3) & 255) },
      image(width, height) { x, y in x == 0 || y == 0 || x == width - 1 || y == height - 1 ? 128 : 0 },
      image(width, height) { x, y in x == 0 && y % 3 == 0 ? 255 : 0 },
    ]
    try check(masks, twin, "extreme")
  }

  @Test(arguments: sizes) func noiseIsIdentical(width: Int, height: Int) throws {
    let twin = try #require(FFV1Twin(width: width, height: height))
    var random = RandomSource(seed: UInt64(width * 1000 + height))
    for density in [Float(0.01), 0.1, 0.5, 1] {
      let noise = image(width, height) { _, _ in random.uniform() < density ? UInt8(random.integer(below: 256)) : 0 }
      let binary = image(width, height) { _, _ in random.uniform() < density ? 255 : 0 }
      let smooth = image(width, height) { x, y in UInt8((x + y + random.integer(below: 4)) & 255) }
      try check([noise, binary, smooth], twin, "noise \(density)")
    }
  }

  @Test(arguments: sizes) func objectsAnywhereAreIdentical(width: Int, height: Int) throws {
    let twin = try #require(FFV1Twin(width: width, height: height))
    var random = RandomSource(seed: 7, index: UInt64(width * height))
    for _ in 0..<40 {
      let box = PixelRect(
        x: random.integer(below: width), y: random.integer(below: height), width: 1 + random.integer(below: width),
        height: 1 + random.integer(below: height))
      let soft = random.uniform() < 0.5
      let mask = image(width, height) { x, y in
        guard x >= box.x, y >= box.y, x < box.x + box.width, y < box.y + box.height else { return 0 }
        return soft ? UInt8(random.integer(below: 256)) : (random.uniform() < 0.9 ? 255 : 0)
      }
      try check([mask], twin, "object")
    }
  }

  @Test func aGenerousBoxGivesTheSameBytes() throws {
    let twin = try #require(FFV1Twin(width: 120, height: 90))
    let mask = image(120, 90) { x, y in (20..<50).contains(x) && (30..<41).contains(y) ? 255 : 0 }
    let tight = try twin.encodeOwn(mask)
    #expect(tight == (try twin.encodeOwn(mask, bounds: PixelRect(x: 5, y: 0, width: 100, height: 90))))
    #expect(tight == (try twin.encodeOwn(mask, bounds: PixelRect(x: 0, y: 0, width: 120, height: 90))))
  }
}
