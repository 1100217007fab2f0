import Foundation
import Neural
import Testing

@Suite struct SafetensorsTests {
  private let sample = Safetensors(
    metadata: ["kind": "test \"quoted\""],
    tensors: [
      "b": .init(shape: [2, 3], values: [1, -2, 3.5, .infinity, 0, Float.leastNonzeroMagnitude]),
      "a": .init(shape: [], values: [7]),
      "empty": .init(shape: [0, 4], values: []),
    ])

  @Test func roundTripIsExactAndStable() throws {
    let bytes = try sample.encoded()
    let read = try Safetensors.decode(bytes, path: "x")
    #expect(read.metadata == sample.metadata)
    #expect(read.tensors == sample.tensors)
    #expect(try sample.encoded() == bytes)
    let header = Int(bytes[0]) + 256 * Int(bytes[1])
    #expect(header % 8 == 0, "data must be aligned")
  }

  @Test func fileIsWrittenAndRead() throws {
    let path = NSTemporaryDirectory() + "safetensors-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try sample.write(to: path)
    #expect(try Safetensors.read(path).tensors == sample.tensors)
    #expect(throws: SafetensorsError.self) { try sample.write(to: "/nonexistent/folder/x") }
    #expect(throws: SafetensorsError.self) { try Safetensors.read("/nonexistent/file") }
  }

  /// Each header lies in its own way; none may be believed.
  @Test(arguments: [
    #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#,
    #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,400]}}"#,
    #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#,
    #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}"#,
    #"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#,
    #"{"a":{"dtype":"F32","shape":[4611686018427387904,4,4],"data_offsets":[0,4]}}"#,
    #"{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}"#,
    #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}"#,
    #"{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}"#,
    #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
    #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
    #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
    #"{"a":7}"#, #"[1,2]"#, #"{"__metadata__":{"x":1}}"#, "", "{", "\u{0}\u{0}",
  ]) func hostileHeaderIsRefused(_ header: String) {
    var bytes = Data()
    withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { bytes.append(contentsOf: $0) }
    bytes += Data(header.utf8) + Data(count: 8)
    #expect(throws: SafetensorsError.self) { try Safetensors.decode(bytes, path: "x") }
  }

  @Test func hostileLengthsAreRefused() {
    for length in [UInt64.max, 1 << 63, 100_000_001, 9] {
      var bytes = Data()
      withUnsafeBytes(of: length.littleEndian) { bytes.append(contentsOf: $0) }
      #expect(throws: SafetensorsError.self) { try Safetensors.decode(bytes + Data("{}".utf8), path: "x") }
    }
    #expect(throws: SafetensorsError.self) { try Safetensors.decode(Data([1, 2, 3]), path: "x") }
  }

  /// Cut or changed anywhere, a file is read or refused, but never traps.
  @Test func damageNeverTraps() throws {
    let bytes = try sample.encoded()
    for count in 0..<bytes.count {
      #expect(throws: SafetensorsError.self) { try Safetensors.decode(bytes.prefix(count), path: "x") }
    }
    for index in 0..<bytes.count {
      var changed = bytes
      changed[index] ^= 0x15
      _ = try? Safetensors.decode(changed, path: "x")
    }
  }
}
