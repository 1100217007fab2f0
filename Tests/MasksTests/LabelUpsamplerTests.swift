import CKernels
import Kernels
import Masks
import Testing

@Suite struct LabelUpsamplerTests {
  @Test func foregroundPixelsTakeTheirCellsNumberOrTheNearest() {
    var upsampler = LabelUpsampler(gridWidth: 8, gridHeight: 6, width: 40, height: 30)
    var grid = Image<Int32>(width: 8, height: 6, fill: 0)
    grid[2, 2] = 7
    grid[4, 2] = 9
    let foreground = Image<UInt8>(width: 40, height: 30, fill: 255)
    let labels = upsampler.upsample(grid, foreground: foreground)
    #expect(labels[12, 12] == 7 && labels[22, 12] == 9)
    #expect(labels[16, 12] == 7 && labels[18, 12] == 9, "the cell between is shared")
    #expect(labels[9, 9] == 7 && labels[4, 12] == 0 && labels[12, 25] == 0)
  }

  @Test func onlyForegroundAndPinholesAreNumbered() {
    var upsampler = LabelUpsampler(gridWidth: 4, gridHeight: 4, width: 40, height: 40)
    var grid = Image<Int32>(width: 4, height: 4, fill: 0)
    grid[1, 1] = 3
    grid[2, 1] = 3
    var foreground = Image<UInt8>(width: 40, height: 40, fill: 0)
    for y in 11..<19 { for x in 12..<28 { foreground[x, y] = 255 } }
    foreground[15, 15] = 0
    foreground[20, 14] = 127
    let labels = upsampler.upsample(grid, foreground: foreground)
    for y in 0..<40 {
      for x in 0..<40 {
        let isInside = (12..<28).contains(x) && (11..<19).contains(y)
        #expect(labels[x, y] == (isInside ? 3 : 0), "\(x), \(y)")
      }
    }
  }

  @Test(arguments: [(192, 108, 1280, 720), (64, 36, 641, 359), (13, 7, 50, 31), (5, 5, 5, 5)])
  func nothingOfEarlierFramesStays(gridWidth: Int, gridHeight: Int, width: Int, height: Int) {
    var random = RandomSource(seed: 2)
    var upsampler = LabelUpsampler(gridWidth: gridWidth, gridHeight: gridHeight, width: width, height: height)
    for _ in 0..<6 {
      var grid = Image<Int32>(width: gridWidth, height: gridHeight, fill: 0)
      let corner = (random.integer(below: gridWidth - 3), random.integer(below: gridHeight - 3))
      for y in 0..<3 { for x in 0..<3 { grid[corner.0 + x, corner.1 + y] = 5 } }
      let pixels = (0..<width * height).map { _ in random.uniform() < 0.7 ? UInt8(255) : 0 }
      let foreground = Image(width: width, height: height, pixels: pixels)
      var fresh = LabelUpsampler(gridWidth: gridWidth, gridHeight: gridHeight, width: width, height: height)
      let labels = upsampler.upsample(grid, foreground: foreground)
      #expect(labels == fresh.upsample(grid, foreground: foreground))
      for y in 0..<height {
        for x in 0..<width where foreground[x, y] == 255 {
          let cell = grid[x * gridWidth / width, y * gridHeight / height]
          if cell != 0 && labels[x, y] != cell { Issue.record("\(x), \(y) does not have its cell's number") }
        }
      }
    }
  }

  @Test func aPictureThatIsKeptDoesNotChange() {
    var upsampler = LabelUpsampler(gridWidth: 4, gridHeight: 4, width: 16, height: 16)
    let foreground = Image<UInt8>(width: 16, height: 16, fill: 255)
    let first = upsampler.upsample(Image(width: 4, height: 4, fill: 1), foreground: foreground)
    for id in Int32(2)...5 { _ = upsampler.upsample(Image(width: 4, height: 4, fill: id), foreground: foreground) }
    #expect(first.pixels.allSatisfy { $0 == 1 })
  }

  /// Objects that touch, holes in the foreground and leftovers of the frame before, on every instruction set.
  @Test(arguments: [(24, 14, 160, 90), (16, 9, 161, 97), (13, 7, 50, 31), (5, 5, 5, 5)], [Int32(0), 1, 2])
  func equalsItsPlainTwin(_ size: (Int, Int, Int, Int), _ level: Int32) {
    let (gridWidth, gridHeight, width, height) = size
    var random = RandomSource(seed: 4)
    var upsampler = LabelUpsampler(
      gridWidth: gridWidth, gridHeight: gridHeight, width: width, height: height, pictures: 2,
      level: min(level, nem_cpu_level()))
    for frame in 0..<8 {
      var grid = Image<Int32>(width: gridWidth, height: gridHeight, fill: 0)
      for object in 0..<6 {
        let (left, top) = (random.integer(below: gridWidth), random.integer(below: gridHeight))
        for y in top..<min(top + 3, gridHeight) {
          for x in left..<min(left + 4, gridWidth) { grid[x, y] = Int32(10 * frame + object + 1) }
        }
      }
      let holes: Float = frame % 2 == 0 ? 0.1 : 0.4
      let pixels = (0..<width * height).map { _ in random.uniform() < holes ? UInt8(0) : 255 }
      let foreground = Image(width: width, height: height, pixels: pixels)
      let labels = upsampler.upsample(grid, foreground: foreground)
      let isSame = labels == LabelUpsampler.Reference.upsample(grid, foreground: foreground)
      #expect(isSame, "frame \(frame)")
    }
  }

  @Test(arguments: [Int32(0), 1, 2]) func paintingTouchesItsRectangleOnly(level: Int32) {
    var random = RandomSource(seed: 5)
    let (stride, rows) = (150, 9)
    let labels = (0..<stride * rows).map { _ in Int32(random.integer(below: 3)) }
    var mask = [UInt8](repeating: 7, count: stride * rows)
    mask.withUnsafeMutableBufferPointer {
      nem_paint_label(labels, stride, 131, Int32(rows), 2, $0.baseAddress, min(level, nem_cpu_level()))
    }
    for i in mask.indices { #expect(mask[i] == (i % stride >= 131 ? 7 : labels[i] == 2 ? 255 : 0)) }
  }
}
