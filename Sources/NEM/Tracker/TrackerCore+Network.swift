import CKernels

/// The recurrent network's part of the tracker: its inputs, states and residuals, packed for one call per frame.
struct ShapePrediction {
  let predictor: any ShapePredictor
  let side: Int
  let stateSize: Int
  private var inputs: [Float]
  private var packedStates: [Float]
  private var packedResiduals: [Float]
  /// One row per slot.
  var states: [Float]
  var residuals: [Float]

  init(_ predictor: any ShapePredictor, slots: Int) {
    self.predictor = predictor
    precondition(predictor.window <= NEM_MAX_SIDE, "the predictor's window is too large")
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

  /// Runs the network for the slots whose prediction it corrects, for the next frame; the states of others wait.
  mutating func advance(
    _ slots: [ObjectSlot], _ x: [Float], width: Int, height: Int, scratch: inout [Float]
  ) {
    // A slot born in this frame has predicted nothing yet.
    let used = slots.indices.filter { slots[$0].live && slots[$0].age > 0 && slots[$0].isObscured }
    guard !used.isEmpty else { return }
    let area = side * side
    for (row, k) in used.enumerated() {
      slots[k].sampleInputs(
        x, width: width, height: height, side: side, missed: &scratch, into: &inputs, at: row * area * 3)
      for i in 0..<stateSize { packedStates[row * stateSize + i] = states[k * stateSize + i] }
    }
    predictor.step(slots: used.count, inputs: inputs, states: &packedStates, residuals: &packedResiduals)
    for (row, k) in used.enumerated() {
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
    _ x: [Float], width: Int, height: Int, side: Int, missed: inout [Float], into inputs: inout [Float], at offset: Int
  ) {
    findMissed(x, width: width, height: height, into: &missed)
    let (across, down) = (Float(columns) / Float(side), Float(rows) / Float(side))
    let (u, v) = (across / 2 - 0.5, down / 2 - 0.5)
    let (side, level) = (Int32(side), nem_cpu_level())
    inputs.withUnsafeMutableBufferPointer { inputs in
      let target = inputs.baseAddress! + offset
      nem_resample(
        missed, windowColumns, Int32(windowColumns), Int32(windowRows), self.x - Float(originX) + u, across,
        y - Float(originY) + v, down, side, target, 3, level)
      nem_resample(template, columns, Int32(columns), Int32(rows), u, across, v, down, side, target + 1, 3, level)
      nem_resample(x, width, Int32(width), Int32(height), self.x + u, across, y + v, down, side, target + 2, 3, level)
    }
  }

  /// γ⊙(x−ψ) in the window, 0 outside the picture.
  private func findMissed(_ x: [Float], width: Int, height: Int, into missed: inout [Float]) {
    for i in 0..<windowRows * windowColumns { missed[i] = 0 }
    let (rows, columns) = clipped(width: width, height: height)
    for r in rows {
      let grid = (originY + r) * width + originX
      for c in columns {
        let i = r * windowColumns + c
        missed[i] = gamma[i] * (x[grid + c] - psi[i])
      }
    }
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
    residuals.withUnsafeBufferPointer {
      nem_predict_shape(
        template, Int32(columns), Int32(rows), $0.baseAddress! + k * side * side, Int32(side), limit, floor, &predicted,
        nem_cpu_level())
    }
  }
}
