import Kernels

/// Layers one after the other over unrolled steps; without any, what goes in comes out.
struct LayerStack {
  let layers: [Layer]
  /// Floats in one sample of the input.
  let inputCount: Int
  /// Shape of one sample's output.
  let outputShape: [Int]
  /// Floats in one sample's output.
  var outputCount: Int { outputShape.reduce(1, *) }

  /// Layers `name.0`, `name.1`, … for samples of `shape`.
  init(
    _ name: String, _ layers: [LayerDescription], from shape: [Int], layout: inout ParameterLayout,
    context: TensorContext
  ) {
    inputCount = shape.reduce(1, *)
    var (shape, built) = (shape, [Layer]())
    for (index, description) in layers.enumerated() {
      let layer = Layer("\(name).\(index)", description, inputShape: shape, layout: &layout, context: context)
      shape = layer.outputShape
      built.append(layer)
    }
    (self.layers, outputShape) = (built, shape)
  }

  func reserve(_ size: UnrollSize, training: Bool) {
    for layer in layers { layer.reserve(steps: size.steps, batch: size.rows, training: training) }
  }

  func weightsDidChange(_ parameters: Parameters) {
    for layer in layers { layer.weightsDidChange(parameters) }
  }

  /// The output of a step, or nil without layers.
  func output(_ step: Int, _ rows: Int) -> UnsafeMutablePointer<Float>? { layers.last?.output(step, rows) }

  /// dL/doutput of a step, to be filled before `backward`, or nil without layers.
  func gradient(_ step: Int, _ rows: Int) -> UnsafeMutablePointer<Float>? { layers.last?.gradient(step, rows) }

  /// Computes a step from its input, and returns the output.
  func forward(
    _ source: UnsafePointer<Float>, step: Int, rows: Int, _ parameters: Parameters
  ) throws(TensorError) -> UnsafePointer<Float> {
    var source = source
    for layer in layers {
      try layer.forward(source, step: step, batch: rows, parameters)
      source = UnsafePointer(layer.output(step, rows))
    }
    return source
  }

  /// Propagates a step's output gradient to `sourceGradient`, which stays as it is without layers.
  func backward(
    step: Int, rows: Int, sourceGradient: UnsafeMutablePointer<Float>, _ parameters: Parameters
  ) throws(TensorError) {
    for (index, layer) in layers.enumerated().reversed() {
      let target = index == 0 ? sourceGradient : layers[index - 1].gradient(step, rows)
      try layer.backward(step: step, batch: rows, sourceGradient: target, parameters)
    }
  }

  /// Fills the weights' gradients from all steps; `source` is the input of step 0, steps contiguous.
  func finishGradients(
    _ source: UnsafePointer<Float>, _ size: UnrollSize, _ parameters: Parameters
  ) throws(TensorError) {
    var source = source
    for layer in layers {
      try layer.finishGradients(source, steps: size.steps, batch: size.rows, parameters)
      source = UnsafePointer(layer.output(0, size.rows))
    }
  }
}
