import Kernels
import Neural
import Testing

/// Layers against the plain loops of `ReferenceLayers`, at odd sizes and batches.
@Suite struct LayerTests {
  static let activations = Activation.allCases

  @Test(arguments: activations) func linear(_ activation: Activation) throws {
    try check(.linear(7, activation: activation, normalized: false), input: [1, 1, 13])
    try check(.linear(7, activation: activation), input: [3, 5, 2])
  }

  @Test(arguments: [(4, 2), (4, 1), (3, 2), (5, 3), (1, 1)]) func convolution(_ kernel: Int, _ stride: Int) throws {
    for normalized in [false, true] {
      try check(
        .convolution(5, kernel: kernel, stride: stride, activation: .elu, normalized: normalized), input: [9, 7, 3])
    }
  }

  @Test(arguments: [3, 4]) func upsampling(_ kernel: Int) throws {
    for channels in [1, 3] {
      try check(.upsampling(channels, kernel: kernel, activation: .relu), input: [3, 5, 2])
      try check(.upsampling(channels, kernel: kernel, activation: .sigmoid, normalized: false), input: [1, 1, 4])
    }
  }

  /// Extreme values must saturate, not overflow.
  @Test(arguments: activations) func activationsStayFinite(_ activation: Activation) throws {
    let values: [Float] = [-1e30, -200, -88, -1e-30, 0, 1e-30, 88]
    let network = try RecurrentNetwork(
      NetworkDescription(
        input: [1, 1, 7], encoder: [.linear(7, activation: activation, normalized: false)],
        cell: .linear(1, activation: .tanh), decoder: []), seed: 1)
    let weights = try #require(network.parameters["encoder.0.weight"])
    for index in weights.indices { weights[index] = index % 8 == 0 ? 1 : 0 }
    network.weightsDidChange()
    network.reserve(steps: 1, batch: 1, slots: 1, training: false)
    network.input(0).update(from: values, count: 7)
    try network.forward(0)
    let output = Array(UnsafeBufferPointer(start: network.encoded(by: 0, 0), count: 7))
    for (found, expected) in zip(output, ReferenceLayers.activate(values, activation)) {
      #expect(found.isFinite && abs(found - expected) <= 1e-5 * max(1, abs(expected)), "\(found) \(expected)")
    }
  }

  private func check(_ layer: LayerDescription, input shape: [Int], batch: Int = 3) throws {
    let network = try RecurrentNetwork(
      NetworkDescription(input: shape, encoder: [layer], cell: .linear(2, activation: .tanh), decoder: []), seed: 4)
    var random = RandomSource(seed: 11)
    let values = network.parameters.values
    for index in 0..<values.count { values.pointer[index] = random.uniform(-0.6, 0.6) }
    network.weightsDidChange()
    network.reserve(steps: 1, batch: batch, slots: 1, training: false)
    for row in 0..<batch {
      for index in 0..<network.inputCount { network.input(0)[row * network.inputCount + index] = random.uniform(-1, 1) }
    }
    try network.forward(0)
    for row in 0..<batch {
      let x = Array(UnsafeBufferPointer(start: network.input(0) + row * network.inputCount, count: network.inputCount))
      let expected = reference(layer, x, shape, network.parameters)
      let found = UnsafeBufferPointer(start: network.encoded(by: 0, 0) + row * expected.count, count: expected.count)
      for (a, b) in zip(found, expected) { #expect(abs(a - b) < 2e-5, "\(layer): \(a) is not \(b)") }
    }
  }

  private func reference(_ layer: LayerDescription, _ x: [Float], _ shape: [Int], _ parameters: Parameters) -> [Float] {
    func values(_ name: String) -> [Float] { parameters["encoder.0." + name].map(Array.init) ?? [] }
    let (weights, bias) = (values("weight"), values("bias"))
    var z: [Float]
    switch layer.kind {
    case .linear: z = ReferenceLayers.linear(x, weights: weights, bias: bias, batch: 1)
    case .convolution:
      z = ReferenceLayers.convolution(
        x, shape: shape, weights: weights, bias: bias, kernel: layer.kernel, stride: layer.stride)
    case .upsampling:
      z = ReferenceLayers.convolution(
        ReferenceLayers.upsample(x, shape: shape), shape: [2 * shape[0], 2 * shape[1], shape[2]], weights: weights,
        bias: bias, kernel: layer.kernel, stride: 1)
    }
    if layer.normalized { z = ReferenceLayers.layerNorm(z, gain: values("gain"), shift: values("shift")) }
    return ReferenceLayers.activate(z, layer.activation)
  }
}
