/// A few thousand places spread evenly over a picture, at least one: enough for a mean or a median, whatever its size.
struct SampleGrid {
  private let spacing: Int
  private let first: (x: Int, y: Int)
  private let columns: Int, rows: Int
  /// Their number.
  var count: Int { columns * rows }

  /// The places in a picture of `width` × `height` pixels.
  init(width: Int, height: Int) {
    spacing = max(8, min(width, height) / 45)
    first = (min(spacing, width) / 2, min(spacing, height) / 2)
    (columns, rows) = ((width - first.x - 1) / spacing + 1, (height - first.y - 1) / spacing + 1)
  }

  /// Calls `body` with each place's column and row, row by row.
  @inline(__always) func forEach(_ body: (_ x: Int, _ y: Int) -> Void) {
    for row in 0..<rows {
      for column in 0..<columns { body(first.x + column * spacing, first.y + row * spacing) }
    }
  }
}
