/// Builds one line of JSON without intermediate objects: some microseconds for a frame with fifteen objects. Keys are
/// written in the order given.
package struct JSONLine {
  /// What is built so far.
  package private(set) var bytes: [UInt8] = []

  /// An empty line.
  package init() {}

  /// Text that needs no escaping: structure, keys, words of our own.
  package mutating func raw(_ text: StaticString) {
    text.withUTF8Buffer { bytes.append(contentsOf: $0) }
  }

  /// The same for text made at run time.
  package mutating func raw(_ text: String) { bytes.append(contentsOf: text.utf8) }

  /// Any text, in quotes.
  package mutating func text(_ text: String) {
    append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
      case 0..<16: raw("\\u000" + String(byte, radix: 16))
      case 16..<32: raw("\\u00" + String(byte, radix: 16))
      default: append(byte)
      }
    }
    append(UInt8(ascii: "\""))
  }

  /// One byte as it is.
  package mutating func append(_ byte: UInt8) { bytes.append(byte) }

  /// A whole number.
  package mutating func whole(_ value: Int) { bytes.append(contentsOf: String(value).utf8) }

  /// A number with at most `decimals` decimals; what JSON cannot hold becomes `null`.
  package mutating func number(_ value: Double, decimals: Int) {
    var unit = 1
    for _ in 0..<decimals { unit *= 10 }
    let scaled = (value * Double(unit)).rounded()
    guard scaled.isFinite, abs(scaled) < 9e15 else { return value.isFinite ? raw(value.description) : raw("null") }
    let magnitude = Int(abs(scaled))
    if scaled < 0 { bytes.append(UInt8(ascii: "-")) }
    whole(magnitude / unit)
    var fraction = magnitude % unit
    guard fraction > 0 else { return }
    bytes.append(UInt8(ascii: "."))
    while fraction > 0 {
      unit /= 10
      bytes.append(UInt8(ascii: "0") + UInt8(fraction / unit))
      fraction %= unit
    }
  }

  /// Begins anew.
  package mutating func clear() { bytes.removeAll(keepingCapacity: true) }
}
