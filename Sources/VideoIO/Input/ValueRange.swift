import CFFmpeg
import Kernels

/// Which values of 16-bit grays become 0…255. Cameras of 10 to 14 bits, and those that see heat, use a small part of what
/// 16 bits hold: with their top byte alone, all would be a few grays.
struct ValueRange: Equatable {
  /// The value that becomes black, and the one that becomes white.
  let low: Int, high: Int
  /// The gray of each value.
  private let grays: [UInt8]
  /// Values that span more than this are narrowed to their top byte: then that has 64 grays or more.
  private static let ampleSpan = 1 << 14
  /// At least so many values become 256 grays, so that the noise of an even picture stays noise.
  private static let leastSpan = 256
  /// Share of the pixels that may lie outside before the range is looked for anew.
  private static let strayShare = 0.5
  /// Share of the darkest and of the brightest pixels that do not count: faulty ones.
  private static let outlierShare = 0.001
  private static let all = 0...65535
  /// All values, narrowed to their top byte.
  static let whole = ValueRange(low: all.lowerBound, high: all.upperBound)

  /// Whether a format has grays of 16 bits.
  static func isWide(_ format: AVPixelFormat) -> Bool {
    format == AV_PIX_FMT_GRAY16LE || format == AV_PIX_FMT_GRAY16BE
  }

  private init(low: Int, high: Int) {
    (self.low, self.high) = (low, high)
    grays = Self.all.map { UInt8(min(max(((2 * ($0 - low) * 255) / (high - low) + 1) / 2, 0), 255)) }
  }

  /// The range for frames with such values: these, half their span below them and one above, for what is darker or
  /// brighter later; all where they fill a good part of 16 bits.
  init(of pixels: [UInt16]) {
    if pixels.isEmpty {
      self = .whole
      return
    }
    var counts = [Int](repeating: 0, count: Self.all.count)
    for value in pixels { counts[Int(value)] += 1 }
    let outliers = Int(Self.outlierShare * Double(pixels.count))
    func end(_ values: some Sequence<Int>) -> Int {
      var left = outliers
      for value in values {
        left -= counts[value]
        if left < 0 { return value }
      }
      return 0
    }
    let (least, most) = (end(Self.all), end(Self.all.reversed()))
    let span = max(most - least, Self.leastSpan)
    self = span < Self.ampleSpan ? ValueRange(low: least - span / 2, high: most + span) : .whole
  }

  /// The range of both: two lights in turn are taken in once, and not at each change.
  func joined(with other: ValueRange) -> ValueRange {
    ValueRange(low: min(low, other.low), high: max(high, other.high))
  }

  /// Whether most values of a frame lie in the range.
  func holds(for pixels: [UInt16]) -> Bool {
    let strays = pixels.count { Int($0) < low || Int($0) > high }
    return Double(strays) <= Self.strayShare * Double(pixels.count)
  }

  /// The frame with 8 bits; nil where it has no grays of 16, or all values count.
  func narrowed(_ frame: borrowing FrameHandle) -> FrameHandle? {
    guard Self.isWide(frame.format), self != .whole,
      let output = FrameHandle(format: AV_PIX_FMT_GRAY8, width: Int32(frame.width), height: Int32(frame.height))
    else { return nil }
    let wide = ImageFile.wide(frame)
    let plane = output.plane(0)
    for y in 0..<wide.height {
      for x in 0..<wide.width { plane.start[y * plane.stride + x] = grays[Int(wide.pixels[y * wide.width + x])] }
    }
    av_frame_copy_props(output.pointer, frame.pointer)
    output.pointer.pointee.color_range = AVCOL_RANGE_JPEG
    return output
  }
}
