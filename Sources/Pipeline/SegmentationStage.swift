import Kernels
import Masks
import NEM
import VideoIO

/// From a frame and its foreground to objects at source size: grid, segmenter, upsampling, measures.
struct SegmentationStage {
  private let segmenter: any Segmenter
  private var preprocessor: Preprocessor
  private var upsampler: LabelUpsampler
  private var delay: ConfirmationDelay<EvidentFrame>
  /// Objects alive in the last frame, and those that end with the next because tracking begins anew.
  private var alive: [Int32] = []
  private var abandoned: [Int32] = []
  /// New objects of the last frame that found no free slot.
  private(set) var lastUnassigned = 0

  /// A stage whose pictures are kept until the next `inFlight` frames at most.
  init(_ segmenter: any Segmenter, _ first: VideoFrame, inFlight: Int) {
    self.segmenter = segmenter
    delay = ConfirmationDelay(frames: segmenter.confirmationDelay)
    preprocessor =
      switch segmenter.grid {
      case .columns(let width): Preprocessor(for: first, width: width)
      case .exact(let width, let height): Preprocessor(for: first, width: width, height: height)
      }
    upsampler = LabelUpsampler(
      gridWidth: preprocessor.width, gridHeight: preprocessor.height, width: first.width, height: first.height,
      pictures: inFlight)
  }

  /// Takes the next frame; returns the one that is decided now, if there is one.
  mutating func segment(_ evident: EvidentFrame) -> SegmentedPicture? {
    let grid = evident.foreground.pixels.withUnsafeBufferPointer {
      preprocessor.sample(evident.frame, foreground: $0)
    }
    var segmentation = segmenter.segment(grid)
    alive = segmentation.objects.map(\.id).filter { $0 > 0 }
    segmentation.ended += abandoned.map { EndedSlot(id: $0, reason: .restart) }
    abandoned = []
    lastUnassigned = segmentation.unassigned
    return delay.push(segmentation, evident).map { picture($0, $1) }
  }

  /// The next of the frames that are left after the last one.
  mutating func finish() -> SegmentedPicture? { delay.popFirst().map { picture($0, $1) } }

  /// Begins anew with the next frame, after `finish` has returned all: what moved before is another object from then on.
  mutating func restart() {
    segmenter.restart()
    abandoned = alive
    alive = []
  }

  private mutating func picture(_ segmentation: GridSegmentation, _ evident: EvidentFrame) -> SegmentedPicture {
    let (frame, foreground) = (evident.frame, evident.foreground)
    let labels = upsampler.upsample(segmentation.labels, foreground: foreground)
    let objects = ObjectMeasures(labels, grid: segmentation.labels).records(segmentation.objects)
    return SegmentedPicture(
      frame: frame,
      segmented: SegmentedFrame(
        index: frame.index, timestamp: frame.timestamp, pts: frame.pts, labels: labels, foreground: foreground,
        objects: objects, ended: segmentation.ended.map { EndedObject(id: Int($0.id), reason: $0.reason) }))
  }
}

/// Area, bounds and centroid of each object in a picture of labels.
struct ObjectMeasures {
  private struct Sums {
    var area = 0
    var left = Int.max, top = Int.max, right = Int.min, bottom = Int.min
    /// Twice the sum of the columns, to stay whole.
    var x = 0, y = 0

    /// Adds the pixels `first...last` of a row.
    mutating func add(_ first: Int, _ last: Int, _ row: Int) {
      let count = last - first + 1
      area += count
      left = min(left, first)
      right = max(right, last)
      top = min(top, row)
      bottom = max(bottom, row)
      x += count * (first + last)
      y += count * row
    }
  }

  /// The objects met so far, few enough to be looked through.
  private var ids: [Int32] = []
  private var sums: [Sums] = []

  /// Measures `labels`; only the surroundings of numbered cells of `grid`, which they came from, are looked at.
  init(_ labels: Image<Int32>, grid: Image<Int32>) {
    for row in 0..<grid.height {
      let top = (row * labels.height + grid.height - 1) / grid.height
      let bottom = ((row + 1) * labels.height + grid.height - 1) / grid.height
      for cells in Self.surroundings(of: row, in: grid) {
        let left = (cells.lowerBound * labels.width + grid.width - 1) / grid.width
        let right = (cells.upperBound * labels.width + grid.width - 1) / grid.width
        for y in top..<bottom { addRuns(labels, y, left..<right) }
      }
    }
  }

  /// The columns of a grid row that hold a number or touch a cell that does, also in the rows beside it: a pixel may have
  /// its number from a neighbour cell.
  private static func surroundings(of row: Int, in grid: Image<Int32>) -> [Range<Int>] {
    let (above, below) = (max(row - 1, 0) * grid.width, min(row + 1, grid.height - 1) * grid.width)
    let middle = row * grid.width
    var found: [Range<Int>] = []
    grid.pixels.withUnsafeBufferPointer { cells in
      for x in 0..<grid.width where cells[above + x] | cells[middle + x] | cells[below + x] != 0 {
        let (left, right) = (max(x - 1, 0), min(x + 2, grid.width))
        if let last = found.last, last.upperBound >= left {
          found[found.count - 1] = last.lowerBound..<right
        } else {
          found.append(left..<right)
        }
      }
    }
    return found
  }

  private mutating func addRuns(_ labels: Image<Int32>, _ y: Int, _ columns: Range<Int>) {
    labels.pixels.withUnsafeBufferPointer { pixels in
      let line = pixels.baseAddress! + y * labels.width
      var x = columns.lowerBound
      while x < columns.upperBound {
        let id = line[x]
        let start = x
        repeat { x += 1 } while x < columns.upperBound && line[x] == id
        if id != 0 { sums[index(of: id)].add(start, x - 1, y) }
      }
    }
  }

  private mutating func index(of id: Int32) -> Int {
    if let known = ids.firstIndex(of: id) { return known }
    ids.append(id)
    sums.append(Sums())
    return ids.count - 1
  }

  /// The records of a frame's objects; one without pixels has area 0 and an empty box.
  func records(_ objects: [GridObject]) -> [ObjectRecord] {
    objects.map { object in
      guard let index = ids.firstIndex(of: object.id) else {
        return ObjectRecord(
          id: Int(object.id), bounds: PixelRect(x: 0, y: 0, width: 0, height: 0), area: 0, centroidX: 0, centroidY: 0,
          confidence: 0)
      }
      let sum = sums[index]
      return ObjectRecord(
        id: Int(object.id),
        bounds: PixelRect(
          x: sum.left, y: sum.top, width: sum.right - sum.left + 1, height: sum.bottom - sum.top + 1),
        area: sum.area, centroidX: Double(sum.x) / Double(2 * sum.area),
        centroidY: Double(sum.y) / Double(sum.area), confidence: Double(object.confidence))
    }
  }
}
