/// Agreement of two labellings over pairs of pixels, corrected for chance (Hubert & Arabie 1985).
///
/// 1 means equal up to the names of the labels, 0 means no better than chance; it may be negative.
public enum AdjustedRandIndex {
  /// The score of `labels` against `truth`, one label per pixel in both. Empty labellings score 1.
  public static func score(_ labels: [Int32], _ truth: [Int32]) -> Double {
    let table = ContingencyTable(labels, truth)
    let together = squares(table.counts)
    let (first, second) = (squares(table.rowSums), squares(table.columnSums))
    // Ordered pairs of pixels: together in both, only in the first, only in the second, in neither.
    let both = together - table.total
    let (onlyFirst, onlySecond) = (first - together, second - together)
    if onlyFirst == 0 && onlySecond == 0 { return 1 }
    let neither = table.total * table.total - first - second + together
    let (tp, fp, fn, tn) = (Double(both), Double(onlyFirst), Double(onlySecond), Double(neither))
    return 2 * (tp * tn - fn * fp) / ((tp + fn) * (fn + tn) + (tp + fp) * (fp + tn))
  }

  /// The score over the pixels where `mask` is true, for instance those of the true foreground (FG-ARI).
  public static func score(_ labels: [Int32], _ truth: [Int32], mask: [Bool]) -> Double {
    score(selected(labels, where: mask), selected(truth, where: mask))
  }

  private static func squares(_ counts: [Int]) -> Int {
    counts.reduce(0) { $0 + $1 * $1 }
  }
}
