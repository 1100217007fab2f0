import Kernels
import VideoIO

/// Pictures of one size side by side, in rows, each with a line of text under it.
package struct ContactSheet {
  private static let (columns, gap, caption) = (4, 6, 16)
  /// Widest picture; larger ones are reduced.
  private static let largest = 320
  private static let background = RGB(red: 24, green: 24, blue: 24)
  private static let ink = RGB(red: 232, green: 232, blue: 232)
  private var cells: [(picture: Image<RGB>, text: String)] = []

  /// An empty sheet.
  package init() {}

  /// Whether there is nothing on it.
  package var isEmpty: Bool { cells.isEmpty }

  /// Adds a picture, reduced where it is large.
  package mutating func add(_ picture: Image<RGB>, text: String) {
    cells.append((picture.reduced(by: (picture.width + Self.largest - 1) / Self.largest), text))
  }

  /// The sheet as a picture; it has at least one cell.
  package func painted() -> Image<RGB> {
    let height = cells[0].picture.height
    let width = cells.reduce(cells[0].picture.width) { max($0, PixelFont.width($1.text)) }
    let columns = min(Self.columns, cells.count)
    let rows = (cells.count + columns - 1) / columns
    var sheet = Image(
      width: Self.gap + columns * (width + Self.gap), height: Self.gap + rows * (height + Self.caption + Self.gap),
      fill: Self.background)
    for (index, cell) in cells.enumerated() {
      let x = Self.gap + index % columns * (width + Self.gap)
      let y = Self.gap + index / columns * (height + Self.caption + Self.gap)
      for row in 0..<min(height, cell.picture.height) {
        for column in 0..<min(width, cell.picture.width) { sheet[x + column, y + row] = cell.picture[column, row] }
      }
      PixelFont.write(cell.text, in: &sheet, x: x, y: y + height + 4, colour: Self.ink)
    }
    return sheet
  }
}

extension Image where Pixel == RGB {
  /// The picture with width and height divided by `factor`, at least 1: each pixel is the mean of those it stands for.
  package func reduced(by factor: Int) -> Image<RGB> {
    guard factor > 1 else { return self }
    let (columns, rows) = (max(1, width / factor), max(1, height / factor))
    var result = Image(width: columns, height: rows, fill: RGB(red: 0, green: 0, blue: 0))
    for y in 0..<rows {
      for x in 0..<columns {
        result[x, y] = mean(
          x * factor..<min((x + 1) * factor, width), y * factor..<min((y + 1) * factor, height))
      }
    }
    return result
  }

  /// The mean colour of some columns and rows, rounded down; there is at least one pixel.
  package func mean(_ columns: Range<Int>, _ rows: Range<Int>) -> RGB {
    var sum = SIMD3<Int>.zero
    for y in rows {
      for x in columns {
        let pixel = self[x, y]
        sum &+= SIMD3(Int(pixel.red), Int(pixel.green), Int(pixel.blue))
      }
    }
    let mean = sum / (columns.count * rows.count)
    return RGB(red: UInt8(mean.x), green: UInt8(mean.y), blue: UInt8(mean.z))
  }
}
