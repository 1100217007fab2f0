import CFFmpeg
import Kernels

extension VideoFrame {
  /// A part of the frame in red, green and blue, by the matrix that the stream names and else that of BT.601, as swscale
  /// does; chroma that is stored smaller is repeated. `box` must lie in the frame.
  package func colours(in box: PixelRect) -> Image<RGB> {
    let matrix = ColourMatrix(codePoint: matrix, isFullRange: isFullRange)
    var image = Image(width: box.width, height: box.height, fill: RGB(red: 0, green: 0, blue: 0))
    withPlane(0) { luma, stride in
      image.pixels.withUnsafeMutableBufferPointer { pixels in
        guard planeCount > 1 else {
          for y in 0..<box.height {
            let row = (box.y + y) * stride + box.x
            for x in 0..<box.width { pixels[y * box.width + x] = matrix.colour(luma[row + x], 128, 128) }
          }
          return
        }
        withPlane(1) { first, firstStride in
          withPlane(2) { second, secondStride in
            for y in 0..<box.height {
              let row = (box.y + y) * stride
              let (blue, red) = (
                ((box.y + y) >> chromaShiftY) * firstStride, ((box.y + y) >> chromaShiftY) * secondStride
              )
              for x in box.x..<box.x + box.width {
                let place = x >> chromaShiftX
                pixels[y * box.width + x - box.x] = matrix.colour(
                  luma[row + x], first[blue + place], second[red + place])
              }
            }
          }
        }
      }
    }
    return image
  }
}

/// How luma and chroma become red, green and blue, in units of 1/65536.
private struct ColourMatrix {
  private let black: Int32, gain: Int32
  /// What red and blue differences add to red, to green and to blue.
  private let red: Int32, greenOfRed: Int32, greenOfBlue: Int32, blue: Int32

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
    (black, gain) = isFullRange ? (0, 65536) : (16, Int32((65536 * 255.0 / 219).rounded()))
    red = Int32((chroma * 2 * (1 - r)).rounded())
    greenOfRed = Int32((-chroma * 2 * r * (1 - r) / g).rounded())
    greenOfBlue = Int32((-chroma * 2 * b * (1 - b) / g).rounded())
    blue = Int32((chroma * 2 * (1 - b)).rounded())
  }

  @inline(__always)
  func colour(_ luma: UInt8, _ blueDifference: UInt8, _ redDifference: UInt8) -> RGB {
    let y = (Int32(luma) &- black) &* gain &+ 32768
    let (cb, cr) = (Int32(blueDifference) &- 128, Int32(redDifference) &- 128)
    func byte(_ value: Int32) -> UInt8 { UInt8(truncatingIfNeeded: min(max(value >> 16, 0), 255)) }
    return RGB(
      red: byte(y &+ red &* cr), green: byte(y &+ greenOfRed &* cr &+ greenOfBlue &* cb), blue: byte(y &+ blue &* cb))
  }
}
