import CFFmpeg
import Kernels

/// An FFV1 frame while it is put together from slices. Its memory serves one frame after another.
struct FFV1Frame {
  /// Bytes after each slice's content.
  static let trailerSize = 8

  private(set) var bytes: [UInt8] = []
  private var payload: [UInt8] = []

  /// Where slice number `index` lies in a picture that is cut in `side`×`side`.
  static func slice(_ index: Int, side: Int, width: Int, height: Int) -> PixelRect {
    let (column, row) = (index % side, index / side)
    let (x, y) = (width * column / side, height * row / side)
    return PixelRect(
      x: x, y: y, width: width * (column + 1) / side - x, height: height * (row + 1) / side - y)
  }

  /// Begins a new frame.
  mutating func clear() { bytes.removeAll(keepingCapacity: true) }

  /// Appends a slice that is known as a whole.
  mutating func append(slice: [UInt8]) { bytes += slice }

  /// Appends a slice of `header` and of what `encode` writes, which needs room for `capacity` bytes and returns how many
  /// it took.
  mutating func appendSlice(
    header: [UInt8] = [], capacity: Int, _ encode: (UnsafeMutableBufferPointer<UInt8>) -> Int
  ) {
    let start = bytes.count
    bytes += header
    if payload.count < capacity {
      // Left as the system gives it: few of these bytes are ever touched.
      payload = [UInt8](unsafeUninitializedCapacity: capacity) { $1 = capacity }
    }
    payload.withUnsafeMutableBufferPointer { bytes.append(contentsOf: $0[..<encode($0)]) }
    endSlice(from: start)
  }

  /// Ends the slice that began at `start`: its size, a clean error status, and the CRC that makes the slice's remainder 0
  /// (RFC 9043, section 4.9).
  private mutating func endSlice(from start: Int) {
    let size = bytes.count - start
    precondition(size < 1 << 24, "a slice's size has three bytes")
    for shift in [16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: size >> shift)) }
    bytes.append(0)
    let crc = bytes.withUnsafeBufferPointer {
      av_crc(av_crc_get_table(AV_CRC_32_IEEE), 0, $0.baseAddress! + start, $0.count - start)
    }
    // av_crc works on reflected bytes, so its value goes out low byte first.
    for shift in [0, 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: crc >> UInt32(shift))) }
  }

  /// Lends the frame to `consume`; the next thing to do with it is `clear`.
  mutating func lend(
    to consume: (UnsafeMutableBufferPointer<UInt8>) throws(VideoError) -> Void
  ) throws(VideoError) {
    let count = bytes.count
    // libavformat may read a little past a packet's end.
    bytes.append(contentsOf: repeatElement(0, count: Int(AV_INPUT_BUFFER_PADDING_SIZE)))
    let result = bytes.withUnsafeMutableBufferPointer { bytes in
      Result { () throws(VideoError) in try consume(UnsafeMutableBufferPointer(rebasing: bytes[..<count])) }
    }
    try result.get()
  }
}
