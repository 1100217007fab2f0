import Kernels
import Testing

@Suite struct AssignmentTests {
  private func sum(_ costs: [Double], columns: Int, _ columnOf: [Int?]) -> Double {
    columnOf.enumerated().reduce(0) { total, pair in
      total + (pair.element.map { costs[pair.offset * columns + $0] } ?? 0)
    }
  }

  /// The least sum over all ways to pair the rows from `row` on with columns that are free; as many pairs as possible.
  private func least(_ costs: [Double], rows: Int, columns: Int, row: Int = 0, used: Set<Int> = []) -> Double {
    guard row < rows else { return 0 }
    var best = Double.infinity
    for column in 0..<columns where !used.contains(column) {
      let rest = least(costs, rows: rows, columns: columns, row: row + 1, used: used.union([column]))
      best = min(best, costs[row * columns + column] + rest)
    }
    if rows - row > columns - used.count {
      best = min(best, least(costs, rows: rows, columns: columns, row: row + 1, used: used))
    }
    return best
  }

  @Test func aHandWorkedMatrix() {
    // The six sums are 14, 14, 13, 12, 16 and 15; row by row the cheapest would be 1 + 4 + 9.
    let costs: [Double] = [1, 2, 8, 2, 4, 7, 3, 6, 9]
    #expect(Assignment.minimumCost(costs, rows: 3, columns: 3) == [1, 2, 0])
    #expect(Assignment.minimumCost([4, 1, 3, 2, 0, 5, 3, 2, 2], rows: 3, columns: 3) == [1, 0, 2])
  }

  @Test func emptyAndRectangularMatrices() {
    #expect(Assignment.minimumCost([], rows: 0, columns: 3) == [])
    #expect(Assignment.minimumCost([], rows: 2, columns: 0) == [nil, nil])
    #expect(Assignment.minimumCost([5, 1, 3], rows: 1, columns: 3) == [1])
    #expect(Assignment.minimumCost([5, 1, 3], rows: 3, columns: 1) == [nil, 0, nil])
  }

  @Test func theSumIsTheLeastOfAllPairings() {
    var random = RandomSource(seed: 3)
    for _ in 0..<400 {
      let (rows, columns) = (1 + random.integer(below: 5), 1 + random.integer(below: 5))
      // Few different values, so that ties are common; some are negative.
      let costs = (0..<rows * columns).map { _ in Double(random.integer(below: 9) - 3) }
      let columnOf = Assignment.minimumCost(costs, rows: rows, columns: columns)
      let used = columnOf.compactMap { $0 }
      #expect(used.count == min(rows, columns) && Set(used).count == used.count)
      #expect(sum(costs, columns: columns, columnOf) == least(costs, rows: rows, columns: columns))
    }
  }
}
