/// Why a description cannot be built, in words.
private struct NetworkFault: Error {
  let reason: String
  init(_ reason: String) { self.reason = reason }
}

extension NetworkDescription {
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
        ? nil : "the decoder gives \(output); it must give as many values as the picture's \(input)"
    } catch {
      return error.reason
    }
  }

  /// The output's shape. Throws the first fault.
  private func checkedOutput() throws(NetworkFault) -> [Int] {
    guard input.count == 3, input.allSatisfy({ (1...4096).contains($0) }) else {
      throw NetworkFault("input must be [h, w, c], each 1 to 4096")
    }
    guard (1...16).contains(looksAtFrames.each) else { throw NetworkFault("looks must be 1 to 16") }
    guard (1...64).contains(starts ?? 1) else { throw NetworkFault("starts must be 1 to 64") }
    guard cell.outputs.count == 1, (1...65536).contains(cell.outputs[0]) else {
      throw NetworkFault("the cell must have one size, 1 to 65536")
    }
    if cell.kind == .gradient { try checkGradientCell() }
    if let memory { try check(memory) }
    var size = NetworkSize()
    var encoded = try size.add(encoder, to: seen).reduce(1, *)
    let decoded = try size.add(decoder, to: cell.outputs)
    if let placement {
      let geometry = try checked(placement)
      encoded += try size.add(placement.encoder, to: geometry.view).reduce(1, *) + geometry.beliefCount
      try size.add(weights: decoded.reduce(1, *) * geometry.headCount, of: "a placement's window")
    }
    if cell.kind != .none {
      // An LSTM's, the most that a cell has.
      try size.add(weights: (encoded + cell.outputs[0]) * cell.outputs[0] * 4, of: "the cell")
    } else if encoded != cell.outputs[0] {
      throw NetworkFault("without a cell, its size must be the encoder's \(encoded)")
    }
    guard let memory else { return placement == nil ? decoded : input }
    guard decoded.reduce(1, *) == memory.side * memory.side else {
      throw NetworkFault("the decoder gives \(decoded); a memory's window has \(memory.side)²")
    }
    return input
  }

  private func check(_ memory: MemoryDescription) throws(NetworkFault) {
    guard cell.kind == .none, placement == nil, normalizesInput != true, seesOthers != true, looksAtFrames.each == 1
    else { throw NetworkFault("a memory has no cell and no placement, sees itself as it is, and looks once") }
    if let fault = memory.fault(in: input) { throw NetworkFault(fault) }
  }

  private func checked(_ placement: PlacementDescription) throws(NetworkFault) -> PlacementGeometry {
    guard !encoder.isEmpty, normalizesInput != true else {
      throw NetworkFault("a placement needs an encoder of δ as it is")
    }
    if let fault = placement.fault(in: input) { throw NetworkFault(fault) }
    return PlacementGeometry(placement, input: input, seen: seen)
  }

  private func checkGradientCell() throws(NetworkFault) {
    guard normalizesInput != true, seesOthers != true, placement == nil else {
      throw NetworkFault("a gradient cell takes δ as it is")
    }
    guard encoder.isEmpty, decoder.count == 1, decoder[0].kind == .linear, !decoder[0].normalized,
      decoder[0].isInRange, decoder[0].outputs.reduce(1, *) == input.reduce(1, *)
    else { throw NetworkFault("a gradient cell has no encoder, and one linear decoder back to the input's shape") }
  }
}

/// The weights of a network as far as it is known, and what is too large to be built.
private struct NetworkSize {
  /// Features of one sample in one layer, and weights of all layers, at the most.
  private static let (mostFeatures, mostWeights) = (1 << 24, 1 << 26)
  private var weights = 0

  mutating func add(weights more: Int, of name: String) throws(NetworkFault) {
    weights += more
    guard weights <= Self.mostWeights else {
      throw NetworkFault("with \(name) it has more than \(Self.mostWeights) weights")
    }
  }

  /// Adds layers that stand one after the other behind values of `shape`, and returns the shape after them.
  mutating func add(_ layers: [LayerDescription], to shape: [Int]) throws(NetworkFault) -> [Int] {
    var shape = shape
    try check(shape)
    for layer in layers {
      let name = "layer \(layer.kind.rawValue) \(layer.outputs)"
      guard layer.isInRange else { throw NetworkFault("\(name) is out of range") }
      guard let output = layer.output(of: shape) else {
        throw NetworkFault("\(name) needs [h, w, c]; what comes before gives \(shape)")
      }
      try add(weights: layer.weights(for: shape), of: name)
      shape = output
      try check(shape)
    }
    return shape
  }

  private func check(_ shape: [Int]) throws(NetworkFault) {
    guard shape.reduce(1, *) <= Self.mostFeatures else { throw NetworkFault("\(shape) are too many values") }
  }
}

extension LayerDescription {
  fileprivate var isInRange: Bool {
    let size = outputs.reduce(1) { $0.multipliedReportingOverflow(by: max($1, 0)).partialValue }
    return outputs.allSatisfy { (1...65536).contains($0) } && (1...1 << 24).contains(size)
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
