/// Collects a slot's step until the next frame shows what came of it.
struct TransitionRecorder {
  let side: Int
  let emit: (SlotTransition) -> Void
  /// Steps of the last frame by slot, and where on the grid their windows were predicted.
  private var pending: [Pending?]

  struct Pending {
    var transition: SlotTransition
    var columns: Int
    var rows: Int
  }

  init(side: Int, slots: Int, emit: @escaping (SlotTransition) -> Void) {
    self.side = side
    self.emit = emit
    pending = Array(repeating: nil, count: slots)
  }

  /// Notes the slots' inputs and templates at the end of a frame.
  mutating func note(_ slots: [ObjectSlot], _ x: [Float], frame: Int, floor: Float, width: Int, height: Int) {
    for k in slots.indices {
      pending[k] = nil
      guard slots[k].live, slots[k].age > 0 else { continue }
      let slot = slots[k]
      let area = side * side
      var missed = [Float](repeating: 0, count: slot.windowColumns * slot.windowRows)
      var transition = SlotTransition(serial: slot.serial, frame: frame)
      transition.inputs = [Float](repeating: 0, count: area * 3)
      slot.sampleInputs(
        x, width: width, height: height, side: side, missed: &missed, into: &transition.inputs, at: 0)
      transition.base = (0..<area).map { i in
        let u = ObjectSlot.canonical(i % side, of: side, over: slot.columns)
        let m = min(
          max(slot.sampleTemplate(u, ObjectSlot.canonical(i / side, of: side, over: slot.rows)), floor), 1 - floor)
        return fastLog(m / (1 - m))
      }
      pending[k] = Pending(transition: transition, columns: slot.columns, rows: slot.rows)
    }
  }

  /// Completes the steps with the frame that followed and hands them out; before the templates change.
  mutating func complete(_ slots: [ObjectSlot], _ ownership: Ownership) {
    for k in slots.indices {
      guard var done = pending[k], slots[k].live, slots[k].serial == done.transition.serial else { continue }
      let slot = slots[k]
      (done.transition.target, done.transition.weight) = sample(
        slot, k, done, atX: slot.predictedX, y: slot.predictedY, ownership)
      (done.transition.alignedTarget, done.transition.alignedWeight) = sample(
        slot, k, done, atX: slot.x, y: slot.y, ownership)
      emit(done.transition)
    }
  }

  private func sample(
    _ slot: ObjectSlot, _ k: Int, _ pending: Pending, atX x: Float, y: Float, _ ownership: Ownership
  ) -> (target: [Float], weight: [Float]) {
    var target = [Float](repeating: 0, count: side * side)
    var weight = target
    for i in target.indices {
      let u = ObjectSlot.canonical(i % side, of: side, over: pending.columns)
      let v = ObjectSlot.canonical(i / side, of: side, over: pending.rows)
      let (own, free) = slot.share(atX: x + u, y: y + v, ownership, owner: Int16(1 + k))
      // Evidence is counted where it is free: a half-hidden sample asks for the whole value with half the weight.
      target[i] = free > 0.001 ? min(own / free, 1) : 0
      weight[i] = min(free, 1)  // bilinear weights may add up to a little more
    }
    return (target, weight)
  }
}

extension ObjectSlot {
  /// Own evidence and free share at a place of the grid, bilinear; 0 outside the picture.
  fileprivate func share(
    atX gridX: Float, y gridY: Float, _ ownership: Ownership, owner: Int16
  ) -> (own: Float, free: Float) {
    let (left, top) = (Int(gridX.rounded(.down)), Int(gridY.rounded(.down)))
    let (ax, ay) = (gridX - Float(left), gridY - Float(top))
    var sum: (own: Float, free: Float) = (0, 0)
    for dy in 0...1 {
      for dx in 0...1 {
        let (column, row) = (left + dx, top + dy)
        guard column >= 0, column < ownership.width, row >= 0, row < ownership.height else { continue }
        let weight = (dx == 1 ? ax : 1 - ax) * (dy == 1 ? ay : 1 - ay)
        let (u, v) = (column - originX, row - originY)
        let inWindow = u >= 0 && u < windowColumns && v >= 0 && v < windowRows
        let cell = ownership.share(
          of: row * ownership.width + column, posterior: inWindow ? gamma[v * windowColumns + u] : 0, owner: owner)
        sum.own += weight * cell.own
        sum.free += weight * cell.free
      }
    }
    return sum
  }
}
