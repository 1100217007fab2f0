/// One of the papers' binary shapes (Reichert & Serre 2013, as used by Greff et al. 2017), as the pixels it lights.
struct ShapeBitmap: Sendable {
  /// Side in pixels of the square pictures that the shapes are drawn in.
  static let side = 28

  let cells: [(x: Int, y: Int)]
  let width: Int
  let height: Int

  private init(_ rows: [String]) {
    cells = rows.enumerated().flatMap { y, row in
      row.enumerated().filter { $0.element == "#" }.map { (x: $0.offset, y: y) }
    }
    (width, height) = (rows[0].count, rows.count)
  }

  private static let triangle = [
    ".....##.....", "....####....", "...##..##...", "..##....##..", ".##......##.", "############", "############",
  ]

  /// A hollow square 7×7, a hollow triangle 12 wide and 7 high, and the triangle upside down.
  static let all = [
    ShapeBitmap(["#######", "#######", "##...##", "##...##", "##...##", "#######", "#######"]),
    ShapeBitmap(triangle), ShapeBitmap(triangle.reversed()),
  ]

  /// Draws the shape with its top-left corner at a pixel, which must leave it fully inside.
  func draw(in canvas: inout ClipCanvas, frame: Int, x: Int, y: Int, object: Int) {
    let origin = frame * canvas.format.pixels + y * canvas.format.width + x
    for cell in cells { canvas.lay(1, at: origin + cell.y * canvas.format.width + cell.x, object: object) }
  }
}
