import CKernels
import Kernels

extension VideoFrame {
  /// A part of the frame in red, green and blue, by the matrix that the stream names and else that of BT.601, as swscale
  /// does; chroma that is stored smaller is repeated. `box` must lie in the frame.
  package func colours(in box: PixelRect) -> Image<RGB> {
    let matrix = colourMatrix
    var image = Image(width: box.width, height: box.height, fill: RGB(red: 0, green: 0, blue: 0))
    for y in 0..<box.height {
      withColourRow(box.y + y) { row in
        for x in 0..<box.width {
          let place = (box.x + x) >> chromaShiftX
          image[x, y] = matrix.colour(row.luma[box.x + x], row.blue?[place] ?? 128, row.red?[place] ?? 128)
        }
      }
    }
    return image
  }

  /// How luma and chroma become red, green and blue.
  var colourMatrix: nem_colour_matrix { nem_colour_matrix(codePoint: matrix, isFullRange: isFullRange) }

  /// Lends the row `y` of the planes.
  func withColourRow(_ y: Int, _ body: (inout nem_colour_row) -> Void) {
    func start(_ plane: Int, _ y: Int) -> UnsafePointer<UInt8>? {
      guard plane < planeCount else { return nil }
      return withPlane(plane) { $0.baseAddress! + y * $1 }
    }
    let chroma = y >> chromaShiftY
    withExtendedLifetime(self) {
      var row = nem_colour_row(
        luma: start(0, y), blue: start(1, chroma), red: start(2, chroma), shift: Int32(chromaShiftX))
      body(&row)
    }
  }
}

extension nem_colour_matrix {
  /// The matrix of a code point of ITU-T H.273, table 4.
  init(codePoint: Int, isFullRange: Bool) {
    let (r, b) =
      switch codePoint {
      case 1: (0.2126, 0.0722)
      case 4: (0.30, 0.11)
      case 7: (0.212, 0.087)
      case 9, 10: (0.2627, 0.0593)
      default: (0.299, 0.114)
      }
    let g = 1 - r - b
    let chroma = 65536 * (isFullRange ? 1 : 255.0 / 224)
    let gain = 65536 * (isFullRange ? 1 : 255.0 / 219)
    func rounded(_ value: Double) -> Int32 { Int32(value.rounded()) }
    self.init(
      black: isFullRange ? 0 : 16, gain: rounded(gain), red: rounded(chroma * 2 * (1 - r)),
      green_of_red: rounded(-chroma * 2 * r * (1 - r) / g), green_of_blue: rounded(-chroma * 2 * b * (1 - b) / g),
      blue: rounded(chroma * 2 * (1 - b)))
  }

  /// One pixel's colour.
  fileprivate func colour(_ luma: UInt8, _ blueDifference: UInt8, _ redDifference: UInt8) -> RGB {
    let y = (Int32(luma) &- black) &* gain &+ 32768
    let (cb, cr) = (Int32(blueDifference) &- 128, Int32(redDifference) &- 128)
    func byte(_ value: Int32) -> UInt8 { UInt8(truncatingIfNeeded: min(max(value >> 16, 0), 255)) }
    return RGB(
      red: byte(y &+ red &* cr), green: byte(y &+ green_of_red &* cr &+ green_of_blue &* cb),
      blue: byte(y &+ blue &* cb))
  }
}
