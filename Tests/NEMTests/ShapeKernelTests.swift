import CKernels
import Foundation
import Kernels
import Testing

/// The tracker's vector loops against their definitions, on every instruction set.
@Suite struct ShapeKernelTests {
  private func plane(_ count: Int, _ range: ClosedRange<Float>, seed: UInt64) -> [Float] {
    var random = RandomSource(seed: seed)
    return (0..<count).map { _ in Float.random(in: range, using: &random) }
  }

  @Test(arguments: [(31, 17, Float(-4.3), Float(1.7)), (5, 3, -0.5, 0.2), (1, 1, -1.2, 0.1), (60, 40, 70, 2)])
  func samplesAreBilinear(_ columns: Int, _ rows: Int, _ start: Float, _ step: Float) {
    let (side, pitch) = (24, columns + 2)
    let values = plane(pitch * rows, 0...1, seed: 1)
    func at(_ column: Int, _ row: Int) -> Float {
      column >= 0 && column < columns && row >= 0 && row < rows ? values[row * pitch + column] : 0
    }
    for level in 0...nem_cpu_level() {
      var samples = [Float](repeating: -1, count: side * side * 3)
      nem_resample(
        values, pitch, Int32(columns), Int32(rows), start, step, start / 2, step, Int32(side), &samples, 3, level)
      for r in 0..<side {
        for c in 0..<side {
          let (u, v) = (start + Float(c) * step, start / 2 + Float(r) * step)
          let (left, top) = (Int(u.rounded(.down)), Int(v.rounded(.down)))
          let (a, b) = (u - Float(left), v - Float(top))
          let upper = at(left, top) * (1 - a) + at(left + 1, top) * a
          let lower = at(left, top + 1) * (1 - a) + at(left + 1, top + 1) * a
          let i = 3 * (r * side + c)
          #expect(samples[i] == upper * (1 - b) + lower * b && samples[i + 1] == -1)
        }
      }
    }
  }

  @Test(arguments: [(31, 17), (7, 40), (1, 1)]) func predictionsAreShiftedLogits(_ columns: Int, _ rows: Int) {
    let (side, limit, floor) = (24, Float(3), Float(0.01))
    let shape = plane(columns * rows, -0.1...1.1, seed: 2)
    var residuals = plane(side * side, -5...5, seed: 3)
    for i in 0..<side * side / 2 { residuals[i] = 0 }
    var results: [[Float]] = []
    for level in 0...nem_cpu_level() {
      var predicted = [Float](repeating: -1, count: columns * rows)
      nem_predict_shape(
        shape, Int32(columns), Int32(rows), residuals, Int32(side), limit, floor, &predicted, level)
      results.append(predicted)
    }
    #expect(results.allSatisfy { $0 == results[0] })
    func residual(_ column: Int, _ row: Int) -> Float {
      func place(_ cell: Int, _ count: Int) -> Float {
        min(max((Float(cell) + 0.5) * Float(side) / Float(count) - 0.5, 0), Float(side - 1))
      }
      let (u, v) = (place(column, columns), place(row, rows))
      let (left, top) = (Int(u), Int(v))
      let (right, bottom) = (min(left + 1, side - 1), min(top + 1, side - 1))
      let (a, b) = (u - Float(left), v - Float(top))
      let upper = residuals[top * side + left] * (1 - a) + residuals[top * side + right] * a
      let lower = residuals[bottom * side + left] * (1 - a) + residuals[bottom * side + right] * a
      return upper * (1 - b) + lower * b
    }
    for row in 0..<rows {
      for column in 0..<columns {
        let (m, r) = (shape[row * columns + column], residual(column, row))
        let predicted = results[0][row * columns + column]
        let inner = min(max(m, floor), 1 - floor)
        let logit = log(inner / (1 - inner)) + min(max(r, -limit), limit)
        #expect(r == 0 ? predicted == m : abs(predicted - 1 / (1 + exp(-logit))) < 1e-4)
      }
    }
  }
}
