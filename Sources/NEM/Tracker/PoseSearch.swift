/// The pose part of the M-step: the shift of ψ that best covers the evidence left to a slot.
struct PoseSearch {
  /// Where ψ fits best.
  struct Pose {
    /// Shift from the predicted place, in cells.
    var shiftX: Float = 0
    var shiftY: Float = 0
    /// Share of the slot's mass that the evidence covers there.
    var overlap: Float = 0

    var distance: Float { max(abs(shiftX), abs(shiftY)) }
  }

  private var patch: [Float] = []
  private var patchColumns = 0
  private var cells: [Int32] = []
  private var weights: [Float] = []
  private var support: Float = 0
  private var scores: [Float] = []
  private var radius = 0
  private var penalty: Float = 0

  /// Evidence beyond the picture's edge is unknown.
  private static let unknown: Float = 0.5
  /// More cells of a template than this are sampled, not all read.
  private static let maximumCells = 500

  /// Buffers for windows up to the size of the grid.
  init(width: Int, height: Int, radius: Int) {
    let side = 2 * radius + 1
    patch.reserveCapacity((width + 1 + side) * (height + 1 + side))
    cells.reserveCapacity((width + 1) * (height + 1))
    weights.reserveCapacity((width + 1) * (height + 1))
    scores.reserveCapacity(side * side)
  }

  /// Climbs from the prediction to the best shift within `radius`.
  ///
  /// The evidence is x less what other slots own. With `wide` the climb starts from the best of a coarse raster.
  mutating func search(
    _ slot: ObjectSlot, _ x: [Float], owned: [Float], width: Int, height: Int, radius: Int, penalty: Float, wide: Bool
  ) -> Pose {
    self.radius = radius
    gather(slot, x, owned: owned, width: width, height: height)
    sample(slot)
    self.penalty = penalty * support
    guard support > 0 else { return Pose() }
    scores.removeAll(keepingCapacity: true)
    for _ in 0..<(2 * radius + 1) * (2 * radius + 1) { scores.append(.nan) }
    var (x, y) = wide ? coarseBest() : (0, 0)
    while let (nextX, nextY) = betterNeighbour(x, y) { (x, y) = (nextX, nextY) }
    let best = score(x, y)
    return Pose(
      shiftX: Float(x) + peak(score(x - 1, y), best, score(x + 1, y)),
      shiftY: Float(y) + peak(score(x, y - 1), best, score(x, y + 1)),
      overlap: (best + self.penalty * Float(x * x + y * y)) / support)
  }

  /// Copies the evidence under the window and `radius` cells around it.
  private mutating func gather(_ slot: ObjectSlot, _ x: [Float], owned: [Float], width: Int, height: Int) {
    patchColumns = slot.windowColumns + 2 * radius
    patch.removeAll(keepingCapacity: true)
    for r in -radius..<slot.windowRows + radius {
      let gridY = slot.originY + r
      let insideRow = gridY >= 0 && gridY < height
      let windowRow = r >= 0 && r < slot.windowRows
      for c in -radius..<slot.windowColumns + radius {
        let gridX = slot.originX + c
        guard insideRow, gridX >= 0, gridX < width else {
          patch.append(Self.unknown)
          continue
        }
        let i = gridY * width + gridX
        var others = owned[i]
        if windowRow, c >= 0, c < slot.windowColumns { others -= x[i] * slot.gamma[r * slot.windowColumns + c] }
        patch.append(max(x[i] - max(others, 0), 0))
      }
    }
  }

  /// Lists the cells of the template that count.
  private mutating func sample(_ slot: ObjectSlot) {
    cells.removeAll(keepingCapacity: true)
    weights.removeAll(keepingCapacity: true)
    support = 0
    let area = Int(slot.fullMass)
    let stride = area / Self.maximumCells + 1
    var turn = 0
    for r in 0..<slot.windowRows {
      for c in 0..<slot.windowColumns {
        let psi = slot.psi[r * slot.windowColumns + c]
        guard psi > 0.1 else { continue }
        turn += 1
        guard turn % stride == 0 else { continue }
        cells.append(Int32((r + radius) * patchColumns + c + radius))
        weights.append(psi)
        support += psi
      }
    }
  }

  private mutating func score(_ x: Int, _ y: Int) -> Float {
    guard abs(x) <= radius, abs(y) <= radius else { return -.infinity }
    let index = (y + radius) * (2 * radius + 1) + x + radius
    if !scores[index].isNaN { return scores[index] }
    let offset = y * patchColumns + x
    var sum: Float = 0
    for i in cells.indices { sum += weights[i] * patch[Int(cells[i]) + offset] }
    sum -= penalty * Float(x * x + y * y)
    scores[index] = sum
    return sum
  }

  private mutating func betterNeighbour(_ x: Int, _ y: Int) -> (Int, Int)? {
    var best = score(x, y)
    var found: (Int, Int)?
    for (nx, ny) in [
      (x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1), (x - 1, y - 1), (x + 1, y - 1), (x - 1, y + 1), (x + 1, y + 1),
    ] {
      let value = score(nx, ny)
      if value > best {
        best = value
        found = (nx, ny)
      }
    }
    return found
  }

  private mutating func coarseBest() -> (Int, Int) {
    var best = score(0, 0)
    var found = (0, 0)
    for y in stride(from: -radius, through: radius, by: 2) {
      for x in stride(from: -radius, through: radius, by: 2) {
        let value = score(x, y)
        if value > best {
          best = value
          found = (x, y)
        }
      }
    }
    return found
  }

  /// Vertex of the parabola through three scores, within half a cell.
  private func peak(_ left: Float, _ centre: Float, _ right: Float) -> Float {
    let curvature = left - 2 * centre + right
    guard left.isFinite, right.isFinite, curvature < 0 else { return 0 }
    return min(max((left - right) / (2 * curvature), -0.5), 0.5)
  }
}
