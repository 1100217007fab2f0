import CKernels
import Kernels

/// One layer with its activations over all unrolled steps: z = linear(x), y = activation(norm(z)).
///
/// Activations and gradients lie step after step, [steps, n, features], so that the weights' gradient is one call
/// over all steps. Pictures are [height, width, channels] with channels innermost.
public final class Layer {
  /// Shape of one sample's output.
  public let outputShape: [Int]
  let inputCount: Int
  let outputCount: Int
  private let description: LayerDescription
  private let map: any LinearMap
  private let gain: ParameterEntry?
  private let shift: ParameterEntry?
  private var tape = Tape()

  /// z, y, dL/dz and per-row statistics for every step.
  private struct Tape {
    var linear = FloatBuffer(count: 0)
    var output = FloatBuffer(count: 0)
    var gradient = FloatBuffer(count: 0)
    var statistics = FloatBuffer(count: 0)
    var rowGradients = FloatBuffer(count: 0)
  }

  init(
    _ name: String, _ description: LayerDescription, inputShape: [Int], layout: inout ParameterLayout,
    context: TensorContext
  ) {
    self.description = description
    guard let outputShape = description.output(of: inputShape) else {
      preconditionFailure("\(name) does not fit \(inputShape)")
    }
    self.outputShape = outputShape
    inputCount = inputShape.reduce(1, *)
    switch description.kind {
    case .linear:
      map = DirectMap(
        name, .inner(inputs: inputCount, outputs: description.outputs.reduce(1, *)), &layout, context)
    case .convolution:
      let shape = WeightedShape.same(
        input: inputShape, outputs: description.outputs[0], kernel: description.kernel, stride: description.stride)
      map = DirectMap(name, shape, &layout, context)
    case .upsampling:
      map = UpsamplingMap(
        name, input: inputShape, outputs: description.outputs[0], kernel: description.kernel, &layout, context)
    }
    outputCount = outputShape.reduce(1, *)
    let channels = [outputShape.last!]
    gain = description.normalized ? layout.declare(name + ".gain", channels, .constant(1)) : nil
    shift = description.normalized ? layout.declare(name + ".shift", channels, .constant(0)) : nil
  }

  /// Makes room for `steps` steps of `n` samples; without `training`, only outputs are kept.
  func reserve(steps: Int, batch n: Int, training: Bool) {
    let count = steps * n * outputCount
    tape.linear = FloatBuffer(count: description.normalized ? count : 0)
    tape.output = FloatBuffer(count: count)
    tape.gradient = FloatBuffer(count: training ? count : 0)
    tape.statistics = FloatBuffer(count: 2 * steps * n)
    tape.rowGradients = FloatBuffer(count: training ? 2 * steps * n * outputShape.last! : 0)
    map.reserve(steps: steps, batch: n, training: training)
  }

  /// y of a step, [n, features].
  func output(_ step: Int, _ n: Int) -> UnsafeMutablePointer<Float> { tape.output.pointer + step * n * outputCount }

  /// dL/dy of a step, to be filled before `backward`; afterwards dL/dz.
  func gradient(_ step: Int, _ n: Int) -> UnsafeMutablePointer<Float> {
    tape.gradient.pointer + step * n * outputCount
  }

  func weightsDidChange(_ parameters: Parameters) { map.weightsDidChange(parameters) }

  /// Computes y of a step from x [n, inputs].
  func forward(
    _ source: UnsafePointer<Float>, step: Int, batch n: Int, _ parameters: Parameters
  ) throws(TensorError) {
    let y = output(step, n)
    guard let gain, let shift else {
      try map.forward(source, into: y, batch: n, parameters)
      nem_activation_forward(y, y, n, outputCount, description.activation.code)
      return
    }
    let z = tape.linear.pointer + step * n * outputCount
    try map.forward(source, into: z, batch: n, parameters)
    nem_norm_forward(
      z, y, tape.statistics.pointer + 2 * step * n, parameters.value(gain), parameters.value(shift), n,
      outputCount / outputShape.last!, outputShape.last!, description.activation.code)
  }

  /// Turns dL/dy of a step into dL/dz, and into dL/dx when `sourceGradient` is wanted.
  func backward(
    step: Int, batch n: Int, sourceGradient: UnsafeMutablePointer<Float>?, _ parameters: Parameters
  ) throws(TensorError) {
    let g = gradient(step, n)
    if let gain, let shift {
      let channels = outputShape.last!
      let rows = tape.rowGradients.pointer
      nem_norm_backward(
        g, tape.linear.pointer + step * n * outputCount, output(step, n), tape.statistics.pointer + 2 * step * n,
        parameters.value(gain), rows, rows + n * channels, n, outputCount / channels, channels,
        description.activation.code)
      addRows(rows, n, channels, to: parameters.gradient(gain))
      addRows(rows + n * channels, n, channels, to: parameters.gradient(shift))
    } else {
      nem_activation_backward(g, output(step, n), n, outputCount, description.activation.code)
    }
    try map.backward(g, step: step, sourceGradient: sourceGradient, batch: n, parameters)
  }

  /// Fills the gradients of the linear map's weights from all steps; `source` is x of step 0, steps contiguous.
  func finishGradients(
    _ source: UnsafePointer<Float>, steps: Int, batch n: Int, _ parameters: Parameters
  ) throws(TensorError) {
    try map.finishGradients(source, gradient(0, n), samples: steps * n, parameters)
  }

  private func addRows(
    _ rows: UnsafePointer<Float>, _ n: Int, _ channels: Int, to target: UnsafeMutablePointer<Float>
  ) {
    for row in 0..<n {
      for channel in 0..<channels { target[channel] += rows[row * channels + channel] }
    }
  }
}
