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
  private let columnStarts: [Int32], rowStarts: [Int]
  private var rowSums: [UInt32]

  /// A sampler for one pair of sizes; the grid must not be finer than the picture.
  public init(sourceWidth: Int, sourceHeight: Int, width: Int, height: Int) {
    precondition(width <= sourceWidth && height <= sourceHeight, "the grid is finer than the picture")
    (self.sourceWidth, self.sourceHeight, self.width, self.height) = (sourceWidth, sourceHeight, width, height)
    columnStarts = (0...width).map { Int32(($0 * sourceWidth + width - 1) / width) }
    rowStarts = (0...height).map { ($0 * sourceHeight + height - 1) / height }
    rowSums = Array(repeating: 0, count: sourceWidth)
  }

  /// Writes each cell's mean divided by 255, so 0…1.
  /// - Parameters:
  ///   - source: rows of `stride` bytes.
  ///   - target: `width · height` values.
  ///   - cells: `width · height` values; where it is 0 the mean is not wanted and 0 is written. Nil wants all.
  public mutating func average(
    _ source: UnsafeBufferPointer<UInt8>, stride: Int, into target: inout [Float], where cells: [Float]? = nil
  ) {
    precondition(target.count == width * height && source.count >= stride * (sourceHeight - 1) + sourceWidth)
    precondition(cells == nil || cells!.count == target.count)
    let level = nem_cpu_level()
    target.withUnsafeMutableBufferPointer { target in
      for row in 0..<height {
        let (top, first) = (rowStarts[row], row * width)
        func average(_ cells: UnsafePointer<Float>?) {
          nem_average_row(
            source.baseAddress! + top * stride, stride, rowStarts[row + 1] - top, columnStarts, Int32(width), cells,
            &rowSums, target.baseAddress! + first, level)
        }
        if let cells {
          cells.withUnsafeBufferPointer { average($0.baseAddress! + first) }
        } else {
          average(nil)
        }
      }
    }
  }
}
