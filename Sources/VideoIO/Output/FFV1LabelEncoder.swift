import CFFmpeg
import CKernels
import Kernels

/// Encodes pictures of 16-bit numbers as FFV1 frames, byte for byte as libavcodec would: version 3, range coder, context
/// model 0, intra only, CRCs, 4×4 slices. What is empty costs little.
struct FFV1LabelEncoder {
  /// FFV1's configuration record, Matroska's CodecPrivate: the same for every size. Nil if this libavcodec's frames are not
  /// the ones we would write.
  private static let record: [UInt8]? = prove(width: 64, height: 48)
  private static let side = 4
  /// Smaller and larger pictures are left to libavcodec, which cuts them in its own ways: a slice's size has three bytes.
  private static let (leastSide, mostPixels) = (32, 100_000_000)

  /// The configuration record.
  let extradata: [UInt8]
  private let width: Int
  private let slices: [nem_ffv1_slice]
  /// Each slice without labels, its trailer included.
  private let blanks: [[UInt8]]
  private var frame = FFV1Frame()

  /// Nil if libavcodec must encode.
  init?(width: Int, height: Int) {
    guard let record = Self.record, Self.isOurs(width, height) else { return nil }
    self.init(width: width, height: height, extradata: record)
  }

  private init(width: Int, height: Int, extradata: [UInt8]) {
    (self.width, self.extradata) = (width, extradata)
    slices = (0..<Self.side * Self.side).map { Self.slice($0, width, height) }
    blanks = slices.map { slice in
      var frame = FFV1Frame()
      Self.append(slice, blankRows: slice.height, of: [], stride: width, to: &frame)
      return frame.bytes
    }
  }

  /// Encodes one picture of the encoder's size, in which numbers outside 1…65535 count as 0, and lends the frame to
  /// `consume`.
  mutating func encode(
    _ labels: Image<Int32>, _ consume: (UnsafeMutableBufferPointer<UInt8>) throws(VideoError) -> Void
  ) throws(VideoError) {
    frame.clear()
    for (var slice, blank) in zip(slices, blanks) {
      let blankRows = nem_ffv1_blank_rows(&slice, labels.pixels, width)
      if blankRows == slice.height {
        frame.append(slice: blank)
      } else {
        Self.append(slice, blankRows: blankRows, of: labels.pixels, stride: width, to: &frame)
      }
    }
    try frame.lend(to: consume)
  }

  private static func isOurs(_ width: Int, _ height: Int) -> Bool {
    min(width, height) >= leastSide && width * height <= mostPixels
  }

  private static func append(
    _ slice: nem_ffv1_slice, blankRows: Int32, of labels: [Int32], stride: Int, to frame: inout FFV1Frame
  ) {
    var slice = slice
    frame.appendSlice(capacity: nem_ffv1_label_capacity(slice.width, slice.height)) {
      nem_ffv1_encode_labels(&slice, blankRows, labels, stride, $0.baseAddress, $0.count)
    }
  }

  private static func slice(_ index: Int, _ width: Int, _ height: Int) -> nem_ffv1_slice {
    let place = FFV1Frame.slice(index, side: side, width: width, height: height)
    return nem_ffv1_slice(
      x: Int32(place.x), y: Int32(place.y), width: Int32(place.width), height: Int32(place.height),
      column: Int32(index % side), row: Int32(index / side))
  }

  /// libavcodec's record if it encodes two pictures as we do.
  private static func prove(width: Int, height: Int) -> [UInt8]? {
    guard let session = reference(width: width, height: height) else { return nil }
    let record = session.extradata
    var own = FFV1LabelEncoder(width: width, height: height, extradata: record)
    let patterns: [(Int) -> Int32] = [{ _ in 0 }, { Int32(truncatingIfNeeded: $0 % 3 == 0 ? 65535 : $0 * $0 / 50) }]
    for pattern in patterns {
      let labels = Image(width: width, height: height, pixels: (0..<width * height).map(pattern))
      var frame: [UInt8] = []
      guard (try? own.encode(labels) { frame = Array($0) }) != nil,
        let expected = try? session.encodeLabels(labels, pts: 0, subject: "FFV1"), frame == expected
      else { return nil }
    }
    return record
  }

  /// libavcodec's encoder with the same settings; slices as it likes them where we leave it the picture.
  static func reference(width: Int, height: Int) -> EncoderSession? {
    EncoderSession.ffv1(width: width, height: height, format: AV_PIX_FMT_GRAY16LE) { context in
      if isOurs(width, height) { context.pointee.slices = Int32(side * side) }
    }
  }
}

extension EncoderSession {
  /// Encodes one picture of 16-bit numbers; those outside 1…65535 count as 0.
  func encodeLabels(_ labels: Image<Int32>, pts: Int64, subject: String) throws(VideoError) -> [UInt8] {
    let target = plane(0)
    for y in 0..<labels.height {
      let row = UnsafeMutableRawPointer(target.start + y * target.stride).assumingMemoryBound(to: UInt16.self)
      for x in 0..<labels.width { row[x] = UInt16(exactly: labels[x, y])?.littleEndian ?? 0 }
    }
    return try encodeOne(pts: pts, subject: subject)
  }
}
