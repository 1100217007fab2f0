import Kernels
import Neural
import Testing

/// Every parameter and input of unrolled networks against central differences, at odd sizes.
@Suite struct GradientTests {
  static let networks: [NetworkDescription] = [
    NetworkDescription(
      input: [5, 7, 2],
      encoder: [
        .convolution(3, kernel: 4, stride: 2, activation: .elu),
        .convolution(4, kernel: 3, stride: 1, activation: .tanh, normalized: false),
        .linear(11, activation: .elu),
      ],
      cell: .linear(6, activation: .sigmoid),
      decoder: [
        .linear(9, activation: .tanh), .linear(3, 5, 4, activation: .tanh),
        .upsampling(3, kernel: 4, activation: .elu), .upsampling(1, kernel: 3, activation: .sigmoid, normalized: false),
      ]),
    NetworkDescription(
      input: [1, 1, 7], encoder: [], cell: .linear(5, activation: .tanh, normalized: false),
      decoder: [.linear(3, activation: .identity, normalized: false)]),
    NetworkDescription(
      input: [1, 2, 2], encoder: [.linear(3, activation: .elu)], cell: .lstm(4),
      decoder: [.linear(3, activation: .tanh, normalized: false)]),
    NetworkDescription(
      input: [1, 2, 2], encoder: [.linear(3, activation: .tanh)], cell: .relational(4),
      decoder: [.linear(3, activation: .identity, normalized: false)]),
    NetworkDescription(
      input: [1, 2, 2], encoder: [], cell: .relational(3, attention: false),
      decoder: [.linear(2, activation: .identity, normalized: false)]),
    NetworkDescription(
      input: [2, 3, 1], encoder: [.linear(3, activation: .tanh)], cell: .linear(3, activation: .sigmoid),
      decoder: [.linear(2, activation: .identity, normalized: false)], normalizesInput: true),
    NetworkDescription(
      input: [2, 2, 1], encoder: [], cell: .lstm(2),
      decoder: [.linear(2, activation: .identity, normalized: false)], normalizesInput: true),
    NetworkDescription(
      input: [2, 3, 1], encoder: [], cell: .gradient(4),
      decoder: [.linear(2, 3, 1, activation: .sigmoid, normalized: false)]),
    NetworkDescription(
      input: [5, 6, 1], encoder: [.linear(3, activation: .tanh)], cell: .lstm(3),
      decoder: [.linear(4, activation: .tanh)], seesOthers: true,
      placement: PlacementDescription(side: 4, margin: 1, reach: 1, encoder: [.linear(3, activation: .tanh)])),
    NetworkDescription(
      input: [4, 4, 2], encoder: [.linear(2, activation: .tanh)], cell: .linear(3, activation: .sigmoid), decoder: [],
      placement: PlacementDescription(side: 3, margin: 0, reach: 2, encoder: [.linear(2, activation: .elu)])),
    NetworkDescription(
      input: [5, 6, 1], encoder: [.linear(4, activation: .elu, normalized: false)], cell: .none(4),
      decoder: [.linear(2, 2, 1, activation: .identity, normalized: false)],
      memory: MemoryDescription(side: 2, overhang: 1, reach: 1)),
  ]

  @Test(arguments: networks) func backwardMatchesCentralDifferences(_ description: NetworkDescription) throws {
    let network = try description.makeNetwork(seed: 3)
    // Two clips of three slots.
    let (steps, batch) = (3, 6)
    network.reserve(steps: steps, batch: batch, slots: 3, training: true)
    var random = RandomSource(seed: 9)
    var inputs = (0..<steps * batch * network.inputCount).map { _ in random.uniform(-1, 1) }
    let outputs = network.outputShape.reduce(1, *) * batch
    let slopes = (0..<steps * outputs).map { _ in random.uniform(-1, 1) }
    for index in 0..<batch * network.stateSize { network.initialState[index] = random.uniform(-1, 1) }
    for index in 0..<network.parameters.values.count {
      network.parameters.values.pointer[index] += random.uniform(-0.1, 0.1)
    }

    func loss() throws -> Double {
      network.weightsDidChange()
      var sum = 0.0
      for step in 0..<steps {
        for index in 0..<batch * network.inputCount {
          network.input(step)[index] = inputs[step * batch * network.inputCount + index]
        }
        try network.forward(step)
        for index in 0..<outputs { sum += Double(network.output(step)[index] * slopes[step * outputs + index]) }
      }
      return sum
    }

    _ = try loss()
    network.beginBackward()
    var inputGradients = [[Float]](repeating: [], count: steps)
    for step in (0..<steps).reversed() {
      for index in 0..<outputs { network.outputGradient(step)[index] = slopes[step * outputs + index] }
      try network.backward(step)
      inputGradients[step] = (0..<batch * network.inputCount).map { network.inputGradient[$0] }
    }
    try network.finishBackward()
    let gradients = network.parameters.gradients.array
    let values = network.parameters.values.pointer
    let h = Float(2e-3)

    /// Compares with the loss's central difference around a value that `set` changes.
    func check(_ name: String, _ value: Float, _ gradient: Float, set: (Float) -> Void) throws {
      set(value + h)
      let above = try loss()
      set(value - h)
      let below = try loss()
      set(value)
      let expected = (above - below) / Double(2 * h)
      #expect(
        abs(expected - Double(gradient)) < 2e-2 + 2e-2 * abs(expected), "\(name): \(gradient) against \(expected)")
    }

    for entry in network.parameters.entries {
      for index in entry.offset..<entry.offset + entry.count {
        try check("\(entry.name)[\(index - entry.offset)]", values[index], gradients[index]) { values[index] = $0 }
      }
    }
    for (index, gradient) in inputGradients.joined().enumerated() {
      try check("input[\(index)]", inputs[index], gradient) { inputs[index] = $0 }
    }
  }
}
