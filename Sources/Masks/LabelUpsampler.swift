import Kernels

/// Brings object numbers from the model's grid to source size. Each foreground pixel takes the number of its grid cell or,
/// where that has none, of the nearest numbered neighbour cell; then pinholes in numbered cells are filled. No other pixel
/// gets a number, and only cells near numbered ones cost anything.
public struct LabelUpsampler {
  private let width: Int
  private let height: Int
  private let gridWidth: Int
  private let gridHeight: Int
  /// First source column of each grid column, and the end.
  private let columns: [Int]
  private let rows: [Int]
  /// Pictures in turn, so that the last ones can still be written while the next is made.
  private var canvases: [Canvas]
  private var turn = 0
  /// Per cell: whether this frame writes it.
  private var isTouched: [Bool]
  /// Cells that the last use of a picture wrote.
  private var stale: [Int] = []
  /// Numbered cells that are not all foreground.
  private var ragged: [Int] = []
  private var holes: [(pixel: Int, id: Int32)] = []

  private struct Canvas {
    var pixels: [Int32]
    /// Cells that may hold numbers from the last use.
    var dirty: [Int] = []
  }

  /// An upsampler from one size to another that returns `pictures` pictures in turn.
  public init(gridWidth: Int, gridHeight: Int, width: Int, height: Int, pictures: Int = 2) {
    self.width = width
    self.height = height
    self.gridWidth = gridWidth
    self.gridHeight = gridHeight
    columns = (0...gridWidth).map { ($0 * width + gridWidth - 1) / gridWidth }
    rows = (0...gridHeight).map { ($0 * height + gridHeight - 1) / gridHeight }
    isTouched = [Bool](repeating: false, count: gridWidth * gridHeight)
    canvases = (0..<pictures).map { _ in Canvas(pixels: [Int32](repeating: 0, count: width * height)) }
  }

  /// The numbers at source size.
  ///
  /// - Parameters:
  ///   - grid: object numbers on the grid, 0 for none.
  ///   - foreground: 255 where a pixel belongs to some object.
  /// - Returns: a picture whose memory is used again `pictures` calls later: whoever keeps it longer costs a copy.
  public mutating func upsample(_ grid: Image<Int32>, foreground: Image<UInt8>) -> Image<Int32> {
    precondition(grid.width == gridWidth && grid.height == gridHeight, "the grid has another size")
    precondition(foreground.width == width && foreground.height == height, "the foreground has another size")
    turn = (turn + 1) % canvases.count
    var canvas = Canvas(pixels: [])
    swap(&canvas, &canvases[turn])
    swap(&canvas.dirty, &stale)
    canvas.dirty.removeAll(keepingCapacity: true)
    ragged.removeAll(keepingCapacity: true)
    touchNeighbours(grid)
    for cell in isTouched.indices where isTouched[cell] {
      let id = grid.pixels[cell]
      canvas.dirty.append(cell)
      if id == 0 {
        adopt(cell, grid, foreground, &canvas.pixels)
      } else if !fill(cell, id, foreground, &canvas.pixels) {
        ragged.append(cell)
      }
    }
    for cell in stale where !isTouched[cell] { clear(cell, &canvas.pixels) }
    fillPinholes(grid, &canvas.pixels)
    swap(&canvas, &canvases[turn])
    return Image(width: width, height: height, pixels: canvases[turn].pixels)
  }

  private func cellRanges(_ cell: Int) -> (x: Range<Int>, y: Range<Int>) {
    let (gx, gy) = (cell % gridWidth, cell / gridWidth)
    return (columns[gx]..<columns[gx + 1], rows[gy]..<rows[gy + 1])
  }

  private func clear(_ cell: Int, _ pixels: inout [Int32]) {
    let (xs, ys) = cellRanges(cell)
    pixels.withUnsafeMutableBufferPointer { pixels in
      for y in ys { (pixels.baseAddress! + y * width + xs.lowerBound).update(repeating: 0, count: xs.count) }
    }
  }

  /// Numbers a cell's foreground and says whether that is all of it.
  private func fill(_ cell: Int, _ id: Int32, _ foreground: Image<UInt8>, _ pixels: inout [Int32]) -> Bool {
    let (xs, ys) = cellRanges(cell)
    return foreground.pixels.withUnsafeBufferPointer { foreground in
      pixels.withUnsafeMutableBufferPointer { pixels in
        var least = UInt8.max
        for y in ys {
          let first = y * width + xs.lowerBound
          let (from, to) = (foreground.baseAddress! + first, pixels.baseAddress! + first)
          for x in 0..<xs.count {
            to[x] = from[x] == 255 ? id : 0
            least = min(least, from[x])
          }
        }
        return least == 255
      }
    }
  }

  /// The cells around a cell, in raster order.
  private func neighbours(_ cell: Int) -> (x: ClosedRange<Int>, y: ClosedRange<Int>) {
    let (gx, gy) = (cell % gridWidth, cell / gridWidth)
    return (max(gx - 1, 0)...min(gx + 1, gridWidth - 1), max(gy - 1, 0)...min(gy + 1, gridHeight - 1))
  }

  /// Marks the numbered cells and those around them.
  private mutating func touchNeighbours(_ grid: Image<Int32>) {
    for cell in isTouched.indices { isTouched[cell] = false }
    for cell in grid.pixels.indices where grid.pixels[cell] != 0 {
      let (xs, ys) = neighbours(cell)
      for y in ys {
        for x in xs { isTouched[y * gridWidth + x] = true }
      }
    }
  }

  /// Gives each foreground pixel of a cell without number that of the neighbour cell whose centre is nearest.
  private func adopt(_ cell: Int, _ grid: Image<Int32>, _ foreground: Image<UInt8>, _ pixels: inout [Int32]) {
    if let id = onlyNeighbour(cell, grid) {
      _ = fill(cell, id, foreground, &pixels)
      return
    }
    let (xs, ys) = cellRanges(cell)
    for y in ys {
      for x in xs {
        let i = y * width + x
        pixels[i] = foreground.pixels[i] == 255 ? nearest(cell, x, y, grid) : 0
      }
    }
  }

  /// The number that all numbered cells around a cell share; nil if they differ.
  private func onlyNeighbour(_ cell: Int, _ grid: Image<Int32>) -> Int32? {
    let (xs, ys) = neighbours(cell)
    var only: Int32 = 0
    for y in ys {
      for x in xs {
        let id = grid.pixels[y * gridWidth + x]
        if id != 0 && only != 0 && id != only { return nil }
        only = id == 0 ? only : id
      }
    }
    return only
  }

  private func nearest(_ cell: Int, _ x: Int, _ y: Int, _ grid: Image<Int32>) -> Int32 {
    let (xs, ys) = neighbours(cell)
    var (best, id) = (Int.max, Int32(0))
    for gy in ys {
      for gx in xs where grid.pixels[gy * gridWidth + gx] != 0 {
        // Twice the distance between the pixel's and the cell's centre.
        let dx = columns[gx] + columns[gx + 1] - 2 * x - 1
        let dy = rows[gy] + rows[gy + 1] - 2 * y - 1
        if dx * dx + dy * dy < best { (best, id) = (dx * dx + dy * dy, grid.pixels[gy * gridWidth + gx]) }
      }
    }
    return id
  }

  /// Fills a pixel without number in a numbered cell if at least five of its eight neighbours hold the cell's number.
  private mutating func fillPinholes(_ grid: Image<Int32>, _ pixels: inout [Int32]) {
    holes.removeAll(keepingCapacity: true)
    pixels.withUnsafeBufferPointer { pixels in
      for cell in ragged {
        let id = grid.pixels[cell]
        let (xs, ys) = cellRanges(cell)
        for y in ys where y > 0 && y + 1 < height {
          for x in xs where pixels[y * width + x] == 0 && x > 0 && x + 1 < width {
            let i = y * width + x
            if count(id, around: pixels.baseAddress! + i) >= 5 { holes.append((i, id)) }
          }
        }
      }
    }
    for hole in holes { pixels[hole.pixel] = hole.id }
  }

  private func count(_ id: Int32, around pixel: UnsafePointer<Int32>) -> Int {
    func inRow(_ middle: UnsafePointer<Int32>) -> Int {
      (middle[-1] == id ? 1 : 0) + (middle[0] == id ? 1 : 0) + (middle[1] == id ? 1 : 0)
    }
    return inRow(pixel - width) + inRow(pixel) + inRow(pixel + width)
  }
}
