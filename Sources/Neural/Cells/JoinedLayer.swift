import Kernels

/// A layer over the encoder's output and θ, side by side, with what it saw in every step.
final class JoinedLayer {
  let layer: Layer
  private let encodedCount: Int
  private var size = UnrollSize(steps: 0, rows: 0, slots: 1)
  private var joined = FloatBuffer(count: 0)
  private var joinedGradient = FloatBuffer(count: 0)

  init(
    _ description: LayerDescription, encodedCount: Int, thetaCount: Int, layout: inout ParameterLayout,
    context: TensorContext
  ) {
    self.encodedCount = encodedCount
    layer = Layer("cell", description, inputShape: [encodedCount + thetaCount], layout: &layout, context: context)
  }

  private var thetaCount: Int { layer.inputCount - encodedCount }

  /// Sets the size of the next unroll; true if memory was taken anew.
  func reserve(_ size: UnrollSize, training: Bool) -> Bool {
    let grows = size.samples * layer.inputCount > joined.count || training && joinedGradient.count == 0
    self.size = size
    guard grows else { return false }
    layer.reserve(steps: size.steps, batch: size.rows, training: training)
    joined = FloatBuffer(count: size.samples * layer.inputCount)
    joinedGradient = FloatBuffer(count: training ? size.samples * layer.inputCount : 0)
    return true
  }

  /// Computes a step from the encoder's output and the states before, which begin with θ and follow in `stateSize` steps.
  func forward(
    _ step: Int, encoded: UnsafePointer<Float>, before: UnsafePointer<Float>, stateSize: Int, _ parameters: Parameters
  ) throws(TensorError) {
    let join = joined.pointer + step * size.rows * layer.inputCount
    for row in 0..<size.rows {
      let target = join + row * layer.inputCount
      target.update(from: encoded + row * encodedCount, count: encodedCount)
      (target + encodedCount).update(from: before + row * stateSize, count: thetaCount)
    }
    try layer.forward(join, step: step, batch: size.rows, parameters)
  }

  /// From the layer's gradient of a step to those of the encoder's output and of θ before.
  func backward(
    _ step: Int, stateGradient: UnsafeMutablePointer<Float>, stateSize: Int,
    encodedGradient: UnsafeMutablePointer<Float>, _ parameters: Parameters
  ) throws(TensorError) {
    try layer.backward(step: step, batch: size.rows, sourceGradient: joinedGradient.pointer, parameters)
    for row in 0..<size.rows {
      let source = joinedGradient.pointer + row * layer.inputCount
      (encodedGradient + row * encodedCount).update(from: source, count: encodedCount)
      (stateGradient + row * stateSize).update(from: source + encodedCount, count: thetaCount)
    }
  }

  func finishGradients(_ parameters: Parameters) throws(TensorError) {
    try layer.finishGradients(joined.pointer, steps: size.steps, batch: size.rows, parameters)
  }
}
