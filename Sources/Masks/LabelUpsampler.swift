import CKernels
import Kernels

/// Brings object numbers from the model's grid to source size. Each foreground pixel takes the number of its grid cell or,
/// where that has none, of the nearest numbered neighbour cell; then pinholes in numbered cells are filled: pixels without
/// number, off the border, of whose eight neighbours at least five have the cell's. No other pixel gets a number, and only
/// cells near numbered ones cost anything.
public struct LabelUpsampler {
  private let width: Int
  private let height: Int
  private let gridWidth: Int
  private let gridHeight: Int
  /// First source column of each grid column, and the end.
  private let columns: [Int32]
  private let rows: [Int32]
  /// Pictures in turn, so that the last ones can still be written while the next is made.
  private var canvases: [Canvas]
  private var turn = 0
  /// Each cell's number or that of its neighbours, see `nem_spread_labels`.
  private var spread: [Int32]
  private var scratch: [Int32]
  private var holes: [nem_pinhole] = []
  private let level: Int32

  private struct Canvas {
    var pixels: [Int32]
    /// The numbers that its pixels have from the last use, as in `spread`.
    var last: [Int32]
  }

  /// An upsampler from one size to another that returns `pictures` pictures in turn.
  public init(gridWidth: Int, gridHeight: Int, width: Int, height: Int, pictures: Int = 2) {
    self.init(
      gridWidth: gridWidth, gridHeight: gridHeight, width: width, height: height, pictures: pictures,
      level: nem_cpu_level())
  }

  /// The same on a chosen instruction set (0 baseline, up to `nem_cpu_level()`).
  package init(gridWidth: Int, gridHeight: Int, width: Int, height: Int, pictures: Int, level: Int32) {
    self.level = level
    self.width = width
    self.height = height
    self.gridWidth = gridWidth
    self.gridHeight = gridHeight
    columns = (0...gridWidth).map { Int32(($0 * width + gridWidth - 1) / gridWidth) }
    rows = (0...gridHeight).map { Int32(($0 * height + gridHeight - 1) / gridHeight) }
    spread = [Int32](repeating: 0, count: gridWidth * gridHeight)
    scratch = [Int32](repeating: 0, count: 2 * (gridWidth + 2))
    let last = spread
    canvases = (0..<pictures).map { _ in Canvas(pixels: [Int32](repeating: 0, count: width * height), last: last) }
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
    var canvas = Canvas(pixels: [], last: [])
    swap(&canvas, &canvases[turn])
    var disputed: Int32 = 0
    nem_spread_labels(grid.pixels, Int32(gridWidth), Int32(gridHeight), &scratch, &spread, &disputed, level)
    withLabelGrid { shape in
      nem_number_pixels(shape, spread, canvas.last, foreground.pixels, &canvas.pixels, level)
    }
    if disputed > 0 {
      for cell in spread.indices where spread[cell] == .min { divide(cell, grid, foreground, &canvas.pixels) }
    }
    fillPinholes(grid, &canvas.pixels)
    swap(&canvas.last, &spread)
    swap(&canvas, &canvases[turn])
    return Image(width: width, height: height, pixels: canvases[turn].pixels)
  }

  private func withLabelGrid(_ body: (UnsafePointer<nem_label_grid>) -> Void) {
    columns.withUnsafeBufferPointer { columns in
      rows.withUnsafeBufferPointer { rows in
        var shape = nem_label_grid(
          width: Int32(width), height: Int32(height), grid_width: Int32(gridWidth), grid_height: Int32(gridHeight),
          columns: columns.baseAddress, rows: rows.baseAddress)
        body(&shape)
      }
    }
  }

  /// Gives each foreground pixel of a cell that several objects are beside the number of the cell whose centre is nearest.
  private func divide(_ cell: Int, _ grid: Image<Int32>, _ foreground: Image<UInt8>, _ pixels: inout [Int32]) {
    let (gx, gy) = (cell % gridWidth, cell / gridWidth)
    for y in Int(rows[gy])..<Int(rows[gy + 1]) {
      for x in Int(columns[gx])..<Int(columns[gx + 1]) where foreground.pixels[y * width + x] == 255 {
        pixels[y * width + x] = nearest(gx, gy, x, y, grid)
      }
    }
  }

  private func nearest(_ column: Int, _ row: Int, _ x: Int, _ y: Int, _ grid: Image<Int32>) -> Int32 {
    var (best, id) = (Int.max, Int32(0))
    for gy in max(row - 1, 0)...min(row + 1, gridHeight - 1) {
      for gx in max(column - 1, 0)...min(column + 1, gridWidth - 1) where grid.pixels[gy * gridWidth + gx] != 0 {
        // Twice the distance between the pixel's and the cell's centre.
        let dx = Int(columns[gx] + columns[gx + 1]) - 2 * x - 1
        let dy = Int(rows[gy] + rows[gy + 1]) - 2 * y - 1
        if dx * dx + dy * dy < best { (best, id) = (dx * dx + dy * dy, grid.pixels[gy * gridWidth + gx]) }
      }
    }
    return id
  }

  private mutating func fillPinholes(_ grid: Image<Int32>, _ pixels: inout [Int32]) {
    var (found, holes) = (0, [nem_pinhole]())
    swap(&holes, &self.holes)
    repeat {
      if found > holes.count { holes = Array(repeating: nem_pinhole(), count: 2 * found) }
      withLabelGrid { shape in
        holes.withUnsafeMutableBufferPointer { holes in
          nem_find_pinholes(shape, grid.pixels, pixels, holes.baseAddress, holes.count, &found, level)
        }
      }
    } while found > holes.count
    for hole in holes[..<found] { pixels[hole.pixel] = hole.id }
    swap(&holes, &self.holes)
  }
}
