import CKernels

/// Averages a picture over the cells of a coarser grid.
///
/// A pixel in column x belongs to the cell in column ⌊x·W/w⌋, and rows likewise, so every pixel counts exactly once. Rows
/// are added up over whole picture rows first, in wide vectors; only the sums are then split into cells.
public struct GridSampler: Sendable {
  /// Size of the pictures.
  public let sourceWidth: Int, sourceHeight: Int
  /// Size of the grid.
  public let width: Int, height: Int
  private let columnStarts: [Int], rowStarts: [Int]
  private var rowSums: [UInt32]

  /// A sampler for one pair of sizes; the grid must not be finer than the picture.
  public init(sourceWidth: Int, sourceHeight: Int, width: Int, height: Int) {
    precondition(width <= sourceWidth && height <= sourceHeight, "the grid is finer than the picture")
    (self.sourceWidth, self.sourceHeight, self.width, self.height) = (sourceWidth, sourceHeight, width, height)
    columnStarts = (0...width).map { ($0 * sourceWidth + width - 1) / width }
    rowStarts = (0...height).map { ($0 * sourceHeight + height - 1) / height }
    rowSums = Array(repeating: 0, count: sourceWidth)
  }

  /// Writes each cell's mean divided by 255, so 0…1.
  /// - Parameters:
  ///   - source: rows of `stride` bytes.
  ///   - target: `width · height` values.
  ///   - rows: grid rows that are wanted; the others are left as they are.
  public mutating func average(
    _ source: UnsafeBufferPointer<UInt8>, stride: Int, into target: inout [Float], rows: [Bool]? = nil
  ) {
    precondition(target.count == width * height && source.count >= stride * (sourceHeight - 1) + sourceWidth)
    let (level, columnStarts, rowStarts) = (nem_cpu_level(), columnStarts, rowStarts)
    let (width, height, sourceWidth) = (width, height, sourceWidth)
    target.withUnsafeMutableBufferPointer { target in
      rowSums.withUnsafeMutableBufferPointer { sums in
        for row in 0..<height where rows?[row] ?? true {
          let (top, bottom) = (rowStarts[row], rowStarts[row + 1])
          nem_sum_rows(source.baseAddress! + top * stride, stride, bottom - top, sourceWidth, sums.baseAddress, level)
          var left = 0
          for column in 0..<width {
            let right = columnStarts[column + 1]
            var sum: UInt32 = 0
            for x in left..<right { sum &+= sums[x] }
            target[row * width + column] = Float(sum) / Float(255 * (right - left) * (bottom - top))
            left = right
          }
        }
      }
    }
  }
}
