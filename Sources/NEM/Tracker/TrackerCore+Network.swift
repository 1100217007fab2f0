/// The recurrent network's part of the tracker: its inputs, states and residuals, packed for one call per frame.
struct ShapePrediction {
  let predictor: any ShapePredictor
  let side: Int
  let stateSize: Int
  private var inputs: [Float]
  private var packedStates: [Float]
  private var packedResiduals: [Float]
  /// One row per slot.
  private var states: [Float]
  private(set) var residuals: [Float]

  init(_ predictor: any ShapePredictor, slots: Int) {
    self.predictor = predictor
    side = predictor.window
    stateSize = predictor.stateSize
    inputs = [Float](repeating: 0, count: slots * side * side * 3)
    packedStates = [Float](repeating: 0, count: slots * stateSize)
    packedResiduals = [Float](repeating: 0, count: slots * side * side)
    states = packedStates
    residuals = packedResiduals
  }

  /// Forgets what a slot's last occupant was.
  mutating func clear(slot k: Int) {
    for i in k * stateSize..<(k + 1) * stateSize { states[i] = 0 }
    for i in k * side * side..<(k + 1) * side * side { residuals[i] = 0 }
  }

  /// Runs the network for the live slots; the residuals are for the next frame.
  mutating func advance(_ slots: [ObjectSlot], _ x: [Float], width: Int, height: Int) {
    // A slot born in this frame has predicted nothing yet.
    let live = slots.indices.filter { slots[$0].live && slots[$0].age > 0 }
    guard !live.isEmpty else { return }
    let area = side * side
    for (row, k) in live.enumerated() {
      slots[k].sampleInputs(x, width: width, height: height, side: side, into: &inputs, at: row * area * 3)
      for i in 0..<stateSize { packedStates[row * stateSize + i] = states[k * stateSize + i] }
    }
    predictor.step(slots: live.count, inputs: inputs, states: &packedStates, residuals: &packedResiduals)
    for (row, k) in live.enumerated() {
      for i in 0..<stateSize { states[k * stateSize + i] = packedStates[row * stateSize + i] }
      for i in 0..<area { residuals[k * area + i] = packedResiduals[row * area + i] }
    }
  }
}

extension ObjectSlot {
  /// Template coordinate of a sample of the canonical window, which covers the whole template.
  @inline(__always) static func canonical(_ sample: Int, of side: Int, over size: Int) -> Float {
    (Float(sample) + 0.5) * Float(size) / Float(side) - 0.5
  }

  /// Writes the network's view of the slot: γ⊙(x−ψ), the template and x, `[side, side, 3]` from `offset`.
  func sampleInputs(
    _ x: [Float], width: Int, height: Int, side: Int, into inputs: inout [Float], at offset: Int
  ) {
    for r in 0..<side {
      let v = Self.canonical(r, of: side, over: rows)
      for c in 0..<side {
        let u = Self.canonical(c, of: side, over: columns)
        let i = offset + (r * side + c) * 3
        (inputs[i], inputs[i + 2]) = sampleEvidence(self.x + u, y + v, x, width: width, height: height)
        inputs[i + 1] = sampleTemplate(u, v)
      }
    }
  }

  /// γ⊙(x−ψ) and x at a place of the grid, bilinear; 0 outside window and picture.
  private func sampleEvidence(
    _ gridX: Float, _ gridY: Float, _ x: [Float], width: Int, height: Int
  ) -> (missed: Float, foreground: Float) {
    let (left, top) = (fastFloor(gridX), fastFloor(gridY))
    let (ax, ay) = (gridX - Float(left), gridY - Float(top))
    var (missed, foreground): (Float, Float) = (0, 0)
    for dy in 0...1 {
      for dx in 0...1 {
        let (column, row) = (left + dx, top + dy)
        guard column >= 0, column < width, row >= 0, row < height else { continue }
        let weight = (dx == 1 ? ax : 1 - ax) * (dy == 1 ? ay : 1 - ay)
        let value = x[row * width + column]
        foreground += weight * value
        let (u, v) = (column - originX, row - originY)
        guard u >= 0, u < windowColumns, v >= 0, v < windowRows else { continue }
        let i = v * windowColumns + u
        missed += weight * gamma[i] * (value - psi[i])
      }
    }
    return (missed, foreground)
  }

  /// The template at a place of its own frame, bilinear.
  func sampleTemplate(_ u: Float, _ v: Float) -> Float {
    let (left, top) = (fastFloor(u), fastFloor(v))
    let (au, av) = (u - Float(left), v - Float(top))
    var sum: Float = 0
    for dy in 0...1 {
      for dx in 0...1 {
        let (column, row) = (left + dx, top + dy)
        guard column >= 0, column < columns, row >= 0, row < rows else { continue }
        sum += (dx == 1 ? au : 1 - au) * (dy == 1 ? av : 1 - av) * template[row * columns + column]
      }
    }
    return sum
  }

  /// Prepares the template to be drawn: σ(logit m + residual), the residual resampled from its canonical window.
  mutating func formPrediction(residuals: [Float], slot k: Int, side: Int, limit: Float, floor: Float) {
    for v in 0..<rows {
      let canonicalV = (Float(v) + 0.5) * Float(side) / Float(rows) - 0.5
      for u in 0..<columns {
        let canonicalU = (Float(u) + 0.5) * Float(side) / Float(columns) - 0.5
        let residual = Self.sample(residuals, k * side * side, side, canonicalU, canonicalV)
        let m = template[v * columns + u]
        // Without a residual the prediction is the template to the last bit.
        predicted[v * columns + u] =
          residual == 0 ? m : Self.shifted(min(max(m, floor), 1 - floor), by: min(max(residual, -limit), limit))
      }
    }
  }

  /// σ(logit m + residual) = m eʳ / (1 − m + m eʳ).
  @inline(__always) private static func shifted(_ m: Float, by residual: Float) -> Float {
    let odds = m * fastExp(residual)
    return odds / (1 - m + odds)
  }

  /// A canonical plane at a place, bilinear, its border repeated outside.
  private static func sample(_ plane: [Float], _ offset: Int, _ side: Int, _ u: Float, _ v: Float) -> Float {
    let (cu, cv) = (min(max(u, 0), Float(side - 1)), min(max(v, 0), Float(side - 1)))
    let (left, top) = (Int(cu), Int(cv))
    let (right, bottom) = (min(left + 1, side - 1), min(top + 1, side - 1))
    let (au, av) = (cu - Float(left), cv - Float(top))
    let upper = plane[offset + top * side + left] * (1 - au) + plane[offset + top * side + right] * au
    let lower = plane[offset + bottom * side + left] * (1 - au) + plane[offset + bottom * side + right] * au
    return upper * (1 - av) + lower * av
  }
}
