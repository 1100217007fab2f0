import Kernels

/// One object to be marked in a picture.
public struct OverlayObject: Sendable, Equatable {
  /// The number to be drawn, also the object's label.
  public var id: Int
  /// Holds all its pixels.
  public var bounds: PixelRect

  /// An object from its number and place.
  public init(id: Int, bounds: PixelRect) {
    self.id = id
    self.bounds = bounds
  }
}

/// The colours of objects: neighbours in number are far apart in hue, and a number keeps its colour for ever.
public enum OverlayColour {
  /// The colour of object `id`: golden-ratio steps around the colour circle, saturation 0.85, full brightness.
  public static func of(_ id: Int) -> RGB {
    let turn = Double(id) * 0.618_033_988_749_895
    let hue = (turn - turn.rounded(.down)) * 6
    func channel(_ offset: Double) -> UInt8 {
      let k = (offset + hue).truncatingRemainder(dividingBy: 6)
      return UInt8((255 * (1 - 0.85 * max(0, min(k, 4 - k, 1)))).rounded())
    }
    return RGB(red: channel(5), green: channel(3), blue: channel(1))
  }

  /// Luma, Cb and Cr of a colour in ITU-R BT.601 limited range.
  static func yuv(_ colour: RGB) -> SIMD3<Int32> {
    let (r, g, b) = (Int32(colour.red), Int32(colour.green), Int32(colour.blue))
    return SIMD3(
      (66 * r + 129 * g + 25 * b + 128) >> 8 + 16, (-38 * r - 74 * g + 112 * b + 128) >> 8 + 128,
      (112 * r - 94 * g - 18 * b + 128) >> 8 + 128)
  }
}

/// Draws masks, contours and numbers on planar 4:2:0 pixels.
struct OverlayPainter {
  /// One plane that can be written, cropped to `width`×`height`.
  struct Plane {
    var start: UnsafeMutablePointer<UInt8>
    var stride: Int
    var width: Int
    var height: Int

    /// Moves a pixel towards `value` by `weight`/256.
    func blend(_ x: Int, _ y: Int, _ value: Int32, weight: Int32) {
      let pixel = start + y * stride + x
      pixel.pointee = UInt8(clamping: (Int32(pixel.pointee) * (256 - weight) + value * weight + 128) >> 8)
    }
  }

  let luma: Plane
  let blue: Plane
  let red: Plane
  /// Object numbers at the size of the source.
  let labels: Image<Int32>
  private let translucent: Int32 = 112
  private let solid: Int32 = 230

  /// Tints an object's pixels and draws its contour and number.
  func draw(_ object: OverlayObject) {
    let colour = OverlayColour.yuv(OverlayColour.of(object.id))
    let box = object.bounds.clipped(width: luma.width, height: luma.height)
    let id = Int32(truncatingIfNeeded: object.id)
    for y in box.y..<box.y + box.height {
      for x in box.x..<box.x + box.width where labels.pixels[y * labels.width + x] == id {
        luma.blend(x, y, colour.x, weight: isContour(x, y, id) ? solid : translucent)
      }
    }
    for y in box.y / 2..<min((box.y + box.height + 1) / 2, blue.height) {
      for x in box.x / 2..<min((box.x + box.width + 1) / 2, blue.width) {
        // A chroma pixel covers 2×2 luma pixels and takes as much colour as the object has of them.
        let share = Int32(coverage(2 * x, 2 * y, id))
        guard share > 0 else { continue }
        blue.blend(x, y, colour.y, weight: 45 * share)
        red.blend(x, y, colour.z, weight: 45 * share)
      }
    }
    drawNumber(object.id, at: (box.x, box.y))
  }

  private func coverage(_ x: Int, _ y: Int, _ id: Int32) -> Int {
    let i = y * labels.width + x
    return (labels.pixels[i] == id ? 1 : 0) + (labels.pixels[i + 1] == id ? 1 : 0)
      + (labels.pixels[i + labels.width] == id ? 1 : 0) + (labels.pixels[i + labels.width + 1] == id ? 1 : 0)
  }

  private func isContour(_ x: Int, _ y: Int, _ id: Int32) -> Bool {
    let i = y * labels.width + x
    return x == 0 || y == 0 || x + 1 == labels.width || y + 1 == labels.height || labels.pixels[i - 1] != id
      || labels.pixels[i + 1] != id || labels.pixels[i - labels.width] != id || labels.pixels[i + labels.width] != id
  }

  /// White digits on black, larger in larger pictures, above the corner where there is room, and inside the picture.
  private func drawNumber(_ id: Int, at corner: (x: Int, y: Int)) {
    let scale = max(1, luma.height / 360)
    let digits = String(id).utf8.map { Int($0) - 48 }
    let (width, height) = ((digits.count * 6 + 1) * scale, 9 * scale)
    guard width <= luma.width, height <= luma.height else { return }
    let x0 = min(corner.x, luma.width - width)
    let y0 = corner.y < height ? min(corner.y, luma.height - height) : corner.y - height
    for y in y0..<y0 + height {
      for x in x0..<x0 + width {
        let (column, row) = ((x - x0) / scale - 1, (y - y0) / scale - 1)
        let digit = digits[min(max(column, 0) / 6, digits.count - 1)]
        let isSet = column >= 0 && row >= 0 && DigitFont.isSet(digit, column % 6, row)
        luma.blend(x, y, isSet ? 235 : 16, weight: 256)
        blue.blend(x / 2, y / 2, 128, weight: 256)
        red.blend(x / 2, y / 2, 128, weight: 256)
      }
    }
  }
}

/// Digits of 5×7 points.
enum DigitFont {
  /// Seven rows per digit, the leftmost point in bit 4.
  private static let rows: [[UInt8]] = [
    [14, 17, 19, 21, 25, 17, 14], [4, 12, 4, 4, 4, 4, 14], [14, 17, 1, 2, 4, 8, 31], [31, 2, 4, 2, 1, 17, 14],
    [2, 6, 10, 18, 31, 2, 2], [31, 16, 30, 1, 1, 17, 14], [6, 8, 16, 30, 17, 17, 14], [31, 1, 2, 4, 8, 8, 8],
    [14, 17, 17, 14, 17, 17, 14], [14, 17, 17, 15, 1, 2, 12],
  ]

  /// Whether a point is part of a digit; false outside its 5×7 points.
  static func isSet(_ digit: Int, _ x: Int, _ y: Int) -> Bool {
    (0..<10).contains(digit) && (0..<5).contains(x) && (0..<7).contains(y) && rows[digit][y] >> (4 - x) & 1 == 1
  }
}
