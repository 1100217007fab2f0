import CFFmpeg
import Synchronization

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
  /// Empty if this libavcodec's blank frame is not the one we would write: then it must encode all frames itself.
  let slices: [Slice]

  private static let known = Mutex<[SIMD2<Int>: FFV1Template]>([:])

  /// The template of a size, made once per process; nil for sizes FFV1 cannot take.
  static func of(width: Int, height: Int) -> FFV1Template? {
    known.withLock { known in
      if let template = known[SIMD2(width, height)] { return template }
      let template = FFV1Template(width: width, height: height)
      known[SIMD2(width, height)] = template
      return template
    }
  }

  private init?(width: Int, height: Int) {
    guard let session = FFV1Template.reference(width: width, height: height) else { return nil }
    let blank = [UInt8](repeating: 0, count: width * height).withUnsafeBufferPointer {
      try? session.encodeGray($0, pts: 0, subject: "FFV1")
    }
    guard let blank else { return nil }
    self.width = width
    self.height = height
    let context = session.context.pointee
    extradata = Array(UnsafeBufferPointer(start: context.extradata, count: Int(context.extradata_size)))
    slices = FFV1Template.slices(of: blank, width: width, height: height, count: Int(context.slices)) ?? []
  }

  /// libavcodec's encoder with the template's settings: the source of the headers, and the reference for every frame.
  static func reference(width: Int, height: Int) -> EncoderSession? {
    // A picture one pixel thin cannot be cut in 2×2.
    for slices in width > 1 && height > 1 ? [Int32(4)] : [1, 0] {
      let session = EncoderSession("ffv1", width: width, height: height, format: AV_PIX_FMT_GRAY8) { context in
        context.pointee.gop_size = 1
        context.pointee.level = 3
        context.pointee.slices = slices
        for (name, value) in [("coder", Int64(0)), ("context", 0), ("slicecrc", 1)] {
          av_opt_set_int(context.pointee.priv_data, name, value, 0)
        }
      }
      if let session { return session }
    }
    return nil
  }

  /// Cuts libavcodec's blank frame into slices and proves that ours is the same; nil if it is not.
  private static func slices(of frame: [UInt8], width: Int, height: Int, count: Int) -> [Slice]? {
    guard count == 4 || count == 1 else { return nil }
    let side = count == 4 ? 2 : 1
    var slices: [Slice] = []
    var end = frame.count
    for index in (0..<count).reversed() {
      let (column, row) = (index % side, index / side)
      let (x, y) = (width * column / side, height * row / side)
      var slice = Slice(
        x: x, y: y, width: width * (column + 1) / side - x, height: height * (row + 1) / side - y, header: [], blank: []
      )
      guard let start = slice.adopt(frame[..<end]) else { return nil }
      slices.append(slice)
      end = start
    }
    return end == 0 ? slices.reversed() : nil
  }
}

extension FFV1Template.Slice {
  /// Takes the header and the blank form from the last slice of a blank frame and returns where that slice begins; nil
  /// where our payload and trailer would differ.
  fileprivate mutating func adopt(_ frame: ArraySlice<UInt8>) -> Int? {
    // RFC 9043, section 4.9: each slice ends in its size (3 bytes), an error status (1) and a CRC (4).
    let trailer = frame.endIndex - 8
    guard trailer >= 0 else { return nil }
    let size = Int(frame[trailer]) << 16 | Int(frame[trailer + 1]) << 8 | Int(frame[trailer + 2])
    let payload = FFV1MaskEncoder.blankPayload(width: width, height: height)
    guard payload.count <= size, size <= trailer else { return nil }
    let whole = Array(frame[(trailer - size)...])
    header = Array(whole[..<(size - payload.count)])
    blank = header + payload
    FFV1MaskEncoder.appendTrailer(&blank, sliceStart: 0)
    return blank == whole ? trailer - size : nil
  }
}
