import CFFmpeg
import Kernels

extension VideoFrame {
  /// A part of the frame in red, green and blue, by the matrix of BT.709 where the stream says so and else of BT.601, as
  /// swscale does; chroma that is stored smaller is repeated. `box` must lie in the frame.
  package func colours(in box: PixelRect) -> Image<RGB> {
    let (red, blue): (Float, Float) = isBT709 ? (0.2126, 0.0722) : (0.299, 0.114)
    let green = 1 - red - blue
    let (black, gain): (Float, Float) = isFullRange ? (0, 1) : (16, 255 / 219)
    let chromaGain: Float = isFullRange ? 1 : 255 / 224
    func byte(_ value: Float) -> UInt8 { UInt8(min(max(value.rounded(), 0), 255)) }
    let (luma, first, second) = (values(0, in: box), values(1, in: box), values(2, in: box))
    let pixels = luma.indices.map { i in
      let y = (luma[i] - black) * gain
      let (cb, cr) = ((first[i] - 128) * chromaGain, (second[i] - 128) * chromaGain)
      return RGB(
        red: byte(y + 2 * (1 - red) * cr),
        green: byte(y - 2 * blue * (1 - blue) / green * cb - 2 * red * (1 - red) / green * cr),
        blue: byte(y + 2 * (1 - blue) * cb))
    }
    return Image(width: box.width, height: box.height, pixels: pixels)
  }

  /// One plane at the luma's pixels; 128 for the colours of a gray frame.
  private func values(_ plane: Int, in box: PixelRect) -> [Float] {
    guard plane < planeCount else { return Array(repeating: 128, count: box.width * box.height) }
    let (shiftX, shiftY) = plane == 0 ? (0, 0) : (chromaShiftX, chromaShiftY)
    return withPlane(plane) { pixels, stride in
      (0..<box.width * box.height).map { i in
        let (x, y) = (box.x + i % box.width, box.y + i / box.width)
        return Float(pixels[(y >> shiftY) * stride + (x >> shiftX)])
      }
    }
  }
}
