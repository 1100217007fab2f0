/// A prefix code for a block of a deflate stream (RFC 1951, 3.2): the 256 bytes, the block's end, and the lengths of
/// matches. All matches are of the byte before, at a distance of 1.
struct PrefixCode {
  /// Bits, the first one lowest, and their number.
  typealias Bits = (bits: UInt64, count: UInt64)

  static let symbolCount = 286
  static let longestMatch = 258
  static let end = 256

  /// The bits of each symbol; none for one that does not occur.
  let codes: [Bits]
  /// The bits of each match's length from 3 to 258: its symbol, its extra bits, and the one bit of its distance.
  let matches: [Bits]
  /// How a stream of zlib's (RFC 1950) begins whose only block has this code.
  let opening: [Bits]

  /// The canonical code of these lengths, one for each symbol, 0 to 15. The sum of 2^-length must be 1.
  init(lengths: [Int]) {
    var (next, code) = ([UInt64](repeating: 0, count: 16), UInt64(0))
    for bits in 1...15 {
      code = (code + UInt64(bits == 1 ? 0 : lengths.count { $0 == bits - 1 })) << 1
      next[bits] = code
    }
    let codes: [Bits] = lengths.map { bits in
      defer { next[bits] += 1 }
      return (Self.reversed(next[bits], bits), UInt64(bits))
    }
    self.codes = codes
    matches = (0...Self.longestMatch).map { $0 < 3 ? (0, 0) : Self.match($0, codes) }
    opening = Self.opening(lengths)
  }

  /// The shortest code for symbols that occur so often, of so many bits at most, up to 15 (Huffman 1952). At
  /// least two must occur.
  init(frequencies: [Int], longest: Int) {
    var frequencies = frequencies
    var lengths = Self.lengths(frequencies)
    while lengths.max()! > longest {
      for symbol in frequencies.indices where frequencies[symbol] > 0 {
        frequencies[symbol] = frequencies[symbol] / 2 + 1
      }
      lengths = Self.lengths(frequencies)
    }
    self.init(lengths: lengths)
  }

  /// The symbol of a match's length, and how many bits go with it.
  static func symbol(ofMatch length: Int) -> (symbol: Int, extra: Int) {
    let value = length - 3
    if length >= longestMatch { return (285, 0) }
    guard value >= 8 else { return (257 + value, 0) }
    let extra = Int.bitWidth - 1 - value.leadingZeroBitCount - 2
    return (257 + 4 * extra + (value >> extra), extra)
  }

  private static func match(_ length: Int, _ codes: [Bits]) -> Bits {
    let (symbol, extra) = symbol(ofMatch: length)
    let (code, value) = (codes[symbol], UInt64((length - 3) & ((1 << extra) - 1)))
    return (code.bits | value << code.count, code.count + UInt64(extra) + 1)
  }

  /// Two queues, of symbols by frequency and of trees that were made of two: the rarer two at their heads become the next.
  private static func lengths(_ frequencies: [Int]) -> [Int] {
    let symbols = frequencies.indices.filter { frequencies[$0] > 0 }.sorted { frequencies[$0] < frequencies[$1] }
    var weights = symbols.map { frequencies[$0] }
    var parents = [Int](repeating: 0, count: 2 * symbols.count - 1)
    var (symbol, tree) = (0, symbols.count)
    func rarest() -> Int {
      if symbol < symbols.count && (tree == weights.count || weights[symbol] <= weights[tree]) {
        defer { symbol += 1 }
        return symbol
      }
      defer { tree += 1 }
      return tree
    }
    while weights.count < parents.count {
      let pair = (rarest(), rarest())
      (parents[pair.0], parents[pair.1]) = (weights.count, weights.count)
      weights.append(weights[pair.0] + weights[pair.1])
    }
    var depths = [Int](repeating: 0, count: parents.count)
    for node in parents.indices.dropLast().reversed() { depths[node] = depths[parents[node]] + 1 }
    var lengths = [Int](repeating: 0, count: frequencies.count)
    for (place, symbol) in symbols.enumerated() { lengths[symbol] = depths[place] }
    return lengths
  }

  /// The last block, with a code of its own: 286 symbols, one distance, and 19 lengths of codes for lengths, of which 0 to
  /// 15 have four bits each, and there are no repetitions of lengths.
  private static func opening(_ lengths: [Int]) -> [Bits] {
    var opening: [Bits] = [(0x78, 8), (0x01, 8), (0b101, 3), (29, 5), (0, 5), (15, 4)]
    for symbol in [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15] {
      opening.append((symbol > 15 ? 0 : 4, 3))
    }
    return opening + (lengths + [1]).map { (reversed(UInt64($0), 4), 4) }
  }

  private static func reversed(_ value: UInt64, _ count: Int) -> UInt64 {
    (0..<count).reduce(0) { $0 << 1 | (value >> UInt64($1) & 1) }
  }
}
