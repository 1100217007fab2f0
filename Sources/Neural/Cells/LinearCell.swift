/// RNN-EM's cell: one layer over the encoder's output and θ.
final class LinearCell: Cell {
  private let joined: JoinedLayer
  private var rows = 0

  init(
    _ description: CellDescription, encodedCount: Int, layout: inout ParameterLayout, context: TensorContext
  ) {
    let linear = LayerDescription.linear(
      description.outputs[0], activation: description.activation, normalized: description.normalized)
    joined = JoinedLayer(
      linear, encodedCount: encodedCount, thetaCount: description.outputs[0], layout: &layout, context: context)
  }

  var stateSize: Int { joined.layer.outputCount }
  var outputCount: Int { joined.layer.outputCount }

  func reserve(_ size: UnrollSize, training: Bool) {
    rows = size.rows
    _ = joined.reserve(size, training: training)
  }

  func weightsDidChange(_ parameters: Parameters) { joined.layer.weightsDidChange(parameters) }
  func output(_ step: Int) -> UnsafeMutablePointer<Float> { joined.layer.output(step, rows) }
  func state(_ step: Int) -> UnsafeMutablePointer<Float> { output(step) }

  func forward(
    _ step: Int, encoded: UnsafePointer<Float>, before: UnsafePointer<Float>, _ parameters: Parameters
  ) throws(TensorError) {
    try joined.forward(step, encoded: encoded, before: before, stateSize: stateSize, parameters)
  }

  func backward(
    _ step: Int, outputGradient: UnsafePointer<Float>, stateGradient: UnsafeMutablePointer<Float>,
    encodedGradient: UnsafeMutablePointer<Float>, _ parameters: Parameters
  ) throws(TensorError) {
    let gradient = joined.layer.gradient(step, rows)
    for index in 0..<rows * stateSize { gradient[index] = outputGradient[index] + stateGradient[index] }
    try joined.backward(
      step, stateGradient: stateGradient, stateSize: stateSize, encodedGradient: encodedGradient, parameters)
  }

  func finishGradients(_ parameters: Parameters) throws(TensorError) { try joined.finishGradients(parameters) }
}
