import Foundation
import Kernels

/// A long short-term memory: c′ = f·c + i·g, θ′ = o·tanh(c′) with i, f, o = sigmoid and g = tanh of one linear map of
/// [encoder output, θ] (Hochreiter & Schmidhuber 1997; forget gate of Gers et al. 2000, its bias 1). The carried state of
/// a row is [θ, c].
final class LSTMCell: Cell {
  private let joined: JoinedLayer
  let outputCount: Int
  private var rows = 0
  /// [steps, rows, (i, f, o, g)] after their activations.
  private var gates = FloatBuffer(count: 0)
  private var outputs = FloatBuffer(count: 0)
  private var states = FloatBuffer(count: 0)
  /// c before each step.
  private var memories = FloatBuffer(count: 0)

  init(
    _ description: CellDescription, encodedCount: Int, layout: inout ParameterLayout, context: TensorContext
  ) {
    outputCount = description.outputs[0]
    joined = JoinedLayer(
      .linear(4 * outputCount, activation: .identity, normalized: false), encodedCount: encodedCount,
      thetaCount: outputCount, layout: &layout, context: context)
  }

  var stateSize: Int { 2 * outputCount }

  func reserve(_ size: UnrollSize, training: Bool) {
    rows = size.rows
    guard joined.reserve(size, training: training) else { return }
    gates = FloatBuffer(count: size.samples * 4 * outputCount)
    outputs = FloatBuffer(count: size.samples * outputCount)
    states = FloatBuffer(count: size.samples * stateSize)
    memories = FloatBuffer(count: size.samples * outputCount)
  }

  func weightsDidChange(_ parameters: Parameters) { joined.layer.weightsDidChange(parameters) }
  func output(_ step: Int) -> UnsafeMutablePointer<Float> { outputs.pointer + step * rows * outputCount }
  func state(_ step: Int) -> UnsafeMutablePointer<Float> { states.pointer + step * rows * stateSize }

  func forward(
    _ step: Int, encoded: UnsafePointer<Float>, before: UnsafePointer<Float>, _ parameters: Parameters
  ) throws(TensorError) {
    try joined.forward(step, encoded: encoded, before: before, stateSize: stateSize, parameters)
    for row in 0..<rows { advance(step, row, before + row * stateSize + outputCount) }
  }

  private func advance(_ step: Int, _ row: Int, _ memory: UnsafePointer<Float>) {
    let n = outputCount
    let sample = step * rows + row
    let (z, gate) = (joined.layer.output(step, rows) + row * 4 * n, gates.pointer + sample * 4 * n)
    let (kept, theta) = (memories.pointer + sample * n, outputs.pointer + sample * n)
    let state = states.pointer + sample * stateSize
    for m in 0..<n {
      gate[m] = sigmoid(z[m])
      gate[n + m] = sigmoid(z[n + m] + 1)
      gate[2 * n + m] = sigmoid(z[2 * n + m])
      gate[3 * n + m] = tanh(z[3 * n + m])
      kept[m] = memory[m]
      let c = gate[n + m] * memory[m] + gate[m] * gate[3 * n + m]
      theta[m] = gate[2 * n + m] * tanh(c)
      (state[m], state[n + m]) = (theta[m], c)
    }
  }

  func backward(
    _ step: Int, outputGradient: UnsafePointer<Float>, stateGradient: UnsafeMutablePointer<Float>,
    encodedGradient: UnsafeMutablePointer<Float>, _ parameters: Parameters
  ) throws(TensorError) {
    let n = outputCount
    for row in 0..<rows {
      retreat(step, row, outputGradient: outputGradient + row * n, stateGradient: stateGradient + row * stateSize)
    }
    try joined.backward(
      step, stateGradient: stateGradient, stateSize: stateSize, encodedGradient: encodedGradient, parameters)
  }

  /// Fills dL/dz of a row, and leaves dL/dc of the step before in the second half of `stateGradient`.
  private func retreat(
    _ step: Int, _ row: Int, outputGradient: UnsafePointer<Float>, stateGradient: UnsafeMutablePointer<Float>
  ) {
    let n = outputCount
    let sample = step * rows + row
    let (gate, memory) = (gates.pointer + sample * 4 * n, memories.pointer + sample * n)
    let (state, z) = (states.pointer + sample * stateSize, joined.layer.gradient(step, rows) + row * 4 * n)
    for m in 0..<n {
      let (i, f, o, g) = (gate[m], gate[n + m], gate[2 * n + m], gate[3 * n + m])
      let theta = outputGradient[m] + stateGradient[m]
      let squashed = tanh(state[n + m])
      let c = stateGradient[n + m] + theta * o * (1 - squashed * squashed)
      z[m] = c * g * i * (1 - i)
      z[n + m] = c * memory[m] * f * (1 - f)
      z[2 * n + m] = theta * squashed * o * (1 - o)
      z[3 * n + m] = c * i * (1 - g * g)
      stateGradient[n + m] = c * f
    }
  }

  func finishGradients(_ parameters: Parameters) throws(TensorError) { try joined.finishGradients(parameters) }
}
