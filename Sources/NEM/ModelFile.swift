import Foundation
import Kernels
import Neural

/// What a model file says about itself, as JSON under `nem_stream` in the safetensors metadata.
public struct ModelDescription: Codable, Sendable, Equatable {
  /// Which segmenter the weights belong to.
  public enum Kind: String, Codable, Sendable {
    /// The papers' network: each slot sees and predicts the whole frame.
    case fullFrame = "full-frame"
    /// The shape predictor of the object-centred tracker.
    case objectCentred = "object-centred"
  }

  /// Slots that a model may have.
  public static let slotRange = 1...256

  /// Which segmenter the weights belong to.
  public var kind: Kind
  /// The networks' architecture.
  public var network: NetworkDescription
  /// `bernoulli`, `grey-bernoulli` or `gaussian`.
  public var observation: String
  /// Number of slots that it was trained with, 1 to 256; free at run time.
  public var slots: Int
  /// The command that trained it.
  public var command: String
  /// What fitting it to footage started from and reached; nil for models trained in another way.
  package var fitting: FittingRecord?

  /// A model's description.
  public init(kind: Kind, network: NetworkDescription, observation: String, slots: Int, command: String) {
    self.kind = kind
    self.network = network
    self.observation = observation
    self.slots = slots
    self.command = command
  }

  /// The fault of a description whose network cannot be built or does not fit its kind, or nil.
  var fault: String? {
    guard Self.slotRange.contains(slots) else { return "slots must be 1 to \(Self.slotRange.upperBound)" }
    guard Self.observations[observation] != nil else { return "observation '\(observation)' is unknown" }
    guard observationModel.isBernoulli || network.memory == nil && network.starts == nil else {
      return "observation '\(observation)' is not for a memory, nor for several starts"
    }
    return kind == .fullFrame ? network.fullFrameFault : network.fault
  }

  /// By name; the Gaussian's σ_e is 0.25, as in the papers.
  private static let observations: [String: ObservationModel] = [
    "bernoulli": .bernoulli, "grey-bernoulli": .greyBernoulli, "gaussian": .gaussian(sigma: 0.25),
  ]

  /// The observation model of a description without fault.
  var observationModel: ObservationModel {
    guard let model = Self.observations[observation] else { preconditionFailure("no observation \(observation)") }
    return model
  }
}

/// A network with its description, as stored in one safetensors file.
public struct Model {
  private static let key = "nem_stream"
  /// What the file says about itself.
  public var description: ModelDescription
  /// The network with the file's weights.
  public let network: any SlotNetwork

  /// A model with freshly drawn weights.
  public init(_ description: ModelDescription, seed: UInt64) throws {
    if let fault = description.fault { throw ModelError.invalid(fault) }
    self.description = description
    network = try description.network.makeNetwork(seed: seed)
  }

  /// Reads a model file. Throws `SafetensorsError` or `ModelError`.
  public init(path: String) throws {
    let file = try Safetensors.read(path)
    guard let description = Self.description(in: file) else { throw ModelError.foreign(path) }
    try self.init(description, seed: 0)
    try loadWeights(from: path)
  }

  /// Whether a file is of the same network, taught the same way.
  func hasDescription(of file: Safetensors) -> Bool {
    guard let other = Self.description(in: file) else { return false }
    let own = description
    return (other.kind, other.network, other.observation) == (own.kind, own.network, own.observation)
  }

  /// What a file says about itself; nil where it is not ours.
  private static func description(in file: Safetensors) -> ModelDescription? {
    file.metadata[key].flatMap { try? JSONDecoder().decode(ModelDescription.self, from: Data($0.utf8)) }
  }

  /// Takes over the weights of another file of the same architecture. Throws `SafetensorsError` or `ModelError`.
  public func loadWeights(from path: String) throws {
    try load(try Safetensors.read(path).tensors, prefix: "", into: network.parameters.values, path: path)
    network.weightsDidChange()
  }

  /// Writes the weights and the description, atomically.
  public func write(to path: String) throws {
    try contents(prefixes: [("", network.parameters.values)], metadata: [:]).write(to: path)
  }

  func contents(prefixes: [(String, FloatBuffer)], metadata: [String: String]) throws -> Safetensors {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var file = Safetensors(metadata: metadata)
    file.metadata[Self.key] = String(decoding: try encoder.encode(description), as: UTF8.self)
    for (prefix, block) in prefixes {
      for entry in network.parameters.entries {
        let values = UnsafeBufferPointer(start: block.pointer + entry.offset, count: entry.count)
        file.tensors[prefix + entry.name] = Safetensors.Tensor(shape: entry.shape, values: Array(values))
      }
    }
    return file
  }

  func load(
    _ tensors: [String: Safetensors.Tensor], prefix: String, into block: FloatBuffer, path: String
  ) throws {
    for entry in network.parameters.entries {
      guard let tensor = tensors[prefix + entry.name] else {
        throw ModelError.mismatch(path, "tensor \(prefix + entry.name) is missing")
      }
      guard tensor.shape == entry.shape else {
        throw ModelError.mismatch(
          path, "tensor \(prefix + entry.name) has shape \(tensor.shape), its description needs \(entry.shape)")
      }
      guard tensor.values.allSatisfy(\.isFinite) else {
        throw ModelError.mismatch(path, "tensor \(prefix + entry.name) holds a value that is not finite")
      }
      (block.pointer + entry.offset).update(from: tensor.values, count: entry.count)
    }
  }
}

/// A model file that is not ours or does not fit its own description.
public enum ModelError: Error, CustomStringConvertible, Equatable {
  /// A valid safetensors file without our description.
  case foreign(String)
  /// The description asks for a network that cannot be built.
  case invalid(String)
  /// Weights do not fit the description.
  case mismatch(String, String)

  /// One line for the user.
  public var description: String {
    switch self {
    case .foreign(let path): "\(path): not a nem-stream model (no readable nem_stream description in its metadata)"
    case .invalid(let reason): "model description: \(reason)"
    case .mismatch(let path, let reason): "\(path): \(reason)"
    }
  }
}
