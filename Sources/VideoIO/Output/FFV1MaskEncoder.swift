import CFFmpeg
import CKernels
import Kernels

/// Encodes masks as FFV1 frames, byte for byte as libavcodec would, at a cost that follows the object and not the frame.
struct FFV1MaskEncoder {
  private let template: FFV1Template
  private var frame: [UInt8] = []
  private var payload: [UInt8] = []

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
    frame.removeAll(keepingCapacity: true)
    for slice in template.slices { append(slice, pixels, box) }
    let count = frame.count
    // libavformat may read a little past a packet's end.
    frame.append(contentsOf: repeatElement(0, count: Int(AV_INPUT_BUFFER_PADDING_SIZE)))
    let result = frame.withUnsafeMutableBufferPointer { bytes in
      Result { () throws(VideoError) in try consume(UnsafeMutableBufferPointer(rebasing: bytes[..<count])) }
    }
    try result.get()
  }

  private mutating func append(_ slice: FFV1Template.Slice, _ pixels: UnsafeBufferPointer<UInt8>, _ box: PixelRect) {
    let x0 = Int32(max(box.x - slice.x, 0))
    let y0 = Int32(max(box.y - slice.y, 0))
    let x1 = Int32(min(box.x + box.width - slice.x, slice.width))
    let y1 = Int32(min(box.y + box.height - slice.y, slice.height))
    guard x0 < x1, y0 < y1 else {
      frame += slice.blank
      return
    }
    let start = frame.count
    frame += slice.header
    let capacity = nem_ffv1_capacity(Int32(slice.height), x0, y0, x1, y1)
    if payload.count < capacity {
      // Left as the system gives it: few of these bytes are ever touched.
      payload = [UInt8](unsafeUninitializedCapacity: capacity) { $1 = capacity }
    }
    let origin = pixels.baseAddress! + slice.y * template.width + slice.x
    payload.withUnsafeMutableBufferPointer {
      let size = nem_ffv1_encode_plane(
        origin, template.width, Int32(slice.width), Int32(slice.height), x0, y0, x1, y1, $0.baseAddress, $0.count)
      frame.append(contentsOf: $0[..<size])
    }
    FFV1MaskEncoder.appendTrailer(&frame, sliceStart: start)
  }

  /// The payload of a slice without any set pixel.
  static func blankPayload(width: Int, height: Int) -> [UInt8] {
    let capacity = nem_ffv1_capacity(Int32(height), 0, 0, 0, 0)
    return [UInt8](unsafeUninitializedCapacity: capacity) { out, count in
      count = nem_ffv1_encode_plane(nil, 0, Int32(width), Int32(height), 0, 0, 0, 0, out.baseAddress, capacity)
    }
  }

  /// Ends the slice that began at `sliceStart`: its size, a clean error status, and the CRC that makes the slice's
  /// remainder 0 (RFC 9043, section 4.9).
  static func appendTrailer(_ frame: inout [UInt8], sliceStart: Int) {
    let size = frame.count - sliceStart
    for shift in [16, 8, 0] { frame.append(UInt8(truncatingIfNeeded: size >> shift)) }
    frame.append(0)
    let crc = frame.withUnsafeBufferPointer {
      av_crc(av_crc_get_table(AV_CRC_32_IEEE), 0, $0.baseAddress! + sliceStart, $0.count - sliceStart)
    }
    // av_crc works on reflected bytes, so its value goes out low byte first.
    for shift in [0, 8, 16, 24] { frame.append(UInt8(truncatingIfNeeded: crc >> UInt32(shift))) }
  }
}
