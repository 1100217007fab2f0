import Dispatch
import Kernels

/// What this machine's oneDNN reaches on a large matrix product: the measure that a training step is held against.
public enum TensorPeak {
  private static let side = 2048

  /// Multiply-adds per second of `threads` threads that each multiply 2048² matrices, best of three rounds.
  /// Throws `TensorError` when oneDNN cannot be set up.
  public static func multiplyAddsPerSecond(threads: Int) throws -> Double {
    let places = try (0..<threads).map { _ in try Place() }
    let clock = ContinuousClock()
    let best = (0..<3).map { _ in
      clock.measure { DispatchQueue.concurrentPerform(iterations: threads) { places[$0].multiply() } }
    }.min()!
    return Double(threads) * Double(side * side * side) / (best / .seconds(1))
  }

  /// One thread's operands; used by one thread at a time.
  private final class Place: @unchecked Sendable {
    private let operation: WeightedOperation
    private let source = FloatBuffer(count: side * side)
    private let weights = FloatBuffer(count: side * side)
    private let bias = FloatBuffer(count: side)
    private let target = FloatBuffer(count: side * side)

    init() throws {
      operation = WeightedOperation(try TensorContext(), .inner(inputs: side, outputs: side))
      setTensorThreads(1)
      multiply()
    }

    func multiply() {
      setTensorThreads(1)
      do {
        try operation.forward(
          source.pointer, weights: weights.pointer, bias: bias.pointer, into: target.pointer, batch: side)
      } catch {
        preconditionFailure("\(error)")
      }
    }
  }
}

extension NetworkDescription {
  /// Multiply-adds of one row's forward pass through encoders, a linear cell or LSTM and decoder, an upsampling layer
  /// counted as the four 3×3 phases that are computed; placing windows is left out.
  public var multiplyAdds: Int {
    var (total, shape) = (0, seen)
    func add(_ layer: LayerDescription) {
      guard let output = layer.output(of: shape) else { return }
      switch layer.kind {
      case .linear: total += layer.weights(for: shape)
      case .convolution: total += output[0] * output[1] * layer.weights(for: shape)
      case .upsampling: total += shape.reduce(1, *) * 4 * layer.outputs[0] * 9
      }
      shape = output
    }
    encoder.forEach(add)
    var encoded = shape.reduce(1, *)
    let geometry = placement.map { PlacementGeometry($0, input: input, seen: seen) }
    if let placement, let geometry {
      shape = geometry.view
      placement.encoder.forEach(add)
      encoded += shape.reduce(1, *) + geometry.beliefCount
    }
    let gates =
      switch cell.kind {
      case .none: 0
      case .lstm: 4
      case .linear, .relational, .gradient: 1
      }
    total += (encoded + cell.outputs[0]) * cell.outputs[0] * gates
    shape = cell.outputs
    decoder.forEach(add)
    return total + (geometry.map { shape.reduce(1, *) * $0.headCount } ?? 0)
  }
}
