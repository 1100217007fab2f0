import Foundation

/// Mutual information of two labellings, corrected for chance (Vinh, Epps & Bailey, JMLR 11, 2010):
/// AMI = (MI − E[MI]) / (norm(H(U), H(V)) − E[MI]), with the expectation over random labellings with the same sizes.
///
/// 1 means equal up to the names of the labels, 0 means no better than chance; it may be negative.
public enum AdjustedMutualInformation {
  /// What the mutual information is compared with.
  public enum Normalizer: Sendable {
    /// max(H(U), H(V)): the papers' choice.
    case max
    /// (H(U) + H(V)) / 2: scikit-learn's default.
    case arithmetic
  }

  /// The score of `labels` against `truth`, one label per pixel in both.
  ///
  /// Two empty labellings, or two with one cluster each, score 1; one cluster against several scores 0.
  public static func score(_ labels: [Int32], _ truth: [Int32], normalizer: Normalizer = .max) -> Double {
    let table = ContingencyTable(labels, truth)
    let (rows, columns) = (table.rowSums.count, table.columnSums.count)
    if rows <= 1 && columns <= 1 { return 1 }
    if rows == 1 || columns == 1 { return 0 }
    let expected = expectedMutualInformation(table)
    let (first, second) = (entropy(table.rowSums), entropy(table.columnSums))
    let norm = normalizer == .max ? Swift.max(first, second) : (first + second) / 2
    return awayFromZero(mutualInformation(table) - expected) / awayFromZero(norm - expected)
  }

  /// The score over the pixels where `mask` is true, for instance those that belong to exactly one object.
  public static func score(
    _ labels: [Int32], _ truth: [Int32], mask: [Bool], normalizer: Normalizer = .max
  ) -> Double {
    score(selected(labels, where: mask), selected(truth, where: mask), normalizer: normalizer)
  }

  /// Rounding may leave 0/0 for a perfect match: keep the sign and at least one unit of precision.
  private static func awayFromZero(_ value: Double) -> Double {
    value < 0 ? Swift.min(value, -Double.ulpOfOne) : Swift.max(value, .ulpOfOne)
  }

  private static func entropy(_ sizes: [Int]) -> Double {
    let total = Double(sizes.reduce(0, +))
    return sizes.reduce(0) { $0 - Double($1) / total * log(Double($1) / total) }
  }

  private static func mutualInformation(_ table: ContingencyTable) -> Double {
    let total = Double(table.total)
    var sum = 0.0
    for (i, a) in table.rowSums.enumerated() {
      for (j, b) in table.columnSums.enumerated() {
        let n = Double(table.counts[i * table.columnSums.count + j])
        if n > 0 { sum += n / total * log(total * n / (Double(a) * Double(b))) }
      }
    }
    return Swift.max(sum, 0)
  }

  /// The exact mean over the hypergeometric law of each cell (equation 24a of the paper), in logarithms of factorials.
  private static func expectedMutualInformation(_ table: ContingencyTable) -> Double {
    let n = table.total
    let logs = [0] + (1...n).map { log(Double($0)) }
    var factorial = logs  // log i!
    for i in 1...n { factorial[i] += factorial[i - 1] }
    var sum = 0.0
    for a in table.rowSums {
      for b in table.columnSums {
        let fixed = factorial[a] + factorial[b] + factorial[n - a] + factorial[n - b] - factorial[n]
        let (low, high) = (Swift.max(1, a + b - n), Swift.min(a, b))
        for c in low...high {
          let gain = logs[n] + logs[c] - logs[a] - logs[b]
          let free = factorial[c] + factorial[a - c] + factorial[b - c] + factorial[n - a - b + c]
          sum += Double(c) / Double(n) * gain * exp(fixed - free)
        }
      }
    }
    return sum
  }
}
