import Foundation
import Kernels
import Neural

extension Model {
  private static let updatesKey = "training.updates"

  /// The number of updates after which a training stored a checkpoint; nil where the file is a model that is ready.
  package static func updates(ofCheckpoint path: String) throws -> Int? {
    try Safetensors.read(path).metadata[updatesKey].flatMap { Int($0) }
  }

  /// Everything that an optimiser needs to go on: weights, Adam's moments and the number of updates; with `metadata` and
  /// further `blocks` of the weights' layout by their prefix.
  func checkpoint(metadata: [String: String], blocks: [(String, FloatBuffer)] = []) throws -> Safetensors {
    let parameters = network.parameters
    let own = [
      ("", parameters.values), ("adam.first.", parameters.firstMoment), ("adam.second.", parameters.secondMoment),
    ]
    var metadata = metadata
    metadata[Self.updatesKey] = String(parameters.updates)
    return try contents(prefixes: own + blocks, metadata: metadata)
  }

  /// Takes over a checkpoint's state, and its `blocks`; `path` stands in error messages. Throws `ModelError`.
  func resume(_ file: Safetensors, blocks: [(String, FloatBuffer)] = [], path: String) throws {
    let parameters = network.parameters
    guard let updates = file.metadata[Self.updatesKey].flatMap(Int.init), updates >= 0 else {
      throw ModelError.mismatch(path, "is a model, not a training checkpoint")
    }
    try load(file.tensors, prefix: "", into: parameters.values, path: path)
    try load(file.tensors, prefix: "adam.first.", into: parameters.firstMoment, path: path)
    try load(file.tensors, prefix: "adam.second.", into: parameters.secondMoment, path: path)
    for (prefix, block) in blocks { try load(file.tensors, prefix: prefix, into: block, path: path) }
    parameters.updates = updates
    network.weightsDidChange()
  }
}
