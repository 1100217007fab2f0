/// Why a description cannot be built, in words.
private struct NetworkFault: Error {
  let reason: String
  init(_ reason: String) { self.reason = reason }
}

extension NetworkDescription {
  /// Features of one sample in one layer, and weights of one layer, at the most.
  private static let (mostFeatures, mostWeights) = (1 << 24, 1 << 28)

  /// Describes the fault of a description that cannot be built, or nil.
  public var fault: String? {
    do {
      _ = try checkedOutput()
      return nil
    } catch {
      return error.reason
    }
  }

  /// The fault of a network that is to predict the frames that it sees, or nil.
  public var fullFrameFault: String? {
    do {
      let output = try checkedOutput()
      return output.reduce(1, *) == input.reduce(1, *)
        ? nil : "the decoder gives \(output); it must give the picture's \(input)"
    } catch {
      return error.reason
    }
  }

  /// The output's shape. Throws the first fault.
  private func checkedOutput() throws(NetworkFault) -> [Int] {
    guard input.count == 3, input.allSatisfy({ (1...4096).contains($0) }) else {
      throw NetworkFault("input must be [h, w, c]")
    }
    guard (1...16).contains(looksAtFrames.each) else { throw NetworkFault("looks must be 1 to 16") }
    guard cell.outputs.count == 1, (1...65536).contains(cell.outputs[0]) else {
      throw NetworkFault("the cell must have one size")
    }
    if cell.kind == .gradient { try checkGradientCell() }
    var encoded = try Self.output(of: encoder, from: seen).reduce(1, *)
    let decoded = try Self.output(of: decoder, from: cell.outputs)
    guard let placement else {
      try checkCell(encoded)
      return decoded
    }
    let geometry = try checked(placement)
    encoded += try Self.output(of: placement.encoder, from: geometry.view).reduce(1, *) + geometry.beliefCount
    try checkCell(encoded)
    let last = LayerDescription.linear(geometry.headCount, activation: .identity)
    _ = try Self.output(of: [last], from: decoded, largest: Self.mostFeatures)
    return input
  }

  private func checked(_ placement: PlacementDescription) throws(NetworkFault) -> PlacementGeometry {
    guard !encoder.isEmpty, normalizesInput != true else {
      throw NetworkFault("a placement needs an encoder of δ as it is")
    }
    if let fault = placement.fault(in: input) { throw NetworkFault(fault) }
    return PlacementGeometry(placement, input: input, seen: seen)
  }

  private func checkCell(_ encoded: Int) throws(NetworkFault) {
    guard (encoded + cell.outputs[0]) * cell.outputs[0] * 4 <= Self.mostWeights else {
      throw NetworkFault("the cell of \(cell.outputs[0]) units has too many weights: it sees \(encoded) values")
    }
  }

  private func checkGradientCell() throws(NetworkFault) {
    guard normalizesInput != true, seesOthers != true, placement == nil else {
      throw NetworkFault("a gradient cell takes δ as it is")
    }
    guard encoder.isEmpty, decoder.count == 1, decoder[0].kind == .linear, !decoder[0].normalized,
      decoder[0].isInRange(), decoder[0].outputs.reduce(1, *) == input.reduce(1, *)
    else { throw NetworkFault("a gradient cell has no encoder, and one linear decoder back to the input's shape") }
  }

  /// The shape after layers that stand one after the other.
  private static func output(
    of layers: [LayerDescription], from shape: [Int], largest: Int = 65536
  ) throws(NetworkFault) -> [Int] {
    var shape = shape
    for layer in layers {
      let name = "layer \(layer.kind.rawValue) \(layer.outputs)"
      guard layer.isInRange(largest: largest) else { throw NetworkFault("\(name) is out of range") }
      guard let output = layer.output(of: shape) else {
        throw NetworkFault("\(name) needs [h, w, c]; what comes before gives \(shape)")
      }
      guard output.reduce(1, *) <= mostFeatures, layer.weights(for: shape) <= mostWeights else {
        throw NetworkFault("\(name) after \(shape) has too many features or weights")
      }
      shape = output
    }
    return shape
  }
}

extension LayerDescription {
  fileprivate func isInRange(largest: Int = 65536) -> Bool {
    let size = outputs.reduce(1) { $0.multipliedReportingOverflow(by: max($1, 0)).partialValue }
    return outputs.allSatisfy { (1...largest).contains($0) } && (1...1 << 24).contains(size)
      && (outputs.count == 1 || outputs.count == 3 && kind == .linear) && (1...16).contains(kernel)
      && (1...8).contains(stride) && (kind != .upsampling || (3...4).contains(kernel))
  }

  /// The output's shape; nil where the input's shape has no place for the layer.
  func output(of shape: [Int]) -> [Int]? {
    guard kind != .linear else { return outputs }
    guard shape.count == 3 else { return nil }
    let (height, width) = (shape[0], shape[1])
    return kind == .upsampling
      ? [2 * height, 2 * width, outputs[0]]
      : [(height + stride - 1) / stride, (width + stride - 1) / stride, outputs[0]]
  }

  /// Weights of the linear map.
  func weights(for shape: [Int]) -> Int {
    kind == .linear
      ? shape.reduce(1, *) * outputs.reduce(1, *) : shape[2] * outputs[0] * kernel * kernel
  }
}
