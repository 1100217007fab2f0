import CKernels

/// Rows that learn from every `count`th frame, one after the other.
struct RowTurns {
  /// Neighbouring frames say nearly the same to what learns slowly.
  static let inTurn = RowTurns(count: 8)

  let count: Int

  /// Whether it is the row's turn.
  func learns(row: Int, frame: Int) -> Bool { (row + frame) % count == 0 }

  /// Whether the frame is one of those from which even standing objects are learned; every row has its turn in them.
  func isLeak(frame: Int) -> Bool { frame % (StandingGuard.leak * count) < count }
}

/// Which rows of a frame the mixtures learn from.
///
/// As the learning rate falls, rows take turns: in the end they learn from every eighth frame at eight times the rate. All
/// rows of all frames are compared with what was learned.
struct LearningTurns {
  /// The largest rate at which rows learn in turn.
  private static let largestRate: Float = 0.02

  /// The settings of a frame that rows learn from.
  let step: nem_gmm_step
  let rows: RowTurns

  /// For a frame's settings, whose rate is that of learning from every frame.
  init(_ step: nem_gmm_step) {
    var (step, count) = (step, 1)
    while count < RowTurns.inTurn.count && 2 * step.rate <= Self.largestRate {
      (step.rate, step.prune, count) = (2 * step.rate, 2 * step.prune, 2 * count)
    }
    (self.step, rows) = (step, RowTurns(count: count))
  }
}
