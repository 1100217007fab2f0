import Kernels

extension ObjectSlot {
  /// No place or speed on a grid is larger.
  private static let far: ClosedRange<Float> = -1e6...1e6
  private static let count = 0...(1 << 48)

  /// Carries what outlives a frame; the window, ψ and γ are made anew from it. `slots` is the number of slots.
  mutating func carry(_ archive: inout StateArchive, width: Int, height: Int, slots: Int) throws(StateFault) {
    try archive.carry(&live)
    try archive.carry(&serial, in: 0...Int(Int32.max))
    try archive.carry(&id, in: 0...Int32.max)
    try carryPlace(&archive)
    try carryCounters(&archive, cells: width * height, slots: slots)
    try archive.carry(optional: &sight, blank: .none) { (sight, archive) throws(StateFault) in
      try sight.carry(&archive)
    }
    let least = live ? 1 : 0
    try archive.carry(&columns, in: min(least, width)...width)
    try archive.carry(&rows, in: min(least, height)...height)
    guard live else { return }
    try archive.carry(&template, eachIn: -0.01...1.01, first: rows * columns)
    try archive.carry(&histogram, eachIn: 0...1e9)
    try archive.carry(&likeness, eachIn: 0...1e9)
  }

  private mutating func carryPlace(_ archive: inout StateArchive) throws(StateFault) {
    try archive.carry(&x, in: Self.far)
    try archive.carry(&y, in: Self.far)
    try archive.carry(&velocityX, in: Self.far)
    try archive.carry(&velocityY, in: Self.far)
    try archive.carry(&predictedX, in: Self.far)
    try archive.carry(&predictedY, in: Self.far)
    try archive.carry(&birthX, in: Self.far)
    try archive.carry(&birthY, in: Self.far)
    try archive.carry(&lockX, in: Self.far)
    try archive.carry(&lockY, in: Self.far)
    try archive.carry(&mass, in: Self.far)
    try archive.carry(&fullMass, in: Self.far)
    try archive.carry(&visible, in: Self.far)
    try archive.carry(&covered, in: Self.far)
    try archive.carry(&confidence, in: Self.far)
  }

  private mutating func carryCounters(_ archive: inout StateArchive, cells: Int, slots: Int) throws(StateFault) {
    try archive.carry(&age, in: Self.count)
    try archive.carry(&seen, in: Self.count)
    try archive.carry(&unseen, in: Self.count)
    try archive.carry(&exposed, in: Self.count)
    try archive.carry(&alone, in: Self.count)
    try archive.carry(&arrived)
    try archive.carry(&veiled)
    try archive.carry(&spanning, in: Self.count)
    try archive.carry(&divided, in: Self.count)
    try archive.carry(&mixed, in: Self.count)
    try archive.carry(&locked, in: Self.count)
    try archive.carry(&lockedTo, in: -1...slots - 1)
    try archive.check(locked == 0 || lockedTo >= 0 || !live, "it holds a slot that is locked to none")
    try archive.carry(&ownedCells, in: 0...cells)
    try archive.carry(&neighbour, in: -1...slots - 1)
    try archive.carry(&shares)
    try archive.carry(&likenessFrames, in: Self.count)
    try archive.carry(&unsettled, in: Self.count)
    try archive.carry(&doubts, in: Self.count)
    try archive.carry(&doubtedFor, in: -1...slots - 1)
  }
}

extension FullSight {
  /// To be read into.
  fileprivate static let none = FullSight(
    area: 0, centreX: 0, centreY: 0, reachX: 0, reachY: 0, velocityX: 0, velocityY: 0, anchorX: 0, anchorY: 0)

  fileprivate mutating func carry(_ archive: inout StateArchive) throws(StateFault) {
    try archive.carry(&age, in: 0...(1 << 48))
    try archive.carry(&anchorAge, in: 0...(1 << 48))
    try archive.carry(&isSettled)
    var numbers = [area, centreX, centreY, reachX, reachY, velocityX, velocityY, anchorX, anchorY]
    try archive.carry(&numbers, eachIn: -1e9...1e9)
    (area, centreX, centreY, reachX, reachY) = (numbers[0], numbers[1], numbers[2], numbers[3], numbers[4])
    (velocityX, velocityY, anchorX, anchorY) = (numbers[5], numbers[6], numbers[7], numbers[8])
  }
}
