/// A zlib stream (RFC 1950, 1951) of bytes that come in long runs: each run costs a few bits and no more time than one
/// byte, and there is no search for other repetitions. The code is a fixed one that expects long runs of zeros.
struct RunDeflate {
  /// The stream so far; whole after `finish`.
  private(set) var bytes: [UInt8] = []
  private var bits: UInt64 = 0
  private var bitCount: UInt64 = 0
  /// Adler's sums.
  private var (low, high) = (1, 0)
  /// The byte that was last, and how many of it wait to be written.
  private var (byte, waiting): (UInt8, Int) = (0, 0)

  private static let modulus = 65521

  /// Begins a stream.
  init() { self = Self.opened }

  private init(opening: [PrefixCode.Bits]) { for group in opening { put(group) } }

  /// A stream of which only the code has been written.
  private static let opened = RunDeflate(opening: code.opening)

  /// Bits of each symbol: 285 is the longest match, which runs consist of; 0, 2, 1 and 255 are what lies between them in
  /// masks. The sum of 2^-bits is 1, as it must be.
  private static let code: PrefixCode = {
    var lengths = [Int](repeating: 13, count: 286)
    for symbol in 257...284 { lengths[symbol] = 7 }
    for (symbol, bits) in [(285, 1), (0, 3), (2, 4), (1, 5), (255, 5), (256, 12), (3, 12), (4, 12)] {
      lengths[symbol] = bits
    }
    return PrefixCode(lengths: lengths)
  }()

  private static let longest = code.matches[PrefixCode.longestMatch]
  private static let sixteenMatches = (0..<16).reduce(UInt64(0)) { $0 | longest.bits << (UInt64($1) * longest.count) }

  /// Appends `count` bytes of one value.
  mutating func append(_ value: UInt8, count: Int = 1) {
    if value != byte { flush() }
    byte = value
    waiting += count
  }

  /// Ends the stream, and hands it over.
  mutating func finish() -> [UInt8] {
    flush()
    put(Self.code.codes[PrefixCode.end])
    put((0, 7))
    while bitCount >= 8 { putByte() }
    for sum in [high, low] { bytes += [UInt8(sum >> 8), UInt8(sum & 0xFF)] }
    return bytes
  }

  private mutating func flush() {
    guard waiting > 0 else { return }
    sum()
    let literal = Self.code.codes[Int(byte)]
    put(literal)
    var left = waiting - 1
    waiting = 0
    // Sixteen of two bits each are put at once.
    while left >= 16 * PrefixCode.longestMatch {
      put((Self.sixteenMatches, 16 * Self.longest.count))
      left -= 16 * PrefixCode.longestMatch
    }
    while left >= PrefixCode.longestMatch {
      put(Self.longest)
      left -= PrefixCode.longestMatch
    }
    if left >= 3 {
      put(Self.code.matches[left])
    } else {
      for _ in 0..<left { put(literal) }
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

  private mutating func put(_ group: PrefixCode.Bits) {
    bits |= group.bits << bitCount
    bitCount += group.count
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
