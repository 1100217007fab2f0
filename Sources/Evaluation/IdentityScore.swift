import Kernels

/// Identity scores on masks (Ristani et al. 2016): true and found objects are paired once for the whole sequence, one to
/// one, so that the pairs match (IoU ≥ 0.5) in as many frames as possible.
public struct IdentityScore: Sendable, Equatable {
  /// True objects found under the id of their pair, counted in each frame.
  public let truePositives: Int
  /// Found objects that are not.
  public let falsePositives: Int
  /// True objects that are not.
  public let falseNegatives: Int

  /// The score of a sequence.
  public init(_ comparison: TrackComparison) {
    let (rows, columns) = (comparison.truthCount, comparison.resultCount)
    let matched = comparison.matchedFrames()
    let columnOfRow = Assignment.minimumCost(matched.map { -Double($0) }, rows: rows, columns: columns)
    let found = columnOfRow.enumerated().reduce(0) { sum, pair in
      sum + (pair.element.map { matched[pair.offset * columns + $0] } ?? 0)
    }
    truePositives = found
    falsePositives = comparison.resultTotal - found
    falseNegatives = comparison.truthTotal - found
  }

  /// Harmonic mean of precision and recall, 0…1.
  public var f1: Double {
    2 * Double(truePositives) / Double(max(1, 2 * truePositives + falsePositives + falseNegatives))
  }
  /// Share of the found objects that have the right id, 0…1.
  public var precision: Double { Double(truePositives) / Double(max(1, truePositives + falsePositives)) }
  /// Share of the true objects that are found under the right id, 0…1.
  public var recall: Double { Double(truePositives) / Double(max(1, truePositives + falseNegatives)) }
}

/// Identity scores for truths whose ids begin anew when objects meet or part ("tracklets"): each true tracklet takes the
/// found object that matches it in most frames, and one found object may serve several tracklets.
public struct TrackletScore: Sendable, Equatable {
  /// As IDF1, with that assignment, 0…1.
  public let f1: Double
  /// Share of a tracklet's frames in which its found object matches it, averaged over the tracklets, 0…1.
  public let persistence: Double

  /// The score of a sequence.
  public init(_ comparison: TrackComparison) {
    let matched = comparison.matchedFrames()
    let best = comparison.truthFrames.indices.map { row in
      (0..<comparison.resultCount).map { matched[row * comparison.resultCount + $0] }.max() ?? 0
    }
    let total = comparison.truthTotal + comparison.resultTotal
    f1 = 2 * Double(best.reduce(0, +)) / Double(max(1, total))
    let shares = zip(best, comparison.truthFrames).map { Double($0) / Double($1) }
    persistence = shares.reduce(0, +) / Double(max(1, shares.count))
  }
}
