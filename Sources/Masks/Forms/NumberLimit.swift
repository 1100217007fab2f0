import Kernels

/// Counts the objects whose numbers a form cannot hold. New objects have higher numbers than all before them.
struct NumberLimit: Checkpointed {
  /// The highest number that fits.
  let highest: Int
  /// How many objects had higher ones.
  private(set) var leftOut = 0
  private var last = 0

  /// A limit that nothing has crossed yet.
  init(_ highest: Int) { self.highest = highest }

  mutating func carry(_ archive: inout StateArchive) throws(StateFault) {
    try archive.carry(&leftOut, in: 0...(1 << 32))
    try archive.carry(&last, in: 0...Int(Int32.max))
  }

  /// Takes the objects of the next frame.
  mutating func note(_ objects: [ObjectRecord]) {
    for object in objects where object.id > max(highest, last) {
      leftOut += 1
      last = object.id
    }
  }
}
