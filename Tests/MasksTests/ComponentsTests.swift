import Kernels
import Masks
import Testing

@Suite struct ComponentsTests {
  /// A mask from rows of text, `#` for foreground.
  private func mask(_ rows: [String]) -> Image<UInt8> {
    Image(width: rows[0].count, height: rows.count, pixels: rows.joined().map { $0 == "#" ? 255 : 0 })
  }

  @Test func joinsAcrossCornersAndLateBridges() {
    let found = Components(
      mask([
        "#..#...#",
        ".#.#...#",
        "...##.#.",
        "#.......",
        "#......#",
      ]))
    #expect(found.list.map(\.area) == [2, 4, 3, 2, 1])
    #expect(found.labels.pixels[0] == 1 && found.labels[7, 4] == 5)
    #expect(found.list[1].bounds == PixelRect(x: 3, y: 0, width: 2, height: 3))
    #expect(found.list[0].centroidX == 0.5 && found.list[0].centroidY == 0.5)
  }

  @Test func joinsArmsOfAnUAndOfASpiral() {
    let found = Components(mask(["#.#.#", "#.#.#", "###.#", "....#", "#####"]))
    #expect(found.list.map(\.area) == [7, 9])
    #expect(found.list[1].bounds == PixelRect(x: 0, y: 0, width: 5, height: 5))
  }

  @Test func agreesWithFloodFillOnNoise() {
    var random = RandomSource(seed: 3)
    for (width, height) in [(1, 1), (1, 9), (17, 1), (33, 21), (64, 48)] {
      for threshold in [Float(0.2), 0.5, 0.8] {
        let pixels = (0..<width * height).map { _ in random.uniform() < threshold ? UInt8(200) : 0 }
        let image = Image(width: width, height: height, pixels: pixels)
        #expect(Components(image).labels == floodFill(image))
      }
    }
  }

  @Test func removesSmallRegionsAndClosesTheGaps() {
    let found = Components(mask(["#.##.#", "..##..", "#....#", "#....#"])).removing(smallerThan: 2)
    #expect(found.list.map(\.area) == [4, 2, 2])
    #expect(found.labels.pixels == [0, 0, 1, 1, 0, 0, 0, 0, 1, 1, 0, 0, 2, 0, 0, 0, 0, 3, 2, 0, 0, 0, 0, 3])
  }

  private func floodFill(_ mask: Image<UInt8>) -> Image<Int32> {
    var labels = Image<Int32>(width: mask.width, height: mask.height, fill: 0)
    var next: Int32 = 0
    for start in mask.pixels.indices where mask.pixels[start] != 0 && labels.pixels[start] == 0 {
      next += 1
      var stack = [start]
      labels.pixels[start] = next
      while let i = stack.popLast() {
        for y in max(0, i / mask.width - 1)...min(mask.height - 1, i / mask.width + 1) {
          for x in max(0, i % mask.width - 1)...min(mask.width - 1, i % mask.width + 1)
          where mask[x, y] != 0 && labels[x, y] == 0 {
            labels[x, y] = next
            stack.append(y * mask.width + x)
          }
        }
      }
    }
    return labels
  }
}
