import Kernels

extension TrackerCore: Checkpointed {
  /// Carries the slots and what the frames have taught; the rest is made anew for each frame. The grid, the number of
  /// slots and the predictor must be those of the tracker that wrote it.
  mutating func carry(_ archive: inout StateArchive) throws(StateFault) {
    var (columns, rows, count) = (width, height, slots.count)
    try archive.carry(&columns, in: width...width)
    try archive.carry(&rows, in: height...height)
    try archive.carry(&count, in: slots.count...slots.count)
    try archive.carry(&nextSerial, in: 1...Int(Int32.max))
    try archive.carry(&nextId, in: 1...Int32.max)
    try archive.carry(&frameIndex, in: 0...(1 << 48))
    for k in slots.indices { try slots[k].carry(&archive, width: width, height: height, slots: slots.count) }
    let numbers = slots.filter(\.live).map { ($0.serial, $0.id) }
    let ids = numbers.map(\.1).filter { $0 > 0 }
    try archive.check(
      Set(numbers.map(\.0)).count == numbers.count && Set(ids).count == ids.count
        && numbers.allSatisfy { $0 < nextSerial && $1 < nextId },
      "it holds two objects of one number")
    try archive.carry(&shown, eachIn: 0...FullSight.shownFrames)
    try vain.carry(&archive)
    try colours.carry(&archive)
    try movers.carry(&archive)
    var hasNetwork = network != nil
    try archive.carry(&hasNetwork)
    try archive.check(hasNetwork == (network != nil), "it is of another model")
    try network?.carry(&archive)
  }
}

extension ColourModel: Checkpointed {
  /// Carries the scene's histogram; cells are binned anew where they have evidence.
  mutating func carry(_ archive: inout StateArchive) throws(StateFault) {
    try archive.carry(&channels, in: 1...3)
    try archive.carry(&scene, eachIn: 0...1.01)
    try archive.carry(&bins, eachIn: 0...UInt8(Self.binCount - 1))
  }
}

extension ShapePrediction: Checkpointed {
  /// Carries what the network remembers of each slot, and what it says of the next frame.
  mutating func carry(_ archive: inout StateArchive) throws(StateFault) {
    try archive.carry(&states, eachIn: -1e6...1e6)
    try archive.carry(&residuals, eachIn: -1e6...1e6)
  }
}

extension ObjectTracker {
  /// Carries the tracker's state; see `Checkpointed`. The configuration and the predictor must be the same.
  public func carry(_ archive: inout StateArchive) throws(StateFault) { try core.carry(&archive) }

  /// Leaves out the numbers up to `id`, which another run may have given.
  public func skipIds(through id: Int32) { core.nextId = max(core.nextId, id + 1) }
}
