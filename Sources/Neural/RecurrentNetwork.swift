import Kernels

/// An encoder, a recurrent cell and a decoder over unrolled steps: θ′ = cell([encoder(input), θ]), output = decoder(θ′).
///
/// The streaming tracker reserves one step; the trainer reserves as many as it unrolls. One thread at a time.
public final class RecurrentNetwork {
  /// The architecture.
  public let description: NetworkDescription
  /// All weights.
  public let parameters: Parameters
  /// Size of the recurrent state θ.
  public let stateSize: Int
  /// Floats in one input sample.
  public let inputCount: Int
  /// Shape of one output sample.
  public let outputShape: [Int]
  /// Most steps that `reserve` made room for.
  public private(set) var steps = 0
  /// Samples in each step.
  public private(set) var batch = 0

  private var capacity = 0
  private var isTraining = false
  private let encoder: [Layer]
  private let cell: Layer
  private let decoder: [Layer]
  private var inputs = FloatBuffer(count: 0)
  private var joined = FloatBuffer(count: 0)
  private var joinedGradient = FloatBuffer(count: 0)
  private var firstState = FloatBuffer(count: 0)
  private var stateGradient = FloatBuffer(count: 0)
  private var carriedGradient = FloatBuffer(count: 0)
  private var inputGradients = FloatBuffer(count: 0)

  /// Builds the network with freshly drawn weights. Throws `TensorError` when oneDNN cannot be set up.
  public init(_ description: NetworkDescription, seed: UInt64) throws {
    self.description = description
    let context = try TensorContext()
    var layout = ParameterLayout()
    inputCount = description.input.reduce(1, *)
    stateSize = description.cell.outputs[0]
    func stack(_ name: String, _ layers: [LayerDescription], from shape: [Int]) -> [Layer] {
      var shape = shape
      return layers.enumerated().map { index, description in
        let layer = Layer(
          "\(name).\(index)", description, inputShape: shape, layout: &layout, context: context)
        shape = layer.outputShape
        return layer
      }
    }
    encoder = stack("encoder", description.encoder, from: description.input)
    let encoded = encoder.last?.outputCount ?? inputCount
    cell = Layer(
      "cell", description.cell, inputShape: [encoded + stateSize], layout: &layout, context: context)
    decoder = stack("decoder", description.decoder, from: [stateSize])
    outputShape = decoder.last?.outputShape ?? [stateSize]
    parameters = Parameters(layout)
    parameters.initialize(seed: seed)
    weightsDidChange()
  }

  private var encodedCount: Int { cell.inputCount - stateSize }
  private var layers: [Layer] { encoder + [cell] + decoder }

  /// Sets the size of the next unroll; contents of earlier steps are lost. Memory is taken only when an unroll is
  /// larger than any before.
  public func reserve(steps: Int, batch: Int, training: Bool) {
    (self.steps, self.batch) = (steps, batch)
    guard steps * batch > capacity || training && !isTraining else { return }
    (capacity, isTraining) = (steps * batch, training)
    for layer in layers { layer.reserve(steps: steps, batch: batch, training: training) }
    inputs = FloatBuffer(count: steps * batch * inputCount)
    joined = FloatBuffer(count: steps * batch * cell.inputCount)
    // One step's worth, but a later unroll of equal size may have fewer steps and more samples.
    firstState = FloatBuffer(count: steps * batch * stateSize)
    joinedGradient = FloatBuffer(count: training ? steps * batch * cell.inputCount : 0)
    stateGradient = FloatBuffer(count: training ? steps * batch * stateSize : 0)
    carriedGradient = FloatBuffer(count: training ? steps * batch * stateSize : 0)
    inputGradients = FloatBuffer(count: training ? steps * batch * inputCount : 0)
  }

  /// Call after changing parameters.
  public func weightsDidChange() {
    for layer in layers { layer.weightsDidChange(parameters) }
  }

  /// The input of a step, [batch, h·w·c], to be filled before `forward`.
  public func input(_ step: Int) -> UnsafeMutablePointer<Float> { inputs.pointer + step * batch * inputCount }

  /// θ before step 0, [batch, stateSize].
  public var initialState: UnsafeMutablePointer<Float> { firstState.pointer }

  /// θ after a step, [batch, stateSize].
  public func state(after step: Int) -> UnsafeMutablePointer<Float> { cell.output(step, batch) }

  /// The decoder's output of a step, [batch, h·w·c].
  public func output(_ step: Int) -> UnsafeMutablePointer<Float> { (decoder.last ?? cell).output(step, batch) }

  /// The output of encoder layer `index` in a step, [batch, …].
  package func encoded(by index: Int, _ step: Int) -> UnsafeMutablePointer<Float> {
    encoder[index].output(step, batch)
  }

  /// dL/doutput of a step, to be filled before `backward`.
  public func outputGradient(_ step: Int) -> UnsafeMutablePointer<Float> {
    (decoder.last ?? cell).gradient(step, batch)
  }

  /// dL/dinput of the step that `backward` was last called for, [batch, h·w·c].
  public var inputGradient: UnsafeMutablePointer<Float> { inputGradients.pointer }

  /// Runs one step from its input and the state before it.
  public func forward(_ step: Int) throws(TensorError) {
    var source = UnsafePointer(input(step))
    for layer in encoder {
      try layer.forward(source, step: step, batch: batch, parameters)
      source = UnsafePointer(layer.output(step, batch))
    }
    let before = step == 0 ? firstState.pointer : cell.output(step - 1, batch)
    let join = joined.pointer + step * batch * cell.inputCount
    for row in 0..<batch {
      let target = join + row * cell.inputCount
      target.update(from: source + row * encodedCount, count: encodedCount)
      (target + encodedCount).update(from: before + row * stateSize, count: stateSize)
    }
    try cell.forward(join, step: step, batch: batch, parameters)
    source = UnsafePointer(cell.output(step, batch))
    for layer in decoder {
      try layer.forward(source, step: step, batch: batch, parameters)
      source = UnsafePointer(layer.output(step, batch))
    }
  }

  /// Starts a backward pass over steps, last first: forgets gradients.
  public func beginBackward() {
    parameters.gradients.fill(0)
    carriedGradient.fill(0)
  }

  /// Propagates a step's output gradient, and what later steps sent back through θ, to its input and earlier θ.
  public func backward(_ step: Int) throws(TensorError) {
    for (index, layer) in decoder.enumerated().reversed() {
      let target = index == 0 ? stateGradient.pointer : decoder[index - 1].gradient(step, batch)
      try layer.backward(step: step, batch: batch, sourceGradient: target, parameters)
    }
    let gradient = cell.gradient(step, batch)
    for index in 0..<batch * stateSize {
      gradient[index] = stateGradient.pointer[index] + carriedGradient.pointer[index]
    }
    try cell.backward(step: step, batch: batch, sourceGradient: joinedGradient.pointer, parameters)
    let encoded = encoder.last?.gradient(step, batch) ?? inputGradients.pointer
    for row in 0..<batch {
      let source = joinedGradient.pointer + row * cell.inputCount
      (encoded + row * encodedCount).update(from: source, count: encodedCount)
      (carriedGradient.pointer + row * stateSize).update(from: source + encodedCount, count: stateSize)
    }
    for (index, layer) in encoder.enumerated().reversed() {
      let target = index == 0 ? inputGradients.pointer : encoder[index - 1].gradient(step, batch)
      try layer.backward(step: step, batch: batch, sourceGradient: target, parameters)
    }
  }

  /// Fills the weights' gradients once every step has gone through `backward`.
  public func finishBackward() throws(TensorError) {
    var source = UnsafePointer(inputs.pointer)
    for layer in encoder {
      try layer.finishGradients(source, steps: steps, batch: batch, parameters)
      source = UnsafePointer(layer.output(0, batch))
    }
    try cell.finishGradients(joined.pointer, steps: steps, batch: batch, parameters)
    source = UnsafePointer(cell.output(0, batch))
    for layer in decoder {
      try layer.finishGradients(source, steps: steps, batch: batch, parameters)
      source = UnsafePointer(layer.output(0, batch))
    }
  }
}
