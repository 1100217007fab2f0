import Kernels

/// One connected region of a mask.
public struct Component: Sendable, Equatable {
  /// Number of pixels.
  public var area: Int
  /// The smallest rectangle that holds all its pixels.
  public var bounds: PixelRect
  /// Mean column of its pixels, in pixels from the left edge (a pixel's centre is its index).
  public var centroidX: Double
  /// Mean row of its pixels.
  public var centroidY: Double

  /// A region from its measures.
  public init(area: Int, bounds: PixelRect, centroidX: Double, centroidY: Double) {
    self.area = area
    self.bounds = bounds
    self.centroidX = centroidX
    self.centroidY = centroidY
  }
}

/// The 8-connected regions of a mask, in the raster order of their first pixel, so that equal masks give equal labels.
public struct Components: Sendable, Equatable {
  /// 0 where the mask is 0, else 1 + the index of the pixel's region in `list`.
  public private(set) var labels: Image<Int32>
  /// The regions; region `i` has label `i + 1`.
  public private(set) var list: [Component]
  private var runs: [LabelRun] = []

  /// Finds the regions of the nonzero pixels of `mask`.
  ///
  /// Two passes over horizontal runs joined by union-find (He, Chao & Suzuki 2008): the cost is one scan of the mask
  /// plus work in proportion to the number of runs.
  public init(_ mask: Image<UInt8>) {
    var runs = RunForest()
    runs.scan(mask)
    labels = Image(width: mask.width, height: mask.height, fill: 0)
    list = []
    self.runs = runs.resolve(into: &labels, &list)
  }

  /// The labels with other numbers: region `i` has `numbers[i]`.
  func labels(numbered numbers: [Int32]) -> Image<Int32> {
    precondition(numbers.count == list.count, "one number for each region")
    var renumbered = labels
    for run in runs where run.label > 0 {
      for i in run.pixels { renumbered.pixels[i] = numbers[Int(run.label) - 1] }
    }
    return renumbered
  }

  /// The same regions without those of fewer than `minimumArea` pixels; the rest keep their order and close the gaps.
  public func removing(smallerThan minimumArea: Int) -> Components {
    var kept = self
    kept.list.removeAll { $0.area < minimumArea }
    guard kept.list.count < list.count else { return self }
    var newLabel = [Int32](repeating: 0, count: list.count + 1)
    var next: Int32 = 0
    for (index, component) in list.enumerated() where component.area >= minimumArea {
      next += 1
      newLabel[index + 1] = next
    }
    for i in runs.indices {
      let label = newLabel[Int(runs[i].label)]
      guard label != runs[i].label else { continue }
      kept.runs[i].label = label
      for pixel in runs[i].pixels { kept.labels.pixels[pixel] = label }
    }
    return kept
  }
}

/// Neighbouring pixels of one row that belong to one region; label 0 if the region was removed.
private struct LabelRun: Sendable, Equatable {
  var pixels: Range<Int>
  var label: Int32
}

/// Horizontal runs of nonzero pixels, joined into trees whose root is the first run of the region.
private struct RunForest {
  private struct Run {
    var row: Int
    var start: Int
    var end: Int
    var parent: Int
  }

  private var runs: [Run] = []

  mutating func scan(_ mask: Image<UInt8>) {
    let width = mask.width
    var previous = 0..<0
    for y in 0..<mask.height {
      let first = runs.count
      let row = y * width
      var x = 0
      while x < width {
        if mask.pixels[row + x] == 0 {
          x += 1
          continue
        }
        let start = x
        while x < width, mask.pixels[row + x] != 0 { x += 1 }
        runs.append(Run(row: y, start: start, end: x, parent: runs.count))
      }
      join(previous, first..<runs.count)
      previous = first..<runs.count
    }
  }

  /// Joins each run of one row with the runs of the row above that it touches, diagonals included.
  private mutating func join(_ above: Range<Int>, _ current: Range<Int>) {
    var a = above.lowerBound
    for c in current {
      while a < above.upperBound, runs[a].end < runs[c].start { a += 1 }
      var touching = a
      while touching < above.upperBound, runs[touching].start <= runs[c].end {
        unite(touching, c)
        touching += 1
      }
    }
  }

  private mutating func root(_ index: Int) -> Int {
    var i = index
    while runs[i].parent != i {
      runs[i].parent = runs[runs[i].parent].parent
      i = runs[i].parent
    }
    return i
  }

  private mutating func unite(_ a: Int, _ b: Int) {
    let (rootA, rootB) = (root(a), root(b))
    if rootA < rootB { runs[rootB].parent = rootA } else { runs[rootA].parent = rootB }
  }

  /// Numbers the trees in the order of their first run and measures them.
  mutating func resolve(into labels: inout Image<Int32>, _ list: inout [Component]) -> [LabelRun] {
    var label = [Int32](repeating: 0, count: runs.count)
    var sums: [(x: Int, y: Int)] = []
    for i in runs.indices {
      let top = root(i)
      let run = runs[i]
      if top == i {
        let box = PixelRect(x: run.start, y: run.row, width: 0, height: 0)
        list.append(Component(area: 0, bounds: box, centroidX: 0, centroidY: 0))
        sums.append((0, 0))
        label[i] = Int32(list.count)
      } else {
        label[i] = label[top]
      }
      let region = Int(label[i]) - 1
      list[region].add(row: run.row, from: run.start, to: run.end)
      let length = run.end - run.start
      sums[region].x += (run.start + run.end - 1) * length
      sums[region].y += run.row * length
      let row = run.row * labels.width
      for p in row + run.start..<row + run.end { labels.pixels[p] = label[i] }
    }
    for i in list.indices {
      list[i].centroidX = Double(sums[i].x) / Double(2 * list[i].area)
      list[i].centroidY = Double(sums[i].y) / Double(list[i].area)
    }
    return zip(runs, label).map { run, label in
      LabelRun(pixels: run.row * labels.width + run.start..<run.row * labels.width + run.end, label: label)
    }
  }
}

extension Component {
  fileprivate mutating func add(row: Int, from start: Int, to end: Int) {
    let right = max(bounds.x + bounds.width, end)
    bounds.x = min(bounds.x, start)
    bounds.width = right - bounds.x
    bounds.height = row + 1 - bounds.y
    area += end - start
  }
}
