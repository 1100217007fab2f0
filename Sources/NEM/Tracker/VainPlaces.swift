import Kernels
import Masks

/// Where something appeared and vanished again without having gone anywhere: leaves, water, screens, lamps. For a while,
/// what appears there is an object only once it has moved, or has lasted.
struct VainPlaces {
  private let width: Int, height: Int
  /// For each cell of the grid the frame up to which that holds.
  private var ends: [Int]

  /// For a grid on which nothing has happened yet.
  init(width: Int, height: Int) {
    (self.width, self.height) = (width, height)
    ends = Array(repeating: 0, count: width * height)
  }

  /// What had a box vanished: the place is remembered up to a frame.
  mutating func note(_ box: PixelRect, until end: Int) {
    forEachCell(of: box) { ends[$0] = end }
  }

  /// Whether most of a box is such a place.
  func hold(_ box: PixelRect, frame: Int) -> Bool {
    var (vain, count) = (0, 0)
    forEachCell(of: box) {
      vain += ends[$0] > frame ? 1 : 0
      count += 1
    }
    return 2 * vain > count
  }

  private func forEachCell(of box: PixelRect, _ body: (Int) -> Void) {
    for y in max(box.y, 0)..<max(min(box.y + box.height, height), max(box.y, 0)) {
      for x in max(box.x, 0)..<max(min(box.x + box.width, width), max(box.x, 0)) { body(y * width + x) }
    }
  }

  /// Carries the places.
  mutating func carry(_ archive: inout StateArchive) throws(StateFault) {
    try archive.carry(&ends, eachIn: 0...(1 << 49))
  }
}
