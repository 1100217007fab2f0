import NEM
import Neural
import VideoIO

/// What a model file says of itself, in words.
enum ModelSummary {
  /// The summary of a file or an installed model.
  static func lines(_ name: String) throws -> [String] {
    let path = try ModelLocator.path(name)
    let model = try Model(path: path)
    let network = model.description.network
    let weights = model.network.parameters.values.count
    let layers =
      network.encoder.map { ("encode", $0) } + (network.placement?.encoder ?? []).map { ("window", $0) }
      + network.decoder.map { ("decode", $0) }
    var lines = [
      "model    \(path)", "SHA-256  \(try FileDigest.sha256(path))",
      "kind     \(model.description.kind.rawValue), \(model.description.observation), "
        + "trained with \(model.description.slots) slots",
      "weights  \(weights), \(network.multiplyAdds) multiply-adds a step",
      "input    " + network.input.map(String.init).joined(separator: "×")
        + (network.seesOthers == true ? ", and what other slots leave of it" : ""),
    ]
    if network.cell.kind != .none {
      lines.append(
        "cell     \(network.cell.kind.rawValue), θ of \(network.cell.outputs.map(String.init).joined(separator: "×"))")
    }
    lines += layers.map { role, layer in
      "\(role)   \(layer.kind.rawValue) → \(layer.outputs.map(String.init).joined(separator: "×")), "
        + "\(layer.activation.rawValue)"
    }
    lines += notes(on: network)
    lines.append("trained  \(model.description.command)")
    if let updates = try Model.updates(ofCheckpoint: path) {
      lines.append("state    checkpoint after \(updates) updates; the same command with --resume goes on")
    }
    return lines
  }

  /// What is not as in the papers.
  private static func notes(on network: NetworkDescription) -> [String] {
    var notes: [String] = []
    if let side = network.placement?.side {
      notes.append("draws    a window of \(side)×\(side) pixels at a place that it carries")
    }
    if let side = network.memory?.side { notes.append("recalls  a window of \(side)×\(side) pixels at a place") }
    if network.gammaStart == .seeds { notes.append("start    around lit pixels of the first frame") }
    if let starts = network.starts { notes.append("begun    in \(starts) ways; the best counts") }
    if network.looksAtFrames.each > 1 { notes.append("looks    \(network.looksAtFrames.each) at each frame") }
    return notes
  }
}
