import CKernels
import Kernels
import Neural

extension NetworkDescription {
  /// The tracker's shape predictor r_φ: three planes of a slot's 24×24 window in, one plane of logits out.
  public static let shapePredictor = NetworkDescription(
    input: [24, 24, 3],
    encoder: [
      .convolution(8, activation: .elu), .convolution(16, activation: .elu), .linear(48, activation: .elu),
    ],
    cell: .linear(48, activation: .tanh),
    decoder: [
      .linear(6, 6, 16, activation: .relu), .upsampling(8, activation: .relu),
      .upsampling(1, activation: .identity, normalized: false),
    ])
}

/// A recurrent network as the tracker's shape predictor.
public final class ShapeNetwork: ShapePredictor {
  private let network: any SlotNetwork

  /// Side of the window in samples.
  public let window: Int
  /// Size of θ's recurrent part h.
  public var stateSize: Int { network.stateSize }

  /// Takes the network of an object-centred model. Throws `ModelError` when its windows do not fit the tracker's.
  public init(_ model: Model) throws {
    let input = model.description.network.input
    window = input[0]
    network = model.network
    guard model.description.kind == .objectCentred, input == [window, window, 3],
      network.inputCount == input.reduce(1, *), network.outputShape == [window, window, 1], window <= NEM_MAX_SIDE
    else {
      let seen = model.description.network.seen
      throw ModelError.invalid("not a shape predictor: it maps \(seen) to \(network.outputShape)")
    }
  }

  /// Advances `n` slots by one frame; see `ShapePredictor`.
  public func step(
    slots n: Int, inputs: UnsafePointer<Float>, states: UnsafeMutablePointer<Float>,
    residuals: UnsafeMutablePointer<Float>
  ) {
    guard n > 0 else { return }
    // Primitives are compiled for each batch size: few sizes, few compilations.
    let batch = (n + 3) / 4 * 4
    network.reserve(steps: 1, batch: batch, slots: 1, training: false)
    let (inputCount, outputCount) = (network.inputCount, window * window)
    network.input(0).update(from: inputs, count: n * inputCount)
    (network.input(0) + n * inputCount).update(repeating: 0, count: (batch - n) * inputCount)
    network.initialState.update(from: states, count: n * stateSize)
    (network.initialState + n * stateSize).update(repeating: 0, count: (batch - n) * stateSize)
    do {
      try network.forward(0)
    } catch {
      preconditionFailure("\(error)")
    }
    states.update(from: network.state(after: 0), count: n * stateSize)
    residuals.update(from: network.output(0), count: n * outputCount)
  }
}
