/// How often each pair of labels meets in two labellings of the same pixels.
///
/// Labels are names only: they are numbered in order of first appearance, so any Int32 values may be used.
struct ContingencyTable {
  /// Counts, `rowSums.count` rows (first labelling) by `columnSums.count` columns (second labelling).
  private(set) var counts: [Int]
  /// Pixels of each label of the first labelling.
  private(set) var rowSums: [Int]
  /// Pixels of each label of the second labelling.
  private(set) var columnSums: [Int]
  /// Number of pixels.
  let total: Int

  /// Counts the pairs; both labellings must have the same number of pixels.
  init(_ rows: [Int32], _ columns: [Int32]) {
    precondition(rows.count == columns.count, "the two labellings must have the same number of pixels")
    total = rows.count
    let (rowIndices, rowCount) = ContingencyTable.numbered(rows)
    let (columnIndices, columnCount) = ContingencyTable.numbered(columns)
    counts = Array(repeating: 0, count: rowCount * columnCount)
    rowSums = Array(repeating: 0, count: rowCount)
    columnSums = Array(repeating: 0, count: columnCount)
    for i in 0..<total {
      counts[rowIndices[i] * columnCount + columnIndices[i]] += 1
    }
    for row in 0..<rowCount {
      for column in 0..<columnCount {
        rowSums[row] += counts[row * columnCount + column]
        columnSums[column] += counts[row * columnCount + column]
      }
    }
  }

  /// Replaces labels by 0, 1, … in order of first appearance.
  private static func numbered(_ labels: [Int32]) -> (indices: [Int], count: Int) {
    var known: [Int32: Int] = [:]
    var previous: (label: Int32, index: Int)?
    let indices = labels.map { label in
      // Neighbouring pixels mostly share their label: this saves most look-ups.
      if let previous, previous.label == label { return previous.index }
      let index = known[label] ?? known.count
      known[label] = index
      previous = (label, index)
      return index
    }
    return (indices, known.count)
  }
}

/// The labels of the pixels where `mask` is true.
func selected(_ labels: [Int32], where mask: [Bool]) -> [Int32] {
  precondition(labels.count == mask.count, "the mask must have one value per pixel")
  return labels.indices.compactMap { mask[$0] ? labels[$0] : nil }
}
