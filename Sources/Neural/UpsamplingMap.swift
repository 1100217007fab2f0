import Kernels

/// Nearest-neighbour upsampling ×2 and a convolution of stride 1, folded into one convolution at the low resolution.
///
/// Output pixel (2i+p, 2j+q) sees its source through a kernel that depends only on the phase (p, q): taps that fall on
/// the same source pixel add up. So the four phases are four groups of output channels of one 3×3 convolution, with
/// 9/16 of the multiplications of a 4×4 kernel and no upsampled picture.
final class UpsamplingMap: LinearMap {
  private static let side = 3
  private let height: Int
  private let width: Int
  private let channels: Int
  private let outputs: Int
  private let kernel: Int
  private let operation: WeightedOperation
  private let weights: ParameterEntry
  private let bias: ParameterEntry
  private let foldedWeights: FloatBuffer
  private let foldedBias: FloatBuffer
  private let foldedWeightGradient: FloatBuffer
  private let foldedBiasGradient: FloatBuffer
  private var phases = FloatBuffer(count: 0)
  private var phaseGradients = FloatBuffer(count: 0)

  init(
    _ name: String, input: [Int], outputs: Int, kernel: Int, _ layout: inout ParameterLayout, _ context: TensorContext
  ) {
    (height, width, channels) = (input[0], input[1], input[2])
    self.outputs = outputs
    self.kernel = kernel
    operation = WeightedOperation(
      context,
      .convolution(
        height: height, width: width, channels: channels, outputs: 4 * outputs, kernel: Self.side, stride: 1,
        rowPad: .same(height, kernel: Self.side, stride: 1), columnPad: .same(width, kernel: Self.side, stride: 1)))
    let area = kernel * kernel
    weights = layout.declare(
      name + ".weight", [outputs, channels, kernel, kernel],
      .glorotUniform(fanIn: channels * area, fanOut: outputs * area))
    bias = layout.declare(name + ".bias", [outputs], .constant(0))
    let folded = 4 * outputs * channels * Self.side * Self.side
    foldedWeights = FloatBuffer(count: folded)
    foldedWeightGradient = FloatBuffer(count: folded)
    foldedBias = FloatBuffer(count: 4 * outputs)
    foldedBiasGradient = FloatBuffer(count: 4 * outputs)
  }

  private var outputCount: Int { 4 * height * width * outputs }

  func reserve(steps: Int, batch: Int, training: Bool) {
    phases = FloatBuffer(count: steps * batch * outputCount)
    phaseGradients = FloatBuffer(count: training ? steps * batch * outputCount : 0)
  }

  func weightsDidChange(_ parameters: Parameters) {
    let source = parameters.value(weights)
    foldedWeights.fill(0)
    forEachTap { plain, folded in foldedWeights.pointer[folded] += source[plain] }
    for index in 0..<4 * outputs { foldedBias.pointer[index] = parameters.value(bias)[index % outputs] }
    operation.weightsDidChange()
  }

  func forward(
    _ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>, batch: Int, _ parameters: Parameters
  ) throws(TensorError) {
    try operation.forward(
      source, weights: foldedWeights.pointer, bias: foldedBias.pointer, into: phases.pointer, batch: batch)
    forEachRun(batch) { phase, picture in
      (target + picture).update(from: phases.pointer + phase, count: outputs)
    }
  }

  func backward(
    _ gradient: UnsafePointer<Float>, step: Int, sourceGradient: UnsafeMutablePointer<Float>?, batch: Int,
    _ parameters: Parameters
  ) throws(TensorError) {
    let target = phaseGradients.pointer + step * batch * outputCount
    forEachRun(batch) { phase, picture in
      (target + phase).update(from: gradient + picture, count: outputs)
    }
    guard let sourceGradient else { return }
    try operation.backwardData(target, weights: foldedWeights.pointer, into: sourceGradient, batch: batch)
  }

  func finishGradients(
    _ source: UnsafePointer<Float>, _ gradient: UnsafePointer<Float>, samples: Int, _ parameters: Parameters
  ) throws(TensorError) {
    try operation.backwardWeights(
      source, targetGradient: phaseGradients.pointer, into: foldedWeightGradient.pointer,
      biasGradient: foldedBiasGradient.pointer, batch: samples)
    let target = parameters.gradient(weights)
    for index in 0..<weights.count { target[index] = 0 }
    forEachTap { plain, folded in target[plain] += foldedWeightGradient.pointer[folded] }
    let biasTarget = parameters.gradient(bias)
    for index in 0..<outputs {
      biasTarget[index] = (0..<4).reduce(0) { $0 + foldedBiasGradient.pointer[$1 * outputs + index] }
    }
  }

  /// Pairs each tap of the plain kernel with the folded tap that it adds to, for each phase.
  private func forEachTap(_ body: (_ plain: Int, _ folded: Int) -> Void) {
    let before = (kernel - 1) / 2
    func sourceTap(_ phase: Int, _ tap: Int) -> Int { (phase + tap - before + 2) / 2 }
    for phase in 0..<4 {
      for output in 0..<outputs {
        for channel in 0..<channels {
          let plain = (output * channels + channel) * kernel * kernel
          let folded = ((phase * outputs + output) * channels + channel) * Self.side * Self.side
          for row in 0..<kernel {
            for column in 0..<kernel {
              body(
                plain + row * kernel + column,
                folded + sourceTap(phase / 2, row) * Self.side + sourceTap(phase % 2, column))
            }
          }
        }
      }
    }
  }

  /// Pairs each run of `outputs` channels in phase order [n, h, w, phase, c] with its place in the picture [n, 2h, 2w, c].
  private func forEachRun(_ batch: Int, _ body: (_ phase: Int, _ picture: Int) -> Void) {
    for row in 0..<batch * height {
      for column in 0..<width {
        let phase = (row * width + column) * 4 * outputs
        let picture = (2 * row * 2 * width + 2 * column) * outputs
        body(phase, picture)
        body(phase + outputs, picture + outputs)
        body(phase + 2 * outputs, picture + 2 * width * outputs)
        body(phase + 3 * outputs, picture + (2 * width + 1) * outputs)
      }
    }
  }
}
