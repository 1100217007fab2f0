/// Pairs rows with columns of a cost matrix so that the pairs' costs have the least sum.
public enum Assignment {
  /// The column of each row, nil for rows left over where there are more rows than columns; each column serves one row.
  ///
  /// Shortest augmenting paths over reduced costs (Kuhn 1955; Jonker & Volgenant 1987), rows² · columns steps for rows ≤
  /// columns. Equal matrices give equal pairs, also where several have the least sum.
  /// - Parameter costs: `rows · columns` finite values, row by row.
  public static func minimumCost(_ costs: [Double], rows: Int, columns: Int) -> [Int?] {
    precondition(costs.count == rows * columns, "the costs do not fill the matrix")
    precondition(costs.allSatisfy(\.isFinite), "costs are finite")
    if rows <= columns {
      return assign(rows: rows, columns: columns) { costs[$0 * columns + $1] }
    }
    var columnOf = [Int?](repeating: nil, count: rows)
    let rowOf = assign(rows: columns, columns: rows) { costs[$1 * columns + $0] }
    for case (let column, let row?) in rowOf.enumerated() { columnOf[row] = column }
    return columnOf
  }

  /// As `minimumCost`, for at most as many rows as columns: every row gets a column.
  private static func assign(rows: Int, columns: Int, cost: (Int, Int) -> Double) -> [Int?] {
    var rowPotential = [Double](repeating: 0, count: rows)
    // One column more than there are: the one from which the search for the new row's column starts.
    var columnPotential = [Double](repeating: 0, count: columns + 1)
    var rowOf = [Int?](repeating: nil, count: columns + 1)
    for newRow in 0..<rows {
      var distance = [Double](repeating: .infinity, count: columns)
      var previous = [Int](repeating: columns, count: columns)
      var reached: [Int] = []
      var isReached = [Bool](repeating: false, count: columns)
      var column = columns
      rowOf[column] = newRow
      while let row = rowOf[column] {
        var nearest = -1
        for next in 0..<columns where !isReached[next] {
          let reduced = cost(row, next) - rowPotential[row] - columnPotential[next]
          if reduced < distance[next] { (distance[next], previous[next]) = (reduced, column) }
          if nearest < 0 || distance[next] < distance[nearest] { nearest = next }
        }
        let step = distance[nearest]
        for visited in [columns] + reached {
          rowPotential[rowOf[visited]!] += step
          columnPotential[visited] -= step
        }
        for next in 0..<columns where !isReached[next] { distance[next] -= step }
        isReached[nearest] = true
        reached.append(nearest)
        column = nearest
      }
      while column != columns {
        rowOf[column] = rowOf[previous[column]]
        column = previous[column]
      }
    }
    var columnOf = [Int?](repeating: nil, count: rows)
    for column in 0..<columns { if let row = rowOf[column] { columnOf[row] = column } }
    return columnOf
  }
}
