/// What fitting a shape predictor to footage reached. Losses are next-step cross entropies per counted cell over the
/// held-out windows.
package struct FittingOutcome: Codable, Sendable, Equatable {
  /// Loss with the start's weights.
  package var heldOutBefore: Double
  /// Loss with the weights kept; never above `heldOutBefore`.
  package var heldOutAfter: Double
  /// Loss of the templates without a network.
  package var heldOutParametric: Double
  /// Windows trained on.
  package var windowsTraining: Int
  /// Windows that the losses are of.
  package var windowsHeldOut: Int
  /// Updates made.
  package var updates = 0
  /// The update whose weights are kept, 0 for the start's.
  package var bestUpdate = 0

  enum CodingKeys: String, CodingKey {
    case updates
    case heldOutBefore = "held_out_before"
    case heldOutAfter = "held_out_after"
    case heldOutParametric = "held_out_parametric"
    case windowsTraining = "windows_training"
    case windowsHeldOut = "windows_held_out"
    case bestUpdate = "best_update"
  }
}

/// The same with where it started, as the model file keeps it.
package struct FittingRecord: Codable, Sendable, Equatable {
  /// Name of the model whose weights were the start.
  package var start: String
  /// SHA-256 of that model's file.
  package var startSHA256: String
  /// What was reached.
  package var outcome: FittingOutcome

  enum CodingKeys: String, CodingKey {
    case start, outcome
    case startSHA256 = "start_sha256"
  }
}
