import Kernels
import VideoIO

/// Pictures as text for terminals: each character is an upper half block, whose two colours are two pixels.
package enum TerminalPicture {
  /// How many colours a terminal has.
  package enum Depth: Sendable {
    /// 256: a cube of 6×6×6 and 24 grays.
    case palette
    /// 8 bits a channel.
    case full

    /// What a terminal says of itself; nil where it has no colours, or moves no cursor.
    package init?(environment: [String: String]) {
      let (terminal, colours) = (environment["TERM"] ?? "", environment["COLORTERM"] ?? "")
      if terminal.isEmpty || terminal == "dumb" { return nil }
      self = ["truecolor", "24bit"].contains(colours) || terminal.hasSuffix("-direct") ? .full : .palette
    }
  }

  /// Lines of text, each ended with its colours reset; an odd last row of pixels is black below.
  package static func lines(_ picture: Image<RGB>, _ depth: Depth) -> [String] {
    stride(from: 0, to: picture.height, by: 2).map { y in
      var line = ""
      var last: (RGB, RGB)?
      for x in 0..<picture.width {
        let upper = picture[x, y]
        let lower = y + 1 < picture.height ? picture[x, y + 1] : RGB(red: 0, green: 0, blue: 0)
        if last?.0 != upper { line += "\u{1B}[38;\(code(upper, depth))m" }
        if last?.1 != lower { line += "\u{1B}[48;\(code(lower, depth))m" }
        last = (upper, lower)
        line += "▀"
      }
      return line + "\u{1B}[0m\u{1B}[K"
    }
  }

  private static func code(_ colour: RGB, _ depth: Depth) -> String {
    switch depth {
    case .full: "2;\(colour.red);\(colour.green);\(colour.blue)"
    case .palette: "5;\(index(colour))"
    }
  }

  /// The colour of xterm's palette that is about the same.
  static func index(_ colour: RGB) -> Int {
    let (red, green, blue) = (Int(colour.red), Int(colour.green), Int(colour.blue))
    let mean = (red + green + blue) / 3
    if max(red, green, blue) - min(red, green, blue) < 16 && (8..<248).contains(mean) { return 232 + (mean - 8) / 10 }
    // The cube's levels are 0, 95, 135, 175, 215 and 255.
    func level(_ value: Int) -> Int { value < 48 ? 0 : value < 115 ? 1 : (value - 35) / 40 }
    return 16 + 36 * level(red) + 6 * level(green) + level(blue)
  }
}
