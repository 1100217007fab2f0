import Foundation

/// A file that is not a valid safetensors file, or cannot be read or written.
public struct SafetensorsError: Error, CustomStringConvertible, Equatable {
  /// The file.
  public let path: String
  /// What is wrong with it.
  public let reason: String
  /// Whether the system refused to write it.
  public let isWriting: Bool

  /// One line for the user.
  public var description: String { "\(path): \(reason)" }

  init(_ path: String, _ reason: String, isWriting: Bool = false) {
    (self.path, self.reason, self.isWriting) = (path, reason, isWriting)
  }
}

/// Named float tensors with string metadata, in the safetensors format: an 8-byte little-endian header length, a JSON
/// header, then the data.
public struct Safetensors: Sendable {
  /// One tensor: dimensions and little-endian values.
  public struct Tensor: Sendable, Equatable {
    /// Dimensions, outermost first.
    public var shape: [Int]
    /// The elements, row by row.
    public var values: [Float]

    /// A tensor; `values.count` must be the product of `shape`.
    public init(shape: [Int], values: [Float]) {
      self.shape = shape
      self.values = values
    }
  }

  /// The header's `__metadata__`.
  public var metadata: [String: String]
  /// Tensors by name.
  public var tensors: [String: Tensor]

  /// The largest header that is read, as in the reference implementation.
  public static let headerLimit = 100_000_000

  /// A file's contents in memory.
  public init(metadata: [String: String] = [:], tensors: [String: Tensor] = [:]) {
    self.metadata = metadata
    self.tensors = tensors
  }

  private struct Entry: Codable {
    var dtype: String
    var shape: [Int]
    var dataOffsets: [Int]

    enum CodingKeys: String, CodingKey {
      case dtype, shape
      case dataOffsets = "data_offsets"
    }
  }

  /// The file's bytes; the same contents give the same bytes.
  public func encoded() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var parts = ["\"__metadata__\":" + String(decoding: try encoder.encode(metadata), as: UTF8.self)]
    var data = Data()
    for name in tensors.keys.sorted() {
      let tensor = tensors[name]!
      let start = data.count
      tensor.values.map { $0.bitPattern.littleEndian }.withUnsafeBytes { data.append(contentsOf: $0) }
      let entry = Entry(dtype: "F32", shape: tensor.shape, dataOffsets: [start, data.count])
      let key = String(decoding: try encoder.encode(name), as: UTF8.self)
      parts.append(key + ":" + String(decoding: try encoder.encode(entry), as: UTF8.self))
    }
    var header = Data(("{" + parts.joined(separator: ",") + "}").utf8)
    header.append(contentsOf: repeatElement(UInt8(ascii: " "), count: (8 - header.count % 8) % 8))
    var file = Data()
    withUnsafeBytes(of: UInt64(header.count).littleEndian) { file.append(contentsOf: $0) }
    return file + header + data
  }

  /// Writes the file under a temporary name and renames it, so that readers never see half a file.
  public func write(to path: String) throws {
    // Always the same name, which the next file takes over after a kill.
    let temporary = path + ".part"
    guard try Self.put(encoded(), temporary), rename(temporary, path) == 0 else {
      let reason = String(cString: strerror(errno))
      unlink(temporary)
      throw SafetensorsError(path, "cannot write: \(reason)", isWriting: true)
    }
  }

  /// Writes bytes to a file; false leaves the reason in `errno`.
  private static func put(_ bytes: Data, _ path: String) -> Bool {
    guard let file = fopen(path, "wbe") else { return false }
    let isWritten = bytes.withUnsafeBytes { fwrite($0.baseAddress!, 1, $0.count, file) } == bytes.count
    let reason = errno
    guard fclose(file) == 0 else { return false }
    errno = reason
    return isWritten
  }

  /// Reads and checks a file. Throws `SafetensorsError`.
  public static func read(_ path: String) throws -> Safetensors {
    guard let file = FileManager.default.contents(atPath: path) else {
      throw SafetensorsError(path, "no such file, or not readable")
    }
    return try decode(file, path: path)
  }

  /// Checks and decodes a file's bytes; `path` stands in error messages. Throws `SafetensorsError`.
  public static func decode(_ file: Data, path: String) throws -> Safetensors {
    guard file.count >= 8 else { throw SafetensorsError(path, "too short for a safetensors file") }
    let length = file.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(headerLimit) else { throw SafetensorsError(path, "not a safetensors file") }
    guard Int(length) <= file.count - 8 else {
      throw SafetensorsError(path, "header of \(length) bytes does not fit the file")
    }
    let header = file.dropFirst(8).prefix(Int(length))
    let data = file.dropFirst(8 + Int(length))
    guard let object = try? JSONSerialization.jsonObject(with: header) as? [String: Any] else {
      throw SafetensorsError(path, "header is not a JSON object")
    }
    var result = Safetensors()
    var ranges: [Range<Int>] = []
    for (name, value) in object {
      if name == "__metadata__" {
        guard let metadata = value as? [String: String] else {
          throw SafetensorsError(path, "__metadata__ must map strings to strings")
        }
        result.metadata = metadata
      } else {
        let (shape, range) = try checkedEntry(value, name: name, dataCount: data.count, path: path)
        ranges.append(range)
        result.tensors[name] = Tensor(
          shape: shape, values: floats(data.dropFirst(range.lowerBound).prefix(range.count)))
      }
    }
    try checkCoverage(ranges, dataCount: data.count, path: path)
    return result
  }

  private static func checkedEntry(
    _ value: Any, name: String, dataCount: Int, path: String
  ) throws -> (shape: [Int], range: Range<Int>) {
    func fault(_ reason: String) -> SafetensorsError { SafetensorsError(path, "tensor \(name): \(reason)") }
    guard let json = try? JSONSerialization.data(withJSONObject: value, options: .fragmentsAllowed),
      let entry = try? JSONDecoder().decode(Entry.self, from: json)
    else { throw fault("needs dtype, shape and data_offsets") }
    guard entry.dtype == "F32" else { throw fault("dtype \(entry.dtype) is not F32") }
    var count = 1
    for dimension in entry.shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
      guard dimension >= 0, !overflow else { throw fault("shape \(entry.shape) is impossible") }
      count = product
    }
    guard entry.dataOffsets.count == 2, entry.dataOffsets[0] >= 0, entry.dataOffsets[0] <= entry.dataOffsets[1],
      entry.dataOffsets[1] <= dataCount
    else { throw fault("data offsets \(entry.dataOffsets) lie outside the file") }
    let range = entry.dataOffsets[0]..<entry.dataOffsets[1]
    guard range.count % 4 == 0, range.count / 4 == count else {
      throw fault("shape \(entry.shape) does not match \(range.count) bytes")
    }
    return (entry.shape, range)
  }

  private static func checkCoverage(_ ranges: [Range<Int>], dataCount: Int, path: String) throws {
    var end = 0
    for range in ranges.sorted(by: { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) }) {
      guard range.lowerBound == end else { throw SafetensorsError(path, "tensors overlap or leave a gap") }
      end = range.upperBound
    }
    guard end == dataCount else { throw SafetensorsError(path, "\(dataCount - end) bytes belong to no tensor") }
  }

  private static func floats(_ bytes: Data) -> [Float] {
    bytes.withUnsafeBytes { raw in
      (0..<raw.count / 4).map {
        Float(bitPattern: UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)))
      }
    }
  }
}
