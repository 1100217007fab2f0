/// The recurrent part of a network over unrolled steps. Rows are [clip, slot].
protocol Cell: AnyObject {
  /// Floats of the carried state of a row.
  var stateSize: Int { get }
  /// Floats of θ, which the decoder sees, of a row.
  var outputCount: Int { get }

  func reserve(_ size: UnrollSize, training: Bool)
  func weightsDidChange(_ parameters: Parameters)
  /// θ after a step, [rows, outputCount].
  func output(_ step: Int) -> UnsafeMutablePointer<Float>
  /// The carried state after a step, [rows, stateSize].
  func state(_ step: Int) -> UnsafeMutablePointer<Float>

  /// Computes the state after a step from the encoder's output and the state before.
  func forward(
    _ step: Int, encoded: UnsafePointer<Float>, before: UnsafePointer<Float>, _ parameters: Parameters
  ) throws(TensorError)

  /// - Parameters:
  ///   - outputGradient: dL/dθ from the decoder.
  ///   - stateGradient: dL/dstate from the later steps; receives that of the state before.
  ///   - encodedGradient: receives dL/d(encoder's output).
  func backward(
    _ step: Int, outputGradient: UnsafePointer<Float>, stateGradient: UnsafeMutablePointer<Float>,
    encodedGradient: UnsafeMutablePointer<Float>, _ parameters: Parameters) throws(TensorError)

  /// Fills the weights' gradients from all steps.
  func finishGradients(_ parameters: Parameters) throws(TensorError)
}

/// Sizes of an unroll.
struct UnrollSize: Equatable {
  var steps: Int
  /// clips · slots
  var rows: Int
  var slots: Int

  /// Rows of all steps.
  var samples: Int { steps * rows }
}

extension CellDescription {
  /// The cell over rows of `encodedCount` values.
  func makeCell(encodedCount: Int, layout: inout ParameterLayout, context: TensorContext) -> any Cell {
    switch kind {
    case .linear: LinearCell(self, encodedCount: encodedCount, layout: &layout, context: context)
    case .lstm: LSTMCell(self, encodedCount: encodedCount, layout: &layout, context: context)
    case .relational: RelationalCell(self, encodedCount: encodedCount, layout: &layout, context: context)
    case .none: PassingCell(outputCount: encodedCount)
    case .gradient: preconditionFailure("a gradient cell belongs to GradientNetwork")
    }
  }
}
