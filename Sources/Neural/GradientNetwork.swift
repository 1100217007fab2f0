import CKernels
import Kernels

/// N-EM: the M-step is one gradient step on the expected log-likelihood of ψ_k = σ(W σ(θ_k)),
/// θ_k ← θ_k + η σ′(θ_k) ⊙ Wᵀ δ_k with δ_k = γ_k ⊙ (x − ψ_k); W and η are learned (Greff et al. 2017, eq. 6).
public final class GradientNetwork: SlotNetwork {
  /// W and η.
  public let parameters: Parameters
  /// Size M of θ.
  public let stateSize: Int
  /// Shape of ψ_k.
  public let outputShape: [Int]
  /// Floats in δ_k and in ψ_k.
  public let inputCount: Int
  private let operation: WeightedOperation
  private let weights: ParameterEntry
  private let stepSize: ParameterEntry
  private var size = UnrollSize(steps: 0, rows: 0, slots: 1)
  private var capacity = 0
  private var isTraining = false
  private var tape = Tape()

  /// δ, θ, σ(θ), u = Wᵀδ and ψ of every step, and dL/du and dL/d(Wσ(θ)); σ(θ) also before the first.
  private struct Tape {
    var inputs = FloatBuffer(count: 0)
    var first = FloatBuffer(count: 0)
    var states = FloatBuffer(count: 0)
    var squashed = FloatBuffer(count: 0)
    var directions = FloatBuffer(count: 0)
    var outputs = FloatBuffer(count: 0)
    var directionGradients = FloatBuffer(count: 0)
    var outputGradients = FloatBuffer(count: 0)
    var inputGradient = FloatBuffer(count: 0)
    var stateGradient = FloatBuffer(count: 0)
    var squashedGradient = FloatBuffer(count: 0)
    var zeros = FloatBuffer(count: 0)
    var weightGradient = FloatBuffer(count: 0)
    var biasGradient = FloatBuffer(count: 0)
  }

  /// Builds the network with freshly drawn weights and η = 1. Throws `TensorError` when oneDNN cannot be set up.
  public init(_ description: NetworkDescription, seed: UInt64) throws {
    stateSize = description.cell.outputs[0]
    outputShape = description.input
    inputCount = outputShape.reduce(1, *)
    var layout = ParameterLayout()
    let shape = WeightedShape.inner(inputs: stateSize, outputs: inputCount)
    operation = WeightedOperation(try TensorContext(), shape)
    weights = layout.declare("decoder.0.weight", shape.weightDimensions, shape.glorot)
    stepSize = layout.declare("cell.step", [1], .constant(1))
    parameters = Parameters(layout)
    parameters.initialize(seed: seed)
    tape.weightGradient = FloatBuffer(count: weights.count)
    tape.zeros = FloatBuffer(count: inputCount)
    tape.biasGradient = FloatBuffer(count: inputCount)
  }

  /// Sets the size of the next unroll.
  public func reserve(steps: Int, batch rows: Int, slots: Int, training: Bool) {
    size = UnrollSize(steps: steps, rows: rows, slots: slots)
    guard size.samples > capacity || training && !isTraining else { return }
    (capacity, isTraining) = (size.samples, training)
    let (places, states, whenTraining) = (size.samples * inputCount, size.samples * stateSize, training ? 1 : 0)
    tape.inputs = FloatBuffer(count: places)
    tape.outputs = FloatBuffer(count: places)
    tape.first = FloatBuffer(count: states)
    tape.states = FloatBuffer(count: states)
    // One step more; a later unroll of equal size may have fewer steps and more rows.
    tape.squashed = FloatBuffer(count: 2 * states)
    tape.directions = FloatBuffer(count: states)
    tape.directionGradients = FloatBuffer(count: states * whenTraining)
    tape.outputGradients = FloatBuffer(count: places * whenTraining)
    tape.inputGradient = FloatBuffer(count: places * whenTraining)
    tape.stateGradient = FloatBuffer(count: states * whenTraining)
    tape.squashedGradient = FloatBuffer(count: states * whenTraining)
  }

  /// Call after changing parameters.
  public func weightsDidChange() { operation.weightsDidChange() }

  /// δ of a step.
  public func input(_ step: Int) -> UnsafeMutablePointer<Float> { tape.inputs.pointer + step * size.rows * inputCount }
  /// θ before step 0.
  public var initialState: UnsafeMutablePointer<Float> { tape.first.pointer }
  /// θ after a step.
  public func state(after step: Int) -> UnsafeMutablePointer<Float> { tape.states.pointer + place(step) }
  /// ψ predicted in a step.
  public func output(_ step: Int) -> UnsafeMutablePointer<Float> {
    tape.outputs.pointer + step * size.rows * inputCount
  }
  /// dL/dψ of a step.
  public func outputGradient(_ step: Int) -> UnsafeMutablePointer<Float> {
    tape.outputGradients.pointer + step * size.rows * inputCount
  }
  /// dL/dδ of the step that `backward` was last called for.
  public var inputGradient: UnsafeMutablePointer<Float> { tape.inputGradient.pointer }

  private func place(_ step: Int) -> Int { step * size.rows * stateSize }
  private func before(_ step: Int) -> UnsafeMutablePointer<Float> {
    step == 0 ? initialState : state(after: step - 1)
  }
  private var rate: Float { parameters.value(stepSize)[0] }

  /// One gradient step on θ, and ψ from the new θ.
  public func forward(_ step: Int) throws(TensorError) {
    let (u, theta) = (tape.directions.pointer + place(step), state(after: step))
    if step == 0 { squash(initialState, into: squashed(before: 0), stateSize) }
    try operation.backwardData(input(step), weights: parameters.value(weights), into: u, batch: size.rows)
    let (old, s) = (before(step), squashed(before: step))
    for index in 0..<size.rows * stateSize {
      theta[index] = old[index] + rate * s[index] * (1 - s[index]) * u[index]
    }
    let squashed = squashed(before: step + 1)
    squash(theta, into: squashed, stateSize)
    let psi = output(step)
    try operation.forward(
      squashed, weights: parameters.value(weights), bias: tape.zeros.pointer, into: psi, batch: size.rows)
    squash(psi, into: psi, inputCount)
  }

  /// Forgets gradients.
  public func beginBackward() {
    parameters.gradients.fill(0)
    tape.stateGradient.fill(0)
  }

  /// From dL/dψ and the later steps' dL/dθ to dL/dδ and the earlier θ.
  public func backward(_ step: Int) throws(TensorError) {
    let z = outputGradient(step)
    nem_activation_backward(z, output(step), size.rows, inputCount, Activation.sigmoid.code)
    let slope = tape.squashedGradient.pointer
    try operation.backwardData(z, weights: parameters.value(weights), into: slope, batch: size.rows)
    let (g, du) = (tape.stateGradient.pointer, tape.directionGradients.pointer + place(step))
    let u = tape.directions.pointer + place(step)
    let (before, after) = (squashed(before: step), squashed(before: step + 1))
    var rateGradient: Float = 0
    for index in 0..<size.rows * stateSize {
      let theta = g[index] + slope[index] * after[index] * (1 - after[index])
      let s = before[index]
      let bend = s * (1 - s)
      rateGradient += theta * bend * u[index]
      du[index] = theta * rate * bend
      g[index] = theta * (1 + rate * bend * (1 - 2 * s) * u[index])
    }
    parameters.gradient(stepSize)[0] += rateGradient
    try operation.forward(
      du, weights: parameters.value(weights), bias: tape.zeros.pointer, into: inputGradient, batch: size.rows)
  }

  /// dL/dW: W stands in the decoder and, transposed, in the M-step.
  public func finishBackward() throws(TensorError) {
    let target = parameters.gradient(weights)
    try operation.backwardWeights(
      squashed(before: 1), targetGradient: tape.outputGradients.pointer, into: tape.weightGradient.pointer,
      biasGradient: tape.biasGradient.pointer, batch: size.samples)
    try operation.backwardWeights(
      tape.directionGradients.pointer, targetGradient: tape.inputs.pointer, into: target,
      biasGradient: tape.biasGradient.pointer, batch: size.samples)
    for index in 0..<weights.count { target[index] += tape.weightGradient.pointer[index] }
  }

  /// σ(θ) before a step; one step's follows the other's.
  private func squashed(before step: Int) -> UnsafeMutablePointer<Float> { tape.squashed.pointer + place(step) }

  private func squash(_ z: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>, _ features: Int) {
    nem_activation_forward(z, target, size.rows, features, Activation.sigmoid.code)
  }
}
