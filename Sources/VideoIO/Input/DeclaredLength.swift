/// The number of bytes a container says it has, read from its first bytes. FFmpeg plays a shortened file to its new end
/// without a word; the declared length gives the cut away to the byte.
enum DeclaredLength {
  /// How many of a container's first bytes `parse` wants to see.
  static let openingSize = 256

  /// Length in bytes that the beginning of an AVI or Matroska file declares; nil for others, and where the length was
  /// left open because the file was written as a stream.
  static func parse(_ opening: [UInt8]) -> Int64? {
    riff(opening) ?? matroska(opening)
  }

  /// AVI: `RIFF`, 32-bit little-endian length of what follows, `AVI `.
  private static func riff(_ bytes: [UInt8]) -> Int64? {
    guard bytes.count >= 12, bytes.starts(with: Array("RIFF".utf8)), bytes[8..<12].elementsEqual("AVI ".utf8) else {
      return nil
    }
    let length = bytes[4..<8].reversed().reduce(Int64(0)) { $0 << 8 | Int64($1) }
    return length == 0 || length >= Int64(UInt32.max) - 8 ? nil : length + 8
  }

  /// Matroska (RFC 9559): the EBML header, then the Segment with its length as a variable-size integer.
  private static func matroska(_ bytes: [UInt8]) -> Int64? {
    var rest = bytes[...]
    guard take(&rest, id: [0x1A, 0x45, 0xDF, 0xA3]), let header = variableInteger(&rest), header <= rest.count else {
      return nil
    }
    rest = rest.dropFirst(Int(header))
    guard take(&rest, id: [0x18, 0x53, 0x80, 0x67]), let segment = variableInteger(&rest) else { return nil }
    let (end, overflow) = segment.addingReportingOverflow(Int64(rest.startIndex))
    return overflow ? nil : end
  }

  private static func take(_ rest: inout ArraySlice<UInt8>, id: [UInt8]) -> Bool {
    guard rest.starts(with: id) else { return false }
    rest = rest.dropFirst(id.count)
    return true
  }

  /// An EBML length: the leading zero bits of the first byte count the bytes that follow; all ones mean unknown.
  private static func variableInteger(_ rest: inout ArraySlice<UInt8>) -> Int64? {
    guard let first = rest.first, first != 0 else { return nil }
    let length = first.leadingZeroBitCount + 1
    guard rest.count >= length else { return nil }
    let bits = rest.prefix(length).reduce(Int64(0)) { $0 << 8 | Int64($1) }
    let mask = Int64(1) << (7 * length) - 1
    rest = rest.dropFirst(length)
    return bits & mask == mask ? nil : bits & mask
  }
}
