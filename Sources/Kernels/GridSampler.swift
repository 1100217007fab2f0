/// Averages a picture over the cells of a coarser grid.
///
/// A pixel in column x belongs to the cell in column ⌊x·W/w⌋, and rows likewise, so every pixel counts exactly once. Rows
/// are added up over whole picture rows first, which the compiler turns into wide additions; only the sums are then
/// split into cells.
public struct GridSampler: Sendable {
  /// Size of the pictures.
  public let sourceWidth: Int, sourceHeight: Int
  /// Size of the grid.
  public let width: Int, height: Int
  private let columnStarts: [Int]
  private var rowSums: [UInt32]

  /// A sampler for one pair of sizes; the grid must not be finer than the picture.
  public init(sourceWidth: Int, sourceHeight: Int, width: Int, height: Int) {
    precondition(width <= sourceWidth && height <= sourceHeight, "the grid is finer than the picture")
    (self.sourceWidth, self.sourceHeight, self.width, self.height) = (sourceWidth, sourceHeight, width, height)
    columnStarts = (0...width).map { ($0 * sourceWidth + width - 1) / width }
    rowSums = Array(repeating: 0, count: sourceWidth)
  }

  /// Writes each cell's mean divided by 255, so 0…1.
  /// - Parameters:
  ///   - source: rows of `stride` bytes.
  ///   - target: `width · height` values.
  public mutating func average(_ source: UnsafeBufferPointer<UInt8>, stride: Int, into target: inout [Float]) {
    precondition(target.count == width * height && source.count >= stride * (sourceHeight - 1) + sourceWidth)
    for row in 0..<height {
      let (top, bottom) = (rowStart(row), rowStart(row + 1))
      addRows(source.baseAddress! + top * stride, stride: stride, count: bottom - top)
      for column in 0..<width {
        let (left, right) = (columnStarts[column], columnStarts[column + 1])
        var sum: UInt32 = 0
        for x in left..<right { sum &+= rowSums[x] }
        target[row * width + column] = Float(sum) / Float(255 * (right - left) * (bottom - top))
      }
    }
  }

  private func rowStart(_ row: Int) -> Int { (row * sourceHeight + height - 1) / height }

  private mutating func addRows(_ source: UnsafePointer<UInt8>, stride: Int, count: Int) {
    rowSums.withUnsafeMutableBufferPointer { sums in
      for x in 0..<sourceWidth { sums[x] = UInt32(source[x]) }
      for row in 1..<max(count, 1) {
        let line = source + row * stride
        for x in 0..<sourceWidth { sums[x] &+= UInt32(line[x]) }
      }
    }
  }
}
