import Kernels

/// Higher order tracking accuracy on masks (Luiten et al. 2021), computed as TrackEval does and averaged over the IoU
/// thresholds 0.05, 0.10, …, 0.95.
public struct HOTAScore: Sendable, Equatable {
  /// √(detection · association) of each threshold, averaged, 0…1.
  public let hota: Double
  /// Detection accuracy TP / (TP + FN + FP), 0…1.
  public let detection: Double
  /// Association accuracy: the mean over the matches of how much of the two objects' frames is matched to each other.
  public let association: Double

  /// The score of a sequence.
  public init(_ comparison: TrackComparison) {
    let matches = HOTAScore.match(comparison)
    var sums = (hota: 0.0, detection: 0.0, association: 0.0)
    let thresholds = (1...19).map { Double($0) * 0.05 }
    for threshold in thresholds {
      let kept = matches.filter { $0.iou >= threshold - .ulpOfOne }
      // TP + FN + FP = all true + all found − TP
      let union = comparison.truthTotal + comparison.resultTotal - kept.count
      let detection = Double(kept.count) / Double(max(1, union))
      let association = HOTAScore.association(kept, comparison)
      sums.hota += (detection * association).squareRoot()
      sums.detection += detection
      sums.association += association
    }
    hota = sums.hota / Double(thresholds.count)
    detection = sums.detection / Double(thresholds.count)
    association = sums.association / Double(thresholds.count)
  }

  private typealias Match = (truth: Int, result: Int, iou: Double)

  /// The matches of all frames: those with the largest sum of IoU times the pair's alignment over the sequence.
  private static func match(_ comparison: TrackComparison) -> [Match] {
    let alignment = alignment(comparison)
    var matches: [Match] = []
    for frame in comparison.frames {
      let columns = frame.result.count
      var scores: [Double] = []
      frame.forEachPair { scores.append(alignment[$0 * comparison.resultCount + $1] * $2) }
      let columnOfRow = Assignment.minimumCost(scores.map { -$0 }, rows: frame.truth.count, columns: columns)
      for (row, column) in columnOfRow.enumerated() {
        guard let column else { continue }
        matches.append((frame.truth[row], frame.result[column], frame.iou[row * columns + column]))
      }
    }
    return matches
  }

  /// How well each true object goes with each found one over the sequence: a Jaccard index of soft matches.
  private static func alignment(_ comparison: TrackComparison) -> [Double] {
    let columns = comparison.resultCount
    var soft = Array(repeating: 0.0, count: comparison.truthCount * columns)
    for frame in comparison.frames {
      let width = frame.result.count
      let rowSums = frame.truth.indices.map { row in frame.iou[row * width..<(row + 1) * width].reduce(0, +) }
      let columnSums = frame.result.indices.map { column in
        frame.truth.indices.reduce(0) { $0 + frame.iou[$1 * width + column] }
      }
      for (row, truth) in frame.truth.enumerated() {
        for (column, result) in frame.result.enumerated() {
          let iou = frame.iou[row * width + column]
          if iou > 0 { soft[truth * columns + result] += iou / (rowSums[row] + columnSums[column] - iou) }
        }
      }
    }
    return soft.indices.map { index in
      let frames = comparison.truthFrames[index / columns] + comparison.resultFrames[index % columns]
      return soft[index] / (Double(frames) - soft[index])
    }
  }

  private static func association(_ matches: [Match], _ comparison: TrackComparison) -> Double {
    var counts = Array(repeating: 0, count: comparison.truthCount * comparison.resultCount)
    for match in matches { counts[match.truth * comparison.resultCount + match.result] += 1 }
    let sum = counts.indices.reduce(0.0) { sum, index in
      guard counts[index] > 0 else { return sum }
      let truth = comparison.truthFrames[index / comparison.resultCount]
      let result = comparison.resultFrames[index % comparison.resultCount]
      return sum + Double(counts[index] * counts[index]) / Double(truth + result - counts[index])
    }
    return sum / Double(max(1, matches.count))
  }
}
