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
  private let encoder: LayerStack
  private let cell: any Cell
  private let decoder: LayerStack
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
    encoder = LayerStack("encoder", description.encoder, from: description.seen, layout: &layout, context: context)
    cell = description.cell.makeCell(encodedCount: encoder.outputCount, layout: &layout, context: context)
    decoder = LayerStack(
      "decoder", description.decoder, from: description.cell.outputs, layout: &layout, context: context)
    outputShape = decoder.outputShape
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
    encoder.reserve(size, training: training)
    decoder.reserve(size, training: training)
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
    encoder.weightsDidChange(parameters)
    decoder.weightsDidChange(parameters)
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
    decoder.output(step, size.rows) ?? cell.output(step)
  }

  /// The output of encoder layer `index` in a step, [rows, …].
  package func encoded(by index: Int, _ step: Int) -> UnsafeMutablePointer<Float> {
    encoder.layers[index].output(step, size.rows)
  }

  /// dL/doutput of a step, to be filled before `backward`.
  public func outputGradient(_ step: Int) -> UnsafeMutablePointer<Float> {
    decoder.gradient(step, size.rows) ?? thetaGradient.pointer
  }

  /// dL/dinput of the step that `backward` was last called for.
  public var inputGradient: UnsafeMutablePointer<Float> { inputGradients.pointer }

  /// Runs one step from its input and the state before it.
  public func forward(_ step: Int) throws(TensorError) {
    normalization?.forward(input(step), step: step, rows: size.rows)
    let source = UnsafePointer(normalization?.output(step, size.rows) ?? input(step))
    let encoded = try encoder.forward(source, step: step, rows: size.rows, parameters)
    let before = step == 0 ? firstState.pointer : cell.state(step - 1)
    try cell.forward(step, encoded: encoded, before: before, parameters)
    _ = try decoder.forward(UnsafePointer(cell.output(step)), step: step, rows: size.rows, parameters)
  }

  /// Starts a backward pass over steps, last first: forgets gradients.
  public func beginBackward() {
    parameters.gradients.fill(0)
    carriedGradient.fill(0)
  }

  /// Propagates a step's output gradient, and what later steps sent back through the state, to its input and state.
  public func backward(_ step: Int) throws(TensorError) {
    try decoder.backward(step: step, rows: size.rows, sourceGradient: thetaGradient.pointer, parameters)
    try cell.backward(
      step, outputGradient: thetaGradient.pointer, stateGradient: carriedGradient.pointer,
      encodedGradient: encoder.gradient(step, size.rows) ?? inputGradients.pointer, parameters)
    try encoder.backward(step: step, rows: size.rows, sourceGradient: inputGradients.pointer, parameters)
    normalization?.backward(inputGradients.pointer, source: input(step), step: step, rows: size.rows)
  }

  /// Fills the weights' gradients once every step has gone through `backward`.
  public func finishBackward() throws(TensorError) {
    let source = UnsafePointer(normalization?.output(0, size.rows) ?? inputs.pointer)
    try encoder.finishGradients(source, size, parameters)
    try cell.finishGradients(parameters)
    try decoder.finishGradients(UnsafePointer(cell.output(0)), size, parameters)
  }
}
