import NEM

/// From the size of the smallest object to be found to the grid on which it has enough cells.
struct ObjectSizes {
  /// Columns of the grid where nothing is asked; a finer one takes longer.
  static let usualColumns = 192
  static let mostColumns = 960
  /// Cells on which an object is told from noise, and its parts from one another.
  private static let ampleCells = Double(TrackerConfiguration().minimumArea)
  private static let fewestCells = 8
  private let smallest: Int?
  private var picture = 0

  /// Sizes for objects of at least so many pixels; nil for what the usual grid shows.
  init(smallest: Int?) { self.smallest = smallest }

  /// The grid for a picture of this size: the usual one, or a finer one for small objects.
  mutating func grid(width: Int, height: Int) -> SegmenterGrid {
    picture = width * height
    guard let smallest else { return .columns(Self.usualColumns) }
    let columns = Double(width) * (Self.ampleCells / Double(smallest)).squareRoot()
    return .columns(min(max(Int(columns.rounded()), Self.usualColumns), Self.mostColumns))
  }

  /// Cells of the smallest object where the picture has `count` of them; nil where nothing is asked.
  func cells(of count: Int) -> Int? {
    smallest.map { max(Self.fewestCells, (2 * $0 * count + picture) / (2 * picture)) }
  }
}
