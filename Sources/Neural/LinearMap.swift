import Kernels

/// The linear part of a layer.
protocol LinearMap: AnyObject {
  func reserve(steps: Int, batch: Int, training: Bool)
  func weightsDidChange(_ parameters: Parameters)
  func forward(
    _ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>, batch: Int, _ parameters: Parameters
  ) throws(TensorError)
  func backward(
    _ gradient: UnsafePointer<Float>, step: Int, sourceGradient: UnsafeMutablePointer<Float>?, batch: Int,
    _ parameters: Parameters) throws(TensorError)
  func finishGradients(
    _ source: UnsafePointer<Float>, _ gradient: UnsafePointer<Float>, samples: Int, _ parameters: Parameters
  ) throws(TensorError)
}

/// A fully connected map or a convolution, handed to oneDNN as it is.
final class DirectMap: LinearMap {
  private let operation: WeightedOperation
  private let weights: ParameterEntry
  private let bias: ParameterEntry

  init(_ name: String, _ shape: WeightedShape, _ layout: inout ParameterLayout, _ context: TensorContext) {
    operation = WeightedOperation(context, shape)
    weights = layout.declare(name + ".weight", shape.weightDimensions, shape.glorot)
    bias = layout.declare(name + ".bias", [shape.outputs], .constant(0))
  }

  func reserve(steps: Int, batch: Int, training: Bool) {}

  func weightsDidChange(_ parameters: Parameters) { operation.weightsDidChange() }

  func forward(
    _ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>, batch: Int, _ parameters: Parameters
  ) throws(TensorError) {
    try operation.forward(
      source, weights: parameters.value(weights), bias: parameters.value(bias), into: target, batch: batch)
  }

  func backward(
    _ gradient: UnsafePointer<Float>, step: Int, sourceGradient: UnsafeMutablePointer<Float>?, batch: Int,
    _ parameters: Parameters
  ) throws(TensorError) {
    guard let sourceGradient else { return }
    try operation.backwardData(
      gradient, weights: parameters.value(weights), into: sourceGradient, batch: batch)
  }

  func finishGradients(
    _ source: UnsafePointer<Float>, _ gradient: UnsafePointer<Float>, samples: Int, _ parameters: Parameters
  ) throws(TensorError) {
    try operation.backwardWeights(
      source, targetGradient: gradient, into: parameters.gradient(weights),
      biasGradient: parameters.gradient(bias), batch: samples)
  }
}

extension WeightedShape {
  /// A convolution with SAME padding: its output is ⌈size / stride⌉ on each axis.
  static func same(input: [Int], outputs: Int, kernel: Int, stride: Int) -> WeightedShape {
    .convolution(
      height: input[0], width: input[1], channels: input[2], outputs: outputs, kernel: kernel, stride: stride,
      rowPad: .same(input[0], kernel: kernel, stride: stride),
      columnPad: .same(input[1], kernel: kernel, stride: stride))
  }

  /// Glorot's bound with the fans of a fully connected map or a convolution.
  var glorot: Initializer {
    let area = weightDimensions.dropFirst(2).reduce(1, *)
    return .glorotUniform(fanIn: weightDimensions[1] * area, fanOut: weightDimensions[0] * area)
  }
}
