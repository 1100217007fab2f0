extension ObjectSlot {
  /// Makes the template `left`, `top`, `right`, `bottom` cells larger (smaller if negative); new cells are 0.
  ///
  /// `scratch` has at least the capacity of the buffers.
  mutating func resizeTemplate(left: Int, top: Int, right: Int, bottom: Int, scratch: inout [Float]) {
    let (newColumns, newRows) = (columns + left + right, rows + top + bottom)
    Self.move(
      &template, columns, rows, left: left, top: top, newColumns: newColumns, newRows: newRows, scratch: &scratch)
    x -= Float(left)
    y -= Float(top)
    predictedX -= Float(left)
    predictedY -= Float(top)
    (columns, rows) = (newColumns, newRows)
  }

  /// The same for ψ and γ of the current window, so that they go on matching the template.
  mutating func resizeWindow(left: Int, top: Int, right: Int, bottom: Int, scratch: inout [Float]) {
    let (newColumns, newRows) = (windowColumns + left + right, windowRows + top + bottom)
    Self.move(
      &psi, windowColumns, windowRows, left: left, top: top, newColumns: newColumns, newRows: newRows,
      scratch: &scratch)
    Self.move(
      &gamma, windowColumns, windowRows, left: left, top: top, newColumns: newColumns, newRows: newRows,
      scratch: &scratch)
    originX -= left
    originY -= top
    (windowColumns, windowRows) = (newColumns, newRows)
  }

  private static func move(
    _ plane: inout [Float], _ columns: Int, _ rows: Int, left: Int, top: Int, newColumns: Int, newRows: Int,
    scratch: inout [Float]
  ) {
    for r in 0..<newRows {
      for c in 0..<newColumns {
        let (u, v) = (c - left, r - top)
        let inside = u >= 0 && u < columns && v >= 0 && v < rows
        scratch[r * newColumns + c] = inside ? plane[v * columns + u] : 0
      }
    }
    for i in 0..<newRows * newColumns { plane[i] = scratch[i] }
  }

  /// Fits the template's size to its support with a margin, within `maxColumns` × `maxRows`; false if nothing is left.
  mutating func refit(margin: Int, maxColumns: Int, maxRows: Int, scratch: inout [Float]) -> Bool {
    var (left, top, right, bottom) = (columns, rows, -1, -1)
    for v in 0..<rows {
      for u in 0..<columns where template[v * columns + u] > 0.1 {
        left = min(left, u)
        right = max(right, u)
        top = min(top, v)
        bottom = max(bottom, v)
      }
    }
    guard right >= 0 else { return false }
    let horizontal = Self.fit(left, right, margin, maxColumns)
    let vertical = Self.fit(top, bottom, margin, maxRows)
    resizeTemplate(
      left: -horizontal.first, top: -vertical.first, right: horizontal.last + 1 - columns,
      bottom: vertical.last + 1 - rows, scratch: &scratch)
    return true
  }

  /// First and last cell of the support with its margin, shortened if it is too long.
  private static func fit(_ first: Int, _ last: Int, _ margin: Int, _ limit: Int) -> (first: Int, last: Int) {
    let excess = max(last - first + 1 + 2 * margin - limit, 0)
    let start = first - margin + excess / 2
    return (start, min(last + margin, start + limit - 1))
  }
}
