import CZlib

/// A zlib stream (RFC 1950, 1951) of differences between a picture's pixels: a code for how often each occurs, and runs of
/// zeros, without a search for other repetitions. As long as zlib's Z_RLE makes it, in a fraction of the time.
struct PixelDeflate {
  private let code: PrefixCode
  private var output: UnsafeMutableRawPointer
  private var bits: UInt64 = 0
  private var bitCount: UInt64 = 0

  /// Four bytes and what waits of the byte before fit 64 bits.
  private static let longestCode = 14

  /// The stream of these bytes, one or more.
  static func compress(_ bytes: [UInt8]) -> [UInt8] {
    precondition(!bytes.isEmpty, "there is nothing to pack")
    let code = PrefixCode(frequencies: frequencies(bytes), longest: longestCode)
    // Less than two bytes for each; the opening, the checksum, and the rest of the last store.
    return [UInt8](unsafeUninitializedCapacity: 2 * bytes.count + 512) { output, count in
      var stream = PixelDeflate(code: code, output: output.baseAddress!)
      bytes.withUnsafeBytes { stream.write($0) }
      count = stream.output - UnsafeMutableRawPointer(output.baseAddress!)
    }
  }

  private init(code: PrefixCode, output: UnsafeMutablePointer<UInt8>) {
    (self.code, self.output) = (code, UnsafeMutableRawPointer(output))
  }

  private static func frequencies(_ bytes: [UInt8]) -> [Int] {
    var frequencies = [Int](repeating: 0, count: PrefixCode.symbolCount)
    frequencies[PrefixCode.end] = 1
    frequencies.withUnsafeMutableBufferPointer { frequencies in
      bytes.withUnsafeBytes { bytes in
        walk(bytes) { four in
          for shift in [0, 8, 16, 24] as [UInt32] { frequencies[Int(four >> shift & 0xFF)] += 1 }
        } byte: {
          frequencies[Int($0)] += 1
        } run: {
          parts(ofRun: $0) { frequencies[$0 < 3 ? 0 : PrefixCode.symbol(ofMatch: $0).symbol] += 1 }
        }
      }
    }
    return frequencies
  }

  private mutating func write(_ bytes: UnsafeRawBufferPointer) {
    for group in code.opening { put(group) }
    code.codes.withUnsafeBufferPointer { codes in
      Self.walk(bytes) { four in
        for shift in [0, 8, 16, 24] as [UInt32] { add(codes[Int(four >> shift & 0xFF)]) }
        store()
      } byte: {
        put(codes[Int($0)])
      } run: {
        Self.parts(ofRun: $0) { put($0 < 3 ? codes[0] : code.matches[$0]) }
      }
    }
    put(code.codes[PrefixCode.end])
    if bitCount > 0 { put((0, 8 - bitCount)) }
    let sum = adler32_z(1, bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count)
    for shift in [24, 16, 8, 0] as [UInt] { put((UInt64(sum >> shift & 0xFF), 8)) }
  }

  /// Calls `four` for four bytes, the first one lowest, `run` for four zeros and those that follow them, and `byte` for the
  /// last three.
  @inline(__always)
  private static func walk(
    _ bytes: UnsafeRawBufferPointer, four: (UInt32) -> Void, byte: (UInt8) -> Void, run: (Int) -> Void
  ) {
    var place = 0
    while place + 4 <= bytes.count {
      let value = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self))
      let start = place
      place += 4
      guard value == 0 else {
        four(value)
        continue
      }
      while place + 8 <= bytes.count, bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self) == 0 { place += 8 }
      while place < bytes.count, bytes[place] == 0 { place += 1 }
      run(place - start)
    }
    while place < bytes.count {
      byte(bytes[place])
      place += 1
    }
  }

  /// A run is a zero and matches with the byte before; what is left over of fewer than three bytes, zeros again (1).
  @inline(__always)
  private static func parts(ofRun count: Int, _ part: (Int) -> Void) {
    part(1)
    var left = count - 1
    while left >= 3 {
      let match = min(left, PrefixCode.longestMatch)
      part(match)
      left -= match
    }
    for _ in 0..<left { part(1) }
  }

  @inline(__always)
  private mutating func put(_ group: PrefixCode.Bits) {
    add(group)
    store()
  }

  @inline(__always)
  private mutating func add(_ group: PrefixCode.Bits) {
    bits |= group.bits &<< bitCount
    bitCount &+= group.count
  }

  /// Stores the whole bytes; up to seven bits wait.
  @inline(__always)
  private mutating func store() {
    output.storeBytes(of: bits.littleEndian, as: UInt64.self)
    output += Int(bitCount >> 3)
    bits &>>= bitCount & ~7
    bitCount &= 7
  }
}
