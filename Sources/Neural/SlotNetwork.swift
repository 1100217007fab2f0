import Kernels

/// A network with shared weights that carries a state θ per slot: it sees δ_k, changes θ_k and predicts ψ_k.
///
/// The streaming tracker reserves one step; the trainer reserves as many as it unrolls, and walks them back, last step
/// first. One thread at a time.
public protocol SlotNetwork: AnyObject {
  /// All weights.
  var parameters: Parameters { get }
  /// Floats of the carried state of a row: θ, and whatever else the cell carries.
  var stateSize: Int { get }
  /// Floats in one row's input.
  var inputCount: Int { get }
  /// Shape of one row's output.
  var outputShape: [Int] { get }

  /// Sets the size of the next unroll to rows = clips · `slots`; contents of earlier steps are lost. Memory is taken only
  /// when an unroll is larger than any before.
  func reserve(steps: Int, batch rows: Int, slots: Int, training: Bool)
  /// Call after changing parameters.
  func weightsDidChange()

  /// The input of a step, [rows, h·w·c], to be filled before `forward`.
  func input(_ step: Int) -> UnsafeMutablePointer<Float>
  /// The state before step 0, [rows, stateSize].
  var initialState: UnsafeMutablePointer<Float> { get }
  /// The state after a step, [rows, stateSize].
  func state(after step: Int) -> UnsafeMutablePointer<Float>
  /// The output of a step, [rows, h·w·c].
  func output(_ step: Int) -> UnsafeMutablePointer<Float>
  /// Runs one step from its input and the state before it.
  func forward(_ step: Int) throws(TensorError)

  /// Starts a backward pass over steps, last first: forgets gradients.
  func beginBackward()
  /// dL/doutput of a step, to be filled before `backward`.
  func outputGradient(_ step: Int) -> UnsafeMutablePointer<Float>
  /// dL/dinput of the step that `backward` was last called for, [rows, h·w·c].
  var inputGradient: UnsafeMutablePointer<Float> { get }
  /// Propagates a step's output gradient, and what later steps sent back through the state, to its input and state.
  func backward(_ step: Int) throws(TensorError)
  /// Fills the weights' gradients once every step has gone through `backward`.
  func finishBackward() throws(TensorError)
}

extension NetworkDescription {
  /// The network that this describes, with freshly drawn weights. Throws `TensorError` when oneDNN cannot be set up.
  public func makeNetwork(seed: UInt64) throws -> any SlotNetwork {
    if cell.kind == .gradient { return try GradientNetwork(self, seed: seed) }
    if let placement { return try PlacedNetwork(self, placement, seed: seed) }
    return try RecurrentNetwork(self, seed: seed)
  }
}
