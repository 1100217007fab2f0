import Kernels

/// RNN-EM's cell: one layer over the encoder's output and θ, side by side.
final class LinearCell: Cell {
  private let layer: Layer
  private let encodedCount: Int
  private var size = UnrollSize(steps: 0, rows: 0, slots: 1)
  private var joined = FloatBuffer(count: 0)
  private var joinedGradient = FloatBuffer(count: 0)

  init(
    _ description: CellDescription, encodedCount: Int, layout: inout ParameterLayout, context: TensorContext
  ) {
    self.encodedCount = encodedCount
    let linear = LayerDescription.linear(
      description.outputs[0], activation: description.activation, normalized: description.normalized)
    layer = Layer(
      "cell", linear, inputShape: [encodedCount + description.outputs[0]], layout: &layout, context: context)
  }

  var stateSize: Int { layer.outputCount }
  var outputCount: Int { layer.outputCount }

  func reserve(_ size: UnrollSize, training: Bool) {
    let grows = size.samples * layer.inputCount > joined.count || training && joinedGradient.count == 0
    self.size = size
    guard grows else { return }
    layer.reserve(steps: size.steps, batch: size.rows, training: training)
    joined = FloatBuffer(count: size.samples * layer.inputCount)
    joinedGradient = FloatBuffer(count: training ? size.samples * layer.inputCount : 0)
  }

  func weightsDidChange(_ parameters: Parameters) { layer.weightsDidChange(parameters) }
  func output(_ step: Int) -> UnsafeMutablePointer<Float> { layer.output(step, size.rows) }
  func state(_ step: Int) -> UnsafeMutablePointer<Float> { output(step) }

  func forward(
    _ step: Int, encoded: UnsafePointer<Float>, before: UnsafePointer<Float>, _ parameters: Parameters
  ) throws(TensorError) {
    let join = joined.pointer + step * size.rows * layer.inputCount
    for row in 0..<size.rows {
      let target = join + row * layer.inputCount
      target.update(from: encoded + row * encodedCount, count: encodedCount)
      (target + encodedCount).update(from: before + row * stateSize, count: stateSize)
    }
    try layer.forward(join, step: step, batch: size.rows, parameters)
  }

  func backward(
    _ step: Int, outputGradient: UnsafePointer<Float>, stateGradient: UnsafeMutablePointer<Float>,
    encodedGradient: UnsafeMutablePointer<Float>, _ parameters: Parameters
  ) throws(TensorError) {
    let gradient = layer.gradient(step, size.rows)
    for index in 0..<size.rows * stateSize { gradient[index] = outputGradient[index] + stateGradient[index] }
    try layer.backward(step: step, batch: size.rows, sourceGradient: joinedGradient.pointer, parameters)
    for row in 0..<size.rows {
      let source = joinedGradient.pointer + row * layer.inputCount
      (encodedGradient + row * encodedCount).update(from: source, count: encodedCount)
      (stateGradient + row * stateSize).update(from: source + encodedCount, count: stateSize)
    }
  }

  func finishGradients(_ parameters: Parameters) throws(TensorError) {
    try layer.finishGradients(joined.pointer, steps: size.steps, batch: size.rows, parameters)
  }
}
