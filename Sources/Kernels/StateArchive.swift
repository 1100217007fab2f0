/// Why a saved state cannot be used.
public struct StateFault: Error, Equatable, Sendable, CustomStringConvertible {
  /// The reason, as the end of a sentence.
  public let description: String

  /// A fault from its reason.
  public init(_ description: String) { self.description = description }
}

/// A number of which any bits are a value, so that it can be read from bytes that nobody vouches for.
public protocol StateValue: BitwiseCopyable, Sendable {
  /// The value whose bits are all zero.
  init()
}

extension UInt8: StateValue {}
extension UInt16: StateValue {}
extension Int16: StateValue {}
extension UInt32: StateValue {}
extension Int32: StateValue {}
extension UInt64: StateValue {}
extension Int64: StateValue {}
extension Int: StateValue {}
extension Float: StateValue {}
extension Double: StateValue {}

/// What a run can be stopped with and continued from.
public protocol Checkpointed {
  /// Writes the state to the archive, or takes it over from there: one list of fields for both ways.
  ///
  /// After a throw the value must not be used any more.
  mutating func carry(_ archive: inout StateArchive) throws(StateFault)
}

/// The bytes of a state, to be written or to be read. What is read is checked against the bounds of the bytes and the
/// ranges given, so that damaged bytes end in a `StateFault`. Numbers have the machine's byte order.
public struct StateArchive: Sendable {
  /// What was written, or is read.
  public private(set) var bytes: [UInt8]
  /// Whether values come from the bytes instead of going there.
  public let isReading: Bool
  private var place = 0

  /// An empty archive, to be written.
  public init() { (bytes, isReading) = ([], false) }

  /// An archive to be read.
  public init(reading bytes: [UInt8]) { (self.bytes, isReading) = (bytes, true) }

  /// The bytes of `value`.
  public static func bytes(of value: some Checkpointed) -> [UInt8] {
    var (archive, value) = (StateArchive(), value)
    do throws(StateFault) { try value.carry(&archive) } catch { preconditionFailure("writing fails: \(error)") }
    return archive.bytes
  }

  /// Throws unless all has been read.
  public func finish() throws(StateFault) {
    if isReading && place != bytes.count { throw StateFault("it holds more than it should") }
  }

  /// Throws with `words` where a condition does not hold of what was read.
  public func check(_ condition: Bool, _ words: @autoclosure () -> String) throws(StateFault) {
    if isReading && !condition { throw StateFault(words()) }
  }

  /// Carries the values of a buffer, whose number is known.
  public mutating func carry<Value: StateValue>(
    _ values: UnsafeMutableBufferPointer<Value>
  ) throws(StateFault) {
    let raw = UnsafeMutableRawBufferPointer(values)
    guard isReading else {
      bytes.append(contentsOf: raw)
      return
    }
    guard raw.count <= bytes.count - place else { throw StateFault("it is too short") }
    if raw.count > 0 { bytes[place..<place + raw.count].withUnsafeBytes { raw.copyMemory(from: $0) } }
    place += raw.count
  }

  /// Carries one number.
  public mutating func carry<Value: StateValue>(_ value: inout Value) throws(StateFault) {
    var carried = value
    let result = withUnsafeMutablePointer(to: &carried) { pointer in
      Result { () throws(StateFault) in try carry(UnsafeMutableBufferPointer(start: pointer, count: 1)) }
    }
    try result.get()
    value = carried
  }

  /// Carries a number that must lie in a range.
  public mutating func carry<Value: StateValue & Comparable>(
    _ value: inout Value, in range: ClosedRange<Value>
  ) throws(StateFault) {
    try carry(&value)
    // Not a number is in no range.
    try check(range.contains(value), "it holds a number out of range")
  }

  /// Carries a flag.
  public mutating func carry(_ flag: inout Bool) throws(StateFault) {
    var value: UInt8 = flag ? 1 : 0
    try carry(&value, in: 0...1)
    flag = value == 1
  }

  /// Carries the first `count` numbers of an array that has as many or more.
  public mutating func carry<Value: StateValue>(_ values: inout [Value], first count: Int) throws(StateFault) {
    let result = values.withUnsafeMutableBufferPointer { buffer in
      Result { () throws(StateFault) in
        guard 0...buffer.count ~= count else { throw StateFault("it holds a wrong size") }
        try carry(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
      }
    }
    try result.get()
  }

  /// Carries all numbers of an array whose length is known.
  public mutating func carry<Value: StateValue>(_ values: inout [Value]) throws(StateFault) {
    try carry(&values, first: values.count)
  }

  /// Carries all numbers of an array whose length is known; each must lie in a range.
  public mutating func carry<Value: StateValue & Comparable>(
    _ values: inout [Value], eachIn range: ClosedRange<Value>, first count: Int? = nil
  ) throws(StateFault) {
    let count = count ?? values.count
    try carry(&values, first: count)
    try check(values[..<count].allSatisfy { range.contains($0) }, "it holds a number out of range")
  }

  /// Carries numbers, however many there are; each takes bytes of its own, so that no length can be made up.
  public mutating func carry<Value: StateValue>(list: inout [Value]) throws(StateFault) {
    let count = try carry(count: list.count, size: MemoryLayout<Value>.stride)
    if isReading { list = Array(repeating: Value(), count: count) }
    try carry(&list)
  }

  /// Carries values of other types, however many there are; `blank` makes one to be read into.
  public mutating func carry<Value>(
    list: inout [Value], blank: @autoclosure () -> Value,
    _ body: (inout Value, inout StateArchive) throws(StateFault) -> Void
  ) throws(StateFault) {
    let count = try carry(count: list.count, size: 1)
    if isReading { list = [] }
    for index in 0..<count {
      var value = isReading ? blank() : list[index]
      try body(&value, &self)
      if isReading { list.append(value) }
    }
  }

  /// Carries a value or nothing; `blank` is what one is read into.
  public mutating func carry<Value>(
    optional: inout Value?, blank: @autoclosure () -> Value,
    _ body: (inout Value, inout StateArchive) throws(StateFault) -> Void
  ) throws(StateFault) {
    var isThere = optional != nil
    try carry(&isThere)
    guard isThere else {
      optional = nil
      return
    }
    var value = optional ?? blank()
    try body(&value, &self)
    if isReading { optional = value }
  }

  /// Carries a length; one that is read has at least `size` bytes for each item behind it.
  private mutating func carry(count: Int, size: Int) throws(StateFault) -> Int {
    var count = count
    try carry(&count, in: 0...(isReading ? max(0, bytes.count - place) / size : .max))
    return count
  }
}

extension RandomSource: Checkpointed {
  /// Carries the generator's place in its sequence.
  public mutating func carry(_ archive: inout StateArchive) throws(StateFault) {
    var words = state
    try archive.carry(&words)
    state = words
  }
}
