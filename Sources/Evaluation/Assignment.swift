/// One-to-one assignments with the largest sum, by the Hungarian method with shortest augmenting paths (Kuhn 1955;
/// Jonker & Volgenant 1987), in rows² · columns steps or fewer.
public enum Assignment {
  /// The column of each row.
  ///
  /// - Parameter scores: `rows · columns` finite values, row by row.
  /// - Returns: one column per row, no column twice; nil only for the rows that are too many.
  public static func best(_ scores: [Double], rows: Int, columns: Int) -> [Int?] {
    precondition(scores.count == rows * columns, "one score for each row and column")
    if rows <= columns {
      var solver = AssignmentSolver(rows: rows, columns: columns) { -scores[$0 * columns + $1] }
      return solver.solve()
    }
    var solver = AssignmentSolver(rows: columns, columns: rows) { -scores[$1 * columns + $0] }
    var assigned = [Int?](repeating: nil, count: rows)
    for (column, row) in solver.solve().enumerated() { assigned[row] = column }
    return assigned
  }
}

/// Assigns row after row; each new row may push earlier ones to other columns along the cheapest path. Column 0 and row
/// 0 stand for "none", so that real ones count from 1.
private struct AssignmentSolver {
  private let rows: Int
  private let columns: Int
  private let cost: (_ row: Int, _ column: Int) -> Double
  private var rowPrices: [Double]
  private var columnPrices: [Double]
  private var rowOfColumn: [Int]

  init(rows: Int, columns: Int, cost: @escaping (_ row: Int, _ column: Int) -> Double) {
    (self.rows, self.columns, self.cost) = (rows, columns, cost)
    rowPrices = Array(repeating: 0, count: rows + 1)
    columnPrices = Array(repeating: 0, count: columns + 1)
    rowOfColumn = Array(repeating: 0, count: columns + 1)
  }

  mutating func solve() -> [Int] {
    for row in 0..<rows { insert(row + 1) }
    var assigned = Array(repeating: 0, count: rows)
    for column in 0..<columns where rowOfColumn[column + 1] > 0 { assigned[rowOfColumn[column + 1] - 1] = column }
    return assigned
  }

  private mutating func insert(_ row: Int) {
    rowOfColumn[0] = row
    var distances = Array(repeating: Double.infinity, count: columns + 1)
    var previous = Array(repeating: 0, count: columns + 1)
    var visited = Array(repeating: false, count: columns + 1)
    var column = 0
    repeat {
      visited[column] = true
      let (from, at) = (rowOfColumn[column], column)
      var step = Double.infinity
      for next in 1...columns where !visited[next] {
        let distance = cost(from - 1, next - 1) - rowPrices[from] - columnPrices[next]
        if distance < distances[next] { (distances[next], previous[next]) = (distance, at) }
        if distances[next] < step { (step, column) = (distances[next], next) }
      }
      for other in 0...columns {
        if visited[other] {
          rowPrices[rowOfColumn[other]] += step
          columnPrices[other] -= step
        } else {
          distances[other] -= step
        }
      }
    } while rowOfColumn[column] != 0
    while column != 0 {
      rowOfColumn[column] = rowOfColumn[previous[column]]
      column = previous[column]
    }
  }
}
