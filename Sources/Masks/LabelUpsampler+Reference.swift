import Kernels

extension LabelUpsampler {
  /// The plain twin of `LabelUpsampler`: one pixel after the other, the same numbers.
  package enum Reference {
    /// The numbers at the foreground's size.
    package static func upsample(_ grid: Image<Int32>, foreground: Image<UInt8>) -> Image<Int32> {
      let (width, height) = (foreground.width, foreground.height)
      var labels = Image<Int32>(width: width, height: height, fill: 0)
      for y in 0..<height {
        for x in 0..<width where foreground[x, y] == 255 { labels[x, y] = number(x, y, grid, width, height) }
      }
      var filled = labels
      for y in 1..<max(height - 1, 1) {
        for x in 1..<max(width - 1, 1) where labels[x, y] == 0 {
          let id = grid[x * grid.width / width, y * grid.height / height]
          let around = (y - 1...y + 1).flatMap { row in (x - 1...x + 1).map { labels[$0, row] } }
          if id != 0 && around.count(where: { $0 == id }) >= 5 { filled[x, y] = id }
        }
      }
      return filled
    }

    private static func number(_ x: Int, _ y: Int, _ grid: Image<Int32>, _ width: Int, _ height: Int) -> Int32 {
      let (column, row) = (x * grid.width / width, y * grid.height / height)
      if grid[column, row] != 0 { return grid[column, row] }
      var (best, id) = (Int.max, Int32(0))
      for gy in max(row - 1, 0)...min(row + 1, grid.height - 1) {
        for gx in max(column - 1, 0)...min(column + 1, grid.width - 1) where grid[gx, gy] != 0 {
          // Twice the distance between the pixel's centre and that of the cell's whole pixels.
          let dx = first(gx, grid.width, width) + first(gx + 1, grid.width, width) - 2 * x - 1
          let dy = first(gy, grid.height, height) + first(gy + 1, grid.height, height) - 2 * y - 1
          if dx * dx + dy * dy < best { (best, id) = (dx * dx + dy * dy, grid[gx, gy]) }
        }
      }
      return id
    }

    /// The first pixel of a cell.
    private static func first(_ cell: Int, _ cells: Int, _ pixels: Int) -> Int { (cell * pixels + cells - 1) / cells }
  }
}
