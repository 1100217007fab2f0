import CFFmpeg
import Foundation
import Kernels

/// What all mask frames of one size have in common: FFV1 version 3, Golomb-Rice, context model 0, intra only, CRCs, four
/// slices. The configuration record and each slice's range-coded header come from libavcodec, which writes the same bytes
/// for every frame; only the Golomb-Rice payload is ours.
struct FFV1Template: Sendable {
  /// One of the rectangles a frame is divided into.
  struct Slice: Sendable {
    var x: Int
    var y: Int
    var width: Int
    var height: Int
    /// The range-coded header, the same in every frame.
    var header: [UInt8]
    /// The whole slice, trailer included, when no pixel in it is set.
    var blank: [UInt8]
  }

  let width: Int
  let height: Int
  /// FFV1's configuration record, Matroska's CodecPrivate.
  let extradata: [UInt8]
  /// Empty if this libavcodec's frames are not the ones we would write: then it must encode all frames itself.
  let slices: [Slice]

  private static let lock = NSLock()
  nonisolated(unsafe) private static var known: [SIMD2<Int>: FFV1Template] = [:]

  /// The template of a size, made once per process; nil for sizes FFV1 cannot take.
  static func of(width: Int, height: Int) -> FFV1Template? {
    lock.withLock {
      let (size, sample) = (SIMD2(width, height), sampleSize(width, height))
      if let template = known[size] { return template }
      guard let proven = known[sample] ?? prove(sample) else { return nil }
      known[sample] = proven
      let headers = proven.slices.map(\.header)
      let template = FFV1Template(width: width, height: height, extradata: proven.extradata, headers: headers)
      known[size] = template
      return template
    }
  }

  /// Record and headers name slices by their place in the 2×2 grid and not by pixels, so a small picture tells all; an
  /// encoder of full size would take 150 bytes per pixel for a moment. Tiny pictures are rounded in ways of their own.
  private static func sampleSize(_ width: Int, _ height: Int) -> SIMD2<Int> {
    min(width, height) < 8 ? SIMD2(width, height) : SIMD2(64, 48)
  }

  /// The slices of a picture whose grid is described by `headers`: one, or 2×2.
  private init(width: Int, height: Int, extradata: [UInt8], headers: [[UInt8]]) {
    self.width = width
    self.height = height
    self.extradata = extradata
    slices = headers.enumerated().map { index, header in
      var slice = FFV1Template.emptySlice(index, of: headers.count, width: width, height: height)
      slice.header = header
      slice.blank = FFV1MaskEncoder.blankSlice(slice)
      return slice
    }
  }

  /// Takes record and headers from libavcodec, and keeps the headers only if two frames of ours equal its own.
  private static func prove(_ size: SIMD2<Int>) -> FFV1Template? {
    guard let session = reference(width: size.x, height: size.y) else { return nil }
    let blank = [UInt8](repeating: 0, count: size.x * size.y)
    let pattern = blank.indices.map { UInt8(truncatingIfNeeded: $0 % 3 == 0 ? 255 : $0 * $0 / 50) }
    guard let blankFrame = session.frame(of: blank), let patternFrame = session.frame(of: pattern) else { return nil }
    let extradata = session.extradata
    func template(_ headers: [[UInt8]]) -> FFV1Template {
      FFV1Template(width: size.x, height: size.y, extradata: extradata, headers: headers)
    }
    let slices = Int(session.context.pointee.slices)
    let own = template(headers(of: blankFrame, width: size.x, height: size.y, count: slices))
    let isProven = own.frame(of: blank) == blankFrame && own.frame(of: pattern) == patternFrame
    return isProven ? own : template([])
  }

  /// libavcodec's encoder with the template's settings: the source of the headers, and the reference for every frame.
  static func reference(width: Int, height: Int) -> EncoderSession? {
    // A picture one pixel thin cannot be cut in 2×2.
    for slices in width > 1 && height > 1 ? [Int32(4)] : [1, 0] {
      let session = EncoderSession.ffv1(width: width, height: height, format: AV_PIX_FMT_GRAY8) { context in
        context.pointee.slices = slices
        for (name, value) in [("coder", Int64(0)), ("context", 0)] {
          av_opt_set_int(context.pointee.priv_data, name, value, 0)
        }
      }
      if let session { return session }
    }
    return nil
  }

  private static func emptySlice(_ index: Int, of count: Int, width: Int, height: Int) -> Slice {
    let place = FFV1Frame.slice(index, side: count == 4 ? 2 : 1, width: width, height: height)
    return Slice(x: place.x, y: place.y, width: place.width, height: place.height, header: [], blank: [])
  }

  /// The headers in libavcodec's blank frame: what our payload and the trailer leave of each slice. Empty if the frame is
  /// not built as expected.
  private static func headers(of frame: [UInt8], width: Int, height: Int, count: Int) -> [[UInt8]] {
    guard count == 4 || count == 1 else { return [] }
    var headers: [[UInt8]] = []
    var end = frame.count
    for index in (0..<count).reversed() {
      // RFC 9043, section 4.9: each slice ends in its size (3 bytes), an error status (1) and a CRC (4).
      let trailer = end - FFV1Frame.trailerSize
      guard trailer >= 0 else { return [] }
      let size = Int(frame[trailer]) << 16 | Int(frame[trailer + 1]) << 8 | Int(frame[trailer + 2])
      let slice = emptySlice(index, of: count, width: width, height: height)
      let payload = FFV1MaskEncoder.blankSlice(slice).count - FFV1Frame.trailerSize
      guard size <= trailer, payload <= size else { return [] }
      headers.append(Array(frame[(trailer - size)..<(trailer - payload)]))
      end = trailer - size
    }
    return end == 0 ? headers.reversed() : []
  }

  /// One frame by our encoder; nil if there is none.
  private func frame(of pixels: [UInt8]) -> [UInt8]? {
    guard var encoder = FFV1MaskEncoder(self) else { return nil }
    return pixels.withUnsafeBufferPointer { pixels in
      var bytes: [UInt8] = []
      let all = PixelRect(x: 0, y: 0, width: width, height: height)
      try? encoder.encode(pixels, box: all) { bytes = Array($0) }
      return bytes
    }
  }
}

extension EncoderSession {
  /// One frame by libavcodec; nil if it fails.
  fileprivate func frame(of pixels: [UInt8]) -> [UInt8]? {
    pixels.withUnsafeBufferPointer { try? encodeGray($0, pts: 0, subject: "FFV1") }
  }
}
