import CKernels
import Kernels

/// Encodes masks as FFV1 frames, byte for byte as libavcodec would, at a cost that follows the object and not the frame.
struct FFV1MaskEncoder {
  private let template: FFV1Template
  private var frame = FFV1Frame()

  /// Nil if the template says that libavcodec must encode.
  init?(_ template: FFV1Template) {
    guard !template.slices.isEmpty else { return nil }
    self.template = template
  }

  /// Encodes one mask of the template's size and lends the frame to `consume`.
  ///
  /// - Parameters:
  ///   - pixels: `width · height` values.
  ///   - box: holds all nonzero pixels and lies inside the frame.
  mutating func encode(
    _ pixels: UnsafeBufferPointer<UInt8>, box: PixelRect,
    _ consume: (UnsafeMutableBufferPointer<UInt8>) throws(VideoError) -> Void
  ) throws(VideoError) {
    frame.clear()
    for slice in template.slices { append(slice, pixels, box) }
    try frame.lend(to: consume)
  }

  private mutating func append(_ slice: FFV1Template.Slice, _ pixels: UnsafeBufferPointer<UInt8>, _ box: PixelRect) {
    let x0 = Int32(max(box.x - slice.x, 0))
    let y0 = Int32(max(box.y - slice.y, 0))
    let x1 = Int32(min(box.x + box.width - slice.x, slice.width))
    let y1 = Int32(min(box.y + box.height - slice.y, slice.height))
    guard x0 < x1, y0 < y1 else { return frame.append(slice: slice.blank) }
    let (width, height) = (Int32(slice.width), Int32(slice.height))
    let origin = pixels.baseAddress! + slice.y * template.width + slice.x
    frame.appendSlice(header: slice.header, capacity: nem_ffv1_capacity(height, x0, y0, x1, y1)) {
      nem_ffv1_encode_plane(origin, template.width, width, height, x0, y0, x1, y1, $0.baseAddress, $0.count)
    }
  }

  /// A slice without any set pixel.
  static func blankSlice(_ slice: FFV1Template.Slice) -> [UInt8] {
    var frame = FFV1Frame()
    frame.appendSlice(header: slice.header, capacity: nem_ffv1_capacity(Int32(slice.height), 0, 0, 0, 0)) {
      nem_ffv1_encode_plane(
        nil, 0, Int32(slice.width), Int32(slice.height), 0, 0, 0, 0, $0.baseAddress, $0.count)
    }
    return frame.bytes
  }
}
