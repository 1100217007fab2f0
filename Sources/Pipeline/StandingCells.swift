import Background
import Kernels
import NEM

/// Finds the cells that an object does not leave: those of one that stands, and the core of one that creeps.
struct StandingCells {
  /// Frames that a cell has the same object before it counts: shorter, and the background learns next to nothing.
  private static let patience: UInt8 = 15
  private let width: Int, height: Int
  private var owners: [Int32]
  private var frames: [UInt8]
  private var arrived: Set<Int32> = []

  /// For a grid on which nothing was seen yet.
  init(width: Int, height: Int) {
    (self.width, self.height) = (width, height)
    owners = Array(repeating: 0, count: width * height)
    frames = Array(repeating: 0, count: width * height)
  }

  /// Takes the next frame.
  mutating func observe(_ segmentation: GridSegmentation) {
    for i in owners.indices {
      let id = segmentation.labels.pixels[i]
      frames[i] = id == owners[i] ? min(frames[i], .max - 1) + 1 : 0
      owners[i] = id
    }
    arrived = Set(segmentation.objects.lazy.filter(\.arrived).map(\.id))
  }

  /// Carries what was seen.
  mutating func carry(_ archive: inout StateArchive) throws(StateFault) {
    try archive.carry(&owners, eachIn: -Int32.max...Int32.max)
    try archive.carry(&frames)
    var list = arrived.sorted()
    try archive.carry(list: &list)
    arrived = Set(list)
  }

  /// The standing cells and those around them, in which the outlines are; nil if there are none.
  func objects(lag: Int) -> StandingObjects? {
    var cells: Image<Int32>?
    for i in owners.indices where owners[i] > 0 && frames[i] >= Self.patience {
      cells = cells ?? Image(width: width, height: height, fill: 0)
      let (x, y) = (i % width, i / width)
      for row in max(y - 1, 0)...min(y + 1, height - 1) {
        for column in max(x - 1, 0)...min(x + 1, width - 1) where cells![column, row] <= 0 {
          cells![column, row] = -owners[i]
        }
      }
      cells!.pixels[i] = owners[i]
    }
    return cells.map { StandingObjects(cells: $0, arrived: arrived, lag: lag) }
  }
}
