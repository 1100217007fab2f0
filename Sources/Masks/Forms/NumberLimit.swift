/// Counts the objects whose numbers a form cannot hold. New objects have higher numbers than all before them.
struct NumberLimit {
  /// The highest number that fits.
  let highest: Int
  /// How many objects had higher ones.
  private(set) var leftOut = 0
  private var last = 0

  /// A limit that nothing has crossed yet.
  init(_ highest: Int) { self.highest = highest }

  /// Takes the objects of the next frame.
  mutating func note(_ objects: [ObjectRecord]) {
    for object in objects where object.id > max(highest, last) {
      leftOut += 1
      last = object.id
    }
  }
}
