import CKernels
import Foundation
import Kernels
import Testing

/// The E-step's vector loops against their definitions, on every instruction set.
@Suite struct ExpectationKernelTests {
  /// A window of 37 × 9 cells that hangs over the left and the upper border of a picture.
  private let window = nem_window(first: 2 * 40 + 3, pitch: 40, cell: 0, width: 60, rows: 9, columns: 37)
  private let pictureCells = 60 * 12, windowCells = 40 * 11

  private func plane(_ count: Int, _ range: ClosedRange<Float>, seed: UInt64) -> [Float] {
    var random = RandomSource(seed: seed)
    return (0..<count).map { _ in Float.random(in: range, using: &random) }
  }

  /// Each cell's number in the window and in the picture.
  private var cells: [(window: Int, picture: Int)] {
    (0..<Int(window.rows)).flatMap { row in
      (0..<Int(window.columns)).map {
        (Int(window.first) + row * window.pitch + $0, Int(window.cell) + row * window.width + $0)
      }
    }
  }

  /// The results of all instruction sets, which must be the same bits, once.
  private func onEveryLevel<Result: Equatable>(_ body: (Int32) -> Result) -> Result {
    let results = (0...nem_cpu_level()).map(body)
    #expect(results.allSatisfy { $0 == results[0] })
    return results[0]
  }

  @Test(arguments: [(7, 5), (33, 2), (1, 1)]) func templatesAreDrawnBilinearly(_ columns: Int, _ rows: Int) {
    let template = plane(columns * rows, 0...1, seed: 1)
    let (ax, ay, floor) = (Float(0.3), Float(0.8), Float(0.05))
    let psi = onEveryLevel { level in
      var psi = [Float](repeating: -1, count: (columns + 1) * (rows + 1))
      nem_draw(template, Int32(columns), Int32(rows), ax, ay, floor, &psi, level)
      return psi
    }
    func at(_ column: Int, _ row: Int) -> Float {
      column >= 0 && column < columns && row >= 0 && row < rows ? template[row * columns + column] : 0
    }
    for row in 0...rows {
      for column in 0...columns {
        let upper = at(column - 1, row - 1) * ax + at(column, row - 1) * (1 - ax)
        let lower = at(column - 1, row) * ax + at(column, row) * (1 - ax)
        let drawn = min(max(upper * ay + lower * (1 - ay), floor), 1 - floor)
        #expect(psi[row * (columns + 1) + column] == drawn)
      }
    }
  }

  @Test(arguments: [1, 3]) func coloursCountWhereThereIsForeground(_ channels: Int) {
    var random = RandomSource(seed: 2)
    let bins = (0..<3 * pictureCells).map { _ in UInt8.random(in: 0..<36, using: &random) }
    let (ratios, x) = (plane(36, -2...2, seed: 3), plane(pictureCells, -1...1, seed: 4).map { max($0, 0) })
    let bonus = onEveryLevel { level in
      var bonus = [Float](repeating: -1, count: windowCells)
      nem_weigh_colours(window, x, bins, Int32(channels), pictureCells, ratios, 0.7, 1.5, &bonus, level)
      return bonus
    }
    for (i, cell) in cells {
      var sum = ratios[Int(bins[cell])]
      if channels == 3 { sum += ratios[Int(bins[pictureCells + cell])] + ratios[Int(bins[2 * pictureCells + cell])] }
      #expect(bonus[i] == (x[cell] > 0 ? 0.7 * min(max(sum, -1.5), 1.5) : 0))
    }
    #expect(bonus.count { $0 == -1 } == windowCells - cells.count)
  }

  @Test func logPosteriorsAreSmoothed() {
    let (psi, bonus) = (plane(windowCells, 0.01...0.99, seed: 5), plane(windowCells, -1...1, seed: 6))
    let share: Float = 0.4
    let results = onEveryLevel { level in
      var (logs, sums, gamma) = (bonus, bonus, psi)
      var total = [Float](repeating: 1, count: pictureCells)
      nem_weigh(window, psi, &logs, &sums, &gamma, share, &total, level)
      return [gamma, total]
    }
    let (first, columns, rows) = (Int(window.first), Int(window.columns), Int(window.rows))
    func log(_ column: Int, _ row: Int) -> Float {
      let i = first + row * window.pitch + column
      return Foundation.log(psi[i]) + bonus[i]
    }
    for (number, (i, cell)) in cells.enumerated() {
      let (column, row) = (number % columns, number / columns)
      let near = (max(row - 1, 0)...min(row + 1, rows - 1)).flatMap { r in
        (max(column - 1, 0)...min(column + 1, columns - 1)).map { log($0, r) }
      }
      let mean = near.reduce(0, +) / Float(near.count)
      let expected = exp(log(column, row) + share * (mean - log(column, row)))
      #expect(abs(results[0][i] / expected - 1) < 1e-4 && results[1][cell] == 1 + results[0][i])
    }
  }

  @Test func posteriorsAreSharesAndTheirSumsCount() {
    let (psi, weights) = (plane(windowCells, 0...1, seed: 7), plane(windowCells, 0...2, seed: 8))
    let (x, total) = (plane(pictureCells, 0...1, seed: 9), plane(pictureCells, 1...3, seed: 10))
    let results = onEveryLevel { level in
      var (gamma, owned) = (weights, [Float](repeating: 0.5, count: pictureCells))
      var sums = nem_window_sums()
      nem_normalise(window, psi, &gamma, x, total, &owned, 0.2, 0.05, &sums, level)
      var cover: Float = 0
      nem_cover(window, psi, gamma, x, owned, 0.05, &cover, level)
      return [gamma, owned, [sums.mass, sums.seen, sums.evidence, sums.squares, cover]]
    }
    var sums = [Double](repeating: 0, count: 5)
    for (i, cell) in cells {
      let posterior = weights[i] / (total[cell] + 0.2), own = x[cell] * posterior
      #expect(results[0][i] == posterior && results[1][cell] == 0.5 + own)
      let counted = psi[i] > 0.05 ? psi[i] : 0
      let parts = [counted, posterior > 0.5 ? min(counted, own) : 0, own, own * posterior, counted * 0.5]
      for (k, part) in parts.enumerated() { sums[k] += Double(part) }
    }
    for (sum, expected) in zip(results[2], sums) { #expect(abs(Double(sum) / expected - 1) < 1e-5) }
  }
}
