import Foundation
import Neural

/// A network described in JSON, as it stands in a model file.
enum NetworkFile {
  /// Reads the description. Throws a `CommandFault` with 66 if there is no such file, and with 65 if it describes none,
  /// or one for pictures of another size than `input`.
  static func read(_ path: String, input: [Int]) throws -> NetworkDescription {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw CommandFault(description: "\(path): no such file, or it cannot be read", exitCode: 66)
    }
    func malformed(_ reason: String) -> CommandFault { CommandFault(description: "\(path): \(reason)", exitCode: 65) }
    let network: NetworkDescription
    do {
      network = try JSONDecoder().decode(NetworkDescription.self, from: data)
    } catch let error as DecodingError {
      throw malformed(reason(error))
    }
    let read = try JSONEncoder().encode(network)
    if let key = strayKey(try JSONSerialization.jsonObject(with: data), try JSONSerialization.jsonObject(with: read)) {
      throw malformed("'\(key)' is no part of a network")
    }
    if let fault = network.fullFrameFault { throw malformed(fault) }
    guard network.input == input else {
      throw malformed("its input is \(network.input); these clips need \(input)")
    }
    return network
  }

  /// Where the description has something that was not read, as under a misspelt key.
  private static func strayKey(_ given: Any, _ read: Any, under place: String = "") -> String? {
    if let given = given as? [Any], let read = read as? [Any] {
      return zip(given, read).enumerated().lazy.compactMap { strayKey($1.0, $1.1, under: "\(place)\($0).") }.first
    }
    guard let given = given as? [String: Any], let read = read as? [String: Any] else { return nil }
    return given.sorted { $0.key < $1.key }.lazy.compactMap { key, value in
      if value is NSNull { return nil }
      return read[key].map { strayKey(value, $0, under: "\(place)\(key).") } ?? "\(place)\(key)"
    }.first
  }

  /// Where the description goes wrong, and how.
  private static func reason(_ error: DecodingError) -> String {
    func place(_ path: [any CodingKey]) -> String {
      path.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
    }
    switch error {
    case .keyNotFound(let key, let context): return "'\(place(context.codingPath + [key]))' is missing"
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
      let path = place(context.codingPath)
      return path.isEmpty ? "it is not JSON" : "'\(path)': \(context.debugDescription)"
    @unknown default: return "it describes no network"
    }
  }
}
