/// A zlib stream (RFC 1950, 1951) of bytes that come in long runs: each run costs a few bits and no more time than one
/// byte, and there is no search for other repetitions. The code is a fixed one that expects long runs of zeros.
struct RunDeflate {
  /// The stream so far; whole after `finish`.
  private(set) var bytes: [UInt8] = []
  private var bits: UInt64 = 0
  private var bitCount = 0
  /// Adler's sums.
  private var (low, high) = (1, 0)
  /// The byte that was last, and how many of it wait to be written.
  private var (byte, waiting): (UInt8, Int) = (0, 0)

  private static let longestMatch = 258
  private static let modulus = 65521
  /// A symbol's bits, the first one lowest, and their number.
  private typealias Code = (bits: UInt64, count: Int)

  /// Begins a stream.
  init() { self = Self.opened }

  private init(opened bytes: [UInt8]) { self.bytes = bytes }

  /// A stream of which only the code has been written.
  private static let opened: RunDeflate = {
    var stream = RunDeflate(opened: [0x78, 0x01])
    // The last block, with codes of its own: 286 symbols, one distance, and 19 lengths of codes for lengths.
    for (value, count) in [(0b101, 3), (29, 5), (0, 5), (15, 4)] { stream.put(UInt64(value), count) }
    // The lengths 0 to 15 have four bits each, and there are no repetitions of lengths.
    for symbol in [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15] {
      stream.put(symbol > 15 ? 0 : 4, 3)
    }
    for length in lengths + [1] { stream.put(reversed(UInt64(length), 4), 4) }
    return stream
  }()

  /// Bits of each symbol: 285 is the longest match, which runs consist of; 0, 2, 1 and 255 are what lies between them in
  /// masks. The sum of 2^-bits is 1, as it must be.
  private static let lengths: [Int] = {
    var lengths = [Int](repeating: 13, count: 286)
    for symbol in 257...284 { lengths[symbol] = 7 }
    for (symbol, bits) in [(285, 1), (0, 3), (2, 4), (1, 5), (255, 5), (256, 12), (3, 12), (4, 12)] {
      lengths[symbol] = bits
    }
    return lengths
  }()

  /// Canonical codes of these lengths (RFC 1951, 3.2.2).
  private static let codes: [Code] = {
    var (next, code) = ([UInt64](repeating: 0, count: 16), UInt64(0))
    for bits in 1...15 {
      code = (code + UInt64(lengths.count { $0 == bits - 1 })) << 1
      next[bits] = code
    }
    return lengths.map { bits in
      defer { next[bits] += 1 }
      return (reversed(next[bits], bits), bits)
    }
  }()

  /// Symbol and extra bits of each length of a match, 3 to 258.
  private static let matches: [Code] = (0...longestMatch).map { length in
    guard length >= 3 else { return (0, 0) }
    if length == longestMatch { return matchCode(285, 0, 0) }
    let value = length - 3
    guard value >= 8 else { return matchCode(257 + value, 0, 0) }
    let extra = Int.bitWidth - 1 - value.leadingZeroBitCount - 2
    return matchCode(257 + 4 * extra + (value >> extra), UInt64(value & ((1 << extra) - 1)), extra)
  }

  private static let sixteenMatches = (0..<16).reduce(UInt64(0)) { bits, place in
    bits | matches[longestMatch].bits << UInt64(place * matches[longestMatch].count)
  }

  /// A length's symbol, its extra bits, and the one bit of the only distance, which is 1.
  private static func matchCode(_ symbol: Int, _ extra: UInt64, _ count: Int) -> Code {
    let code = codes[symbol]
    return (code.bits | extra << UInt64(code.count), code.count + count + 1)
  }

  private static func reversed(_ value: UInt64, _ count: Int) -> UInt64 {
    (0..<count).reduce(0) { $0 << 1 | (value >> UInt64($1) & 1) }
  }

  /// Appends `count` bytes of one value.
  mutating func append(_ value: UInt8, count: Int = 1) {
    if value != byte { flush() }
    byte = value
    waiting += count
  }

  /// Ends the stream, and hands it over.
  mutating func finish() -> [UInt8] {
    flush()
    put(Self.codes[256].bits, Self.codes[256].count)
    put(0, 7)
    while bitCount >= 8 { putByte() }
    for sum in [high, low] { bytes += [UInt8(sum >> 8), UInt8(sum & 0xFF)] }
    return bytes
  }

  private mutating func flush() {
    guard waiting > 0 else { return }
    sum()
    let literal = Self.codes[Int(byte)]
    put(literal.bits, literal.count)
    var left = waiting - 1
    waiting = 0
    let longest = Self.matches[Self.longestMatch]
    // Sixteen of two bits each are put at once.
    while left >= 16 * Self.longestMatch {
      put(Self.sixteenMatches, 16 * longest.count)
      left -= 16 * Self.longestMatch
    }
    while left >= Self.longestMatch {
      put(longest.bits, longest.count)
      left -= Self.longestMatch
    }
    if left >= 3 {
      put(Self.matches[left].bits, Self.matches[left].count)
    } else {
      for _ in 0..<left { put(literal.bits, literal.count) }
    }
  }

  /// Adds the bytes that wait to the sums: each adds its value to the low sum, and that to the high one.
  private mutating func sum() {
    let value = Int(byte)
    var left = waiting
    while left > 0 {
      let count = min(left, 1 << 24)
      high = (high + count * low + value * (count * (count + 1) / 2 % Self.modulus)) % Self.modulus
      low = (low + count * value) % Self.modulus
      left -= count
    }
  }

  private mutating func put(_ value: UInt64, _ count: Int) {
    bits |= value << UInt64(bitCount)
    bitCount += count
    while bitCount >= 32 {
      for _ in 0..<4 { putByte() }
    }
  }

  private mutating func putByte() {
    bytes.append(UInt8(truncatingIfNeeded: bits))
    bits >>= 8
    bitCount -= 8
  }
}
