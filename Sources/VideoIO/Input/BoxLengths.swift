/// The length that the boxes of an MP4 or QuickTime file say it has (ISO/IEC 14496-12, section 4.2): each begins with its
/// size and its type, and the next one follows. A file that was cut ends inside of one.
struct BoxLengths {
  /// Boxes that may stand at the top of a file. What else some programs append says nothing of its length.
  private static let types: Set = [
    "ftyp", "styp", "moov", "moof", "mdat", "mfra", "sidx", "ssix", "free", "skip", "wide", "udta", "meta", "uuid",
    "emsg", "prft", "pnot",
  ]
  private static let (shortHeader, longHeader) = (8, 16)
  /// Where the next box begins.
  private(set) var next: Int64 = 0
  /// What is known of its header.
  private var header: [UInt8] = []
  private var isUnknown = false

  /// The bytes that the boxes so far need; nil where one of them leaves that open, or is none.
  var length: Int64? { isUnknown ? nil : header.isEmpty ? next : next + Int64(max(Self.shortHeader, header.count + 1)) }

  /// Takes the bytes of the file from `position` on. Those between two headers need not be among them.
  mutating func take(_ bytes: UnsafeBufferPointer<UInt8>, at position: Int64) {
    while !isUnknown {
      let index = next + Int64(header.count) - position
      guard 0..<Int64(bytes.count) ~= index else { return }
      header.append(bytes[Int(index)])
      if header.count == Self.shortHeader || header.count == Self.longHeader { passBox() }
    }
  }

  /// Goes to the end of the box whose header is known, if that says where it is.
  private mutating func passBox() {
    guard Self.types.contains(String(decoding: header[4..<8], as: UTF8.self)) else { return isUnknown = true }
    var size = Self.number(header[..<4])
    if size == 1 {
      // The size follows the type.
      if header.count < Self.longHeader { return }
      size = Self.number(header[Self.shortHeader...])
    }
    let (end, overflow) = next.addingReportingOverflow(size)
    // A size of zero means that the box goes to the end.
    if size < header.count || overflow { return isUnknown = true }
    (next, header) = (end, [])
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> Int64 {
    Int64(bitPattern: bytes.reduce(0) { $0 << 8 | UInt64($1) })
  }
}
