/// The lower triangle L with L·Lᵀ = Σ, for densities of Gaussians with full covariance.
struct Cholesky {
  /// D × D, row by row; zero above the diagonal.
  let factor: [Double]
  /// D.
  let dimensions: Int

  /// Factors a symmetric matrix, D × D row by row; nil unless it is positive definite.
  init?(_ matrix: ArraySlice<Double>, dimensions: Int) {
    var l = Array(matrix)
    for row in 0..<dimensions {
      for column in 0...row {
        var sum = l[row * dimensions + column]
        for i in 0..<column { sum -= l[row * dimensions + i] * l[column * dimensions + i] }
        if row == column {
          guard sum > 0, sum.isFinite else { return nil }
          l[row * dimensions + row] = sum.squareRoot()
        } else {
          l[row * dimensions + column] = sum / l[column * dimensions + column]
        }
      }
      for column in (row + 1)..<max(dimensions, row + 1) { l[row * dimensions + column] = 0 }
    }
    factor = l
    self.dimensions = dimensions
  }

  /// yᵀ·Σ⁻¹·y; `y` is overwritten by L⁻¹·y.
  func squaredDistance(_ y: inout [Double]) -> Double {
    var distance = 0.0
    for row in 0..<dimensions {
      for column in 0..<row { y[row] -= factor[row * dimensions + column] * y[column] }
      y[row] /= factor[row * dimensions + row]
      distance += y[row] * y[row]
    }
    return distance
  }
}
