import Kernels

/// CLEAR MOT on masks (Bernardin & Stiefelhagen 2008), counted as TrackEval does: in each frame the pairs of the frame
/// before go on as long as their IoU allows it, and the other objects are matched so that the sum of IoUs is largest.
public struct ClearScore: Sendable, Equatable {
  /// True objects found, counted in each frame.
  public private(set) var truePositives = 0
  /// Found objects without a true one.
  public private(set) var falsePositives = 0
  /// True objects not found.
  public private(set) var falseNegatives = 0
  /// How often a true object is found under another id than the last time.
  public private(set) var idSwitches = 0
  private var iouSum = 0.0

  /// The score of a sequence.
  public init(_ comparison: TrackComparison) {
    var lastSeen = [Int?](repeating: nil, count: comparison.truthCount)
    var previous = lastSeen
    for frame in comparison.frames {
      let matches = ClearScore.match(frame, previous)
      truePositives += matches.count
      falsePositives += frame.result.count - matches.count
      falseNegatives += frame.truth.count - matches.count
      // As in TrackEval, a frame without true or without found objects does not end the pairs.
      if frame.iou.isEmpty { continue }
      previous = Array(repeating: nil, count: comparison.truthCount)
      for match in matches {
        if let last = lastSeen[match.truth], last != match.result { idSwitches += 1 }
        lastSeen[match.truth] = match.result
        previous[match.truth] = match.result
        iouSum += match.iou
      }
    }
  }

  /// Multiple object tracking accuracy: 1 − (missed + false + switches) / true objects; may be negative.
  public var mota: Double {
    Double(truePositives - falsePositives - idSwitches) / Double(max(1, truePositives + falseNegatives))
  }
  /// Multiple object tracking precision: the mean IoU of the matches; 0 without any.
  public var motp: Double { iouSum / Double(max(1, truePositives)) }

  private static func match(
    _ frame: TrackComparison.Frame, _ previous: [Int?]
  ) -> [(truth: Int, result: Int, iou: Double)] {
    let columns = frame.result.count
    var scores = frame.iou
    for (row, truth) in frame.truth.enumerated() {
      for (column, result) in frame.result.enumerated() {
        let index = row * columns + column
        let isAllowed = frame.iou[index] >= TrackComparison.threshold - .ulpOfOne
        // 1000 outweighs any number of IoUs.
        scores[index] = isAllowed ? frame.iou[index] + (previous[truth] == result ? 1000 : 0) : 0
      }
    }
    let columnOfRow = Assignment.minimumCost(scores.map { -$0 }, rows: frame.truth.count, columns: columns)
    return columnOfRow.enumerated().compactMap { row, column in
      guard let column, scores[row * columns + column] > 0 else { return nil }
      return (frame.truth[row], frame.result[column], frame.iou[row * columns + column])
    }
  }
}
