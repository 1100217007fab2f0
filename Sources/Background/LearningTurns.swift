import CKernels

/// Which rows of a frame the mixtures learn from.
///
/// Once the learning rate is small, neighbouring frames say nearly the same: rows take turns, and learn from every eighth
/// frame at eight times the rate. All rows of all frames are compared with what was learned.
struct LearningTurns {
  /// Rows that take turns.
  static let count = 8
  /// The largest rate at which rows learn in turn.
  private static let largestRate: Float = 0.02

  /// The settings of a frame that rows learn from.
  let step: nem_gmm_step
  private let count: Int

  /// For a frame's settings, whose rate is that of learning from every frame.
  init(_ step: nem_gmm_step) {
    let rate = step.rate * Float(Self.count)
    count = rate <= Self.largestRate ? Self.count : 1
    var step = step
    if count > 1 { (step.rate, step.prune) = (rate, step.prune * Float(Self.count)) }
    self.step = step
  }

  /// Whether it is the row's turn.
  func learns(row: Int, frame: Int) -> Bool { (row + frame) % count == 0 }

  /// Whether the frame is one of those from which even standing objects are learned.
  func isLeak(frame: Int) -> Bool { Self.isLeak(frame: frame, turns: count) }

  /// The same where so many rows take turns; every row has its turn in these frames.
  static func isLeak(frame: Int, turns: Int = count) -> Bool { frame % (StandingGuard.leak * turns) < turns }
}
