import Kernels
import VideoIO

/// Capitals, digits and some signs of 3×5 points, for charts and figures.
package enum PixelFont {
  /// Columns and rows that a letter takes with its margin, in points.
  package static let cell = (width: 4, height: 7)

  /// Five rows of three points, one octal digit a row, the left point in its highest bit.
  private static let glyphs: [Character: String] = [
    "A": "25755", "B": "65656", "C": "34443", "D": "65556", "E": "74647", "F": "74644", "G": "34553", "H": "55755",
    "I": "72227", "J": "11152", "K": "55655", "L": "44447", "M": "57755", "N": "65555", "O": "25552", "P": "65644",
    "Q": "25563", "R": "65655", "S": "34216", "T": "72222", "U": "55557", "V": "55552", "W": "55775", "X": "55255",
    "Y": "55222", "Z": "71247", "0": "75557", "1": "26227", "2": "61247", "3": "61216", "4": "55711", "5": "74616",
    "6": "74757", "7": "71222", "8": "75757", "9": "75717", "-": "00700", ".": "00002", "=": "07070", ":": "02020",
  ]

  /// Writes text with its top left corner at (x, y), `scale` pixels a point; unknown letters are blank, and what is
  /// outside the picture is left out.
  package static func write(
    _ text: String, in image: inout Image<RGB>, x: Int, y: Int, scale: Int = 2,
    colour: RGB = RGB(red: 0, green: 0, blue: 0)
  ) {
    for (index, letter) in text.uppercased().enumerated() {
      for (row, digit) in (glyphs[letter] ?? "").enumerated() {
        let bits = digit.wholeNumberValue ?? 0
        for column in 0..<3 where bits >> (2 - column) & 1 == 1 {
          image.fill(
            x: x + (index * cell.width + column) * scale, y: y + row * scale, width: scale, height: scale, colour)
        }
      }
    }
  }

  /// Pixels that text is wide.
  package static func width(_ text: String, scale: Int = 2) -> Int { text.count * cell.width * scale }
}

extension Image where Pixel == RGB {
  /// Fills the part of a rectangle that is inside.
  package mutating func fill(x: Int, y: Int, width: Int, height: Int, _ colour: RGB) {
    for row in max(y, 0)..<max(min(y + height, self.height), max(y, 0)) {
      for column in max(x, 0)..<max(min(x + width, self.width), max(x, 0)) { self[column, row] = colour }
    }
  }
}
