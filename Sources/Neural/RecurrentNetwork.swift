import Kernels

/// An encoder, a recurrent cell and a decoder over unrolled steps: θ′ = cell(encoder(input), θ), output = decoder(θ′).
public final class RecurrentNetwork: SlotNetwork {
  /// The architecture.
  public let description: NetworkDescription
  /// All weights.
  public let parameters: Parameters
  /// Floats of the carried state of a row.
  public var stateSize: Int { cell.stateSize }
  /// Floats in one input sample.
  public let inputCount: Int
  /// Shape of one sample's output.
  public let outputShape: [Int]

  private var size = UnrollSize(steps: 0, rows: 0, slots: 1)
  private var capacity = 0
  private var isTraining = false
  private let normalization: InputNormalization?
  private let encoder: [Layer]
  private let cell: any Cell
  private let decoder: [Layer]
  private var inputs = FloatBuffer(count: 0)
  private var firstState = FloatBuffer(count: 0)
  private var thetaGradient = FloatBuffer(count: 0)
  private var carriedGradient = FloatBuffer(count: 0)
  private var inputGradients = FloatBuffer(count: 0)

  /// Builds the network with freshly drawn weights. Throws `TensorError` when oneDNN cannot be set up.
  public init(_ description: NetworkDescription, seed: UInt64) throws {
    self.description = description
    let context = try TensorContext()
    var layout = ParameterLayout()
    inputCount = description.seen.reduce(1, *)
    normalization = description.normalizesInput == true ? InputNormalization(count: inputCount) : nil
    func stack(_ name: String, _ layers: [LayerDescription], from shape: [Int]) -> [Layer] {
      var shape = shape
      return layers.enumerated().map { index, description in
        let layer = Layer(
          "\(name).\(index)", description, inputShape: shape, layout: &layout, context: context)
        shape = layer.outputShape
        return layer
      }
    }
    encoder = stack("encoder", description.encoder, from: description.seen)
    let encodedCount = encoder.last?.outputCount ?? inputCount
    cell =
      switch description.cell.kind {
      case .linear: LinearCell(description.cell, encodedCount: encodedCount, layout: &layout, context: context)
      case .lstm: LSTMCell(description.cell, encodedCount: encodedCount, layout: &layout, context: context)
      case .relational:
        RelationalCell(description.cell, encodedCount: encodedCount, layout: &layout, context: context)
      case .gradient: preconditionFailure("a gradient cell belongs to GradientNetwork")
      }
    decoder = stack("decoder", description.decoder, from: description.cell.outputs)
    outputShape = decoder.last?.outputShape ?? description.cell.outputs
    parameters = Parameters(layout)
    parameters.initialize(seed: seed)
    weightsDidChange()
  }

  /// Sets the size of the next unroll.
  public func reserve(steps: Int, batch rows: Int, slots: Int, training: Bool) {
    size = UnrollSize(steps: steps, rows: rows, slots: slots)
    cell.reserve(size, training: training)
    guard size.samples > capacity || training && !isTraining else { return }
    (capacity, isTraining) = (size.samples, training)
    for layer in encoder + decoder { layer.reserve(steps: steps, batch: rows, training: training) }
    normalization?.reserve(size, training: training)
    inputs = FloatBuffer(count: size.samples * inputCount)
    // One step's worth, but a later unroll of equal size may have fewer steps and more samples.
    firstState = FloatBuffer(count: size.samples * stateSize)
    thetaGradient = FloatBuffer(count: training ? size.samples * cell.outputCount : 0)
    carriedGradient = FloatBuffer(count: training ? size.samples * stateSize : 0)
    inputGradients = FloatBuffer(count: training ? size.samples * inputCount : 0)
  }

  /// Call after changing parameters.
  public func weightsDidChange() {
    for layer in encoder + decoder { layer.weightsDidChange(parameters) }
    cell.weightsDidChange(parameters)
  }

  /// The input of a step, to be filled before `forward`.
  public func input(_ step: Int) -> UnsafeMutablePointer<Float> { inputs.pointer + step * size.rows * inputCount }

  /// The state before step 0.
  public var initialState: UnsafeMutablePointer<Float> { firstState.pointer }

  /// The state after a step.
  public func state(after step: Int) -> UnsafeMutablePointer<Float> { cell.state(step) }

  /// The decoder's output of a step.
  public func output(_ step: Int) -> UnsafeMutablePointer<Float> {
    decoder.last?.output(step, size.rows) ?? cell.output(step)
  }

  /// The output of encoder layer `index` in a step, [rows, …].
  package func encoded(by index: Int, _ step: Int) -> UnsafeMutablePointer<Float> {
    encoder[index].output(step, size.rows)
  }

  /// dL/doutput of a step, to be filled before `backward`.
  public func outputGradient(_ step: Int) -> UnsafeMutablePointer<Float> {
    decoder.last?.gradient(step, size.rows) ?? thetaGradient.pointer
  }

  /// dL/dinput of the step that `backward` was last called for.
  public var inputGradient: UnsafeMutablePointer<Float> { inputGradients.pointer }

  /// Runs one step from its input and the state before it.
  public func forward(_ step: Int) throws(TensorError) {
    normalization?.forward(input(step), step: step, rows: size.rows)
    var source = UnsafePointer(normalization?.output(step, size.rows) ?? input(step))
    for layer in encoder {
      try layer.forward(source, step: step, batch: size.rows, parameters)
      source = UnsafePointer(layer.output(step, size.rows))
    }
    let before = step == 0 ? firstState.pointer : cell.state(step - 1)
    try cell.forward(step, encoded: source, before: before, parameters)
    source = UnsafePointer(cell.output(step))
    for layer in decoder {
      try layer.forward(source, step: step, batch: size.rows, parameters)
      source = UnsafePointer(layer.output(step, size.rows))
    }
  }

  /// Starts a backward pass over steps, last first: forgets gradients.
  public func beginBackward() {
    parameters.gradients.fill(0)
    carriedGradient.fill(0)
  }

  /// Propagates a step's output gradient, and what later steps sent back through the state, to its input and state.
  public func backward(_ step: Int) throws(TensorError) {
    for (index, layer) in decoder.enumerated().reversed() {
      let target = index == 0 ? thetaGradient.pointer : decoder[index - 1].gradient(step, size.rows)
      try layer.backward(step: step, batch: size.rows, sourceGradient: target, parameters)
    }
    try cell.backward(
      step, outputGradient: thetaGradient.pointer, stateGradient: carriedGradient.pointer,
      encodedGradient: encoder.last?.gradient(step, size.rows) ?? inputGradients.pointer, parameters)
    for (index, layer) in encoder.enumerated().reversed() {
      let target = index == 0 ? inputGradients.pointer : encoder[index - 1].gradient(step, size.rows)
      try layer.backward(step: step, batch: size.rows, sourceGradient: target, parameters)
    }
    normalization?.backward(inputGradients.pointer, source: input(step), step: step, rows: size.rows)
  }

  /// Fills the weights' gradients once every step has gone through `backward`.
  public func finishBackward() throws(TensorError) {
    var source = UnsafePointer(normalization?.output(0, size.rows) ?? inputs.pointer)
    for layer in encoder {
      try layer.finishGradients(source, steps: size.steps, batch: size.rows, parameters)
      source = UnsafePointer(layer.output(0, size.rows))
    }
    try cell.finishGradients(parameters)
    source = UnsafePointer(cell.output(0))
    for layer in decoder {
      try layer.finishGradients(source, steps: size.steps, batch: size.rows, parameters)
      source = UnsafePointer(layer.output(0, size.rows))
    }
  }
}
