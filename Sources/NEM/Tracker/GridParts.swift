import Kernels

/// One 8-connected region of cells with the same value.
struct GridPart {
  var value: Int
  var area: Int
  var left: Int
  var top: Int
  /// Last column and row.
  var right: Int
  var bottom: Int
  var sumX: Int
  var sumY: Int

  var centreX: Float { Float(sumX) / Float(area) }
  var centreY: Float { Float(sumY) / Float(area) }
  var bounds: PixelRect { PixelRect(x: left, y: top, width: right - left + 1, height: bottom - top + 1) }
  var extent: Int { max(right - left, bottom - top) + 1 }

  /// Cells between the bounds of two parts.
  func gap(to other: GridPart) -> Int {
    let gapX = max(left - other.right, other.left - right, 0)
    let gapY = max(top - other.bottom, other.top - bottom, 0)
    return max(gapX, gapY)
  }

  mutating func add(_ x: Int, _ y: Int) {
    area += 1
    left = min(left, x)
    right = max(right, x)
    top = min(top, y)
    bottom = max(bottom, y)
    sumX += x
    sumY += y
  }
}

/// The 8-connected regions of equal owner on the grid, in raster order of their first cell.
struct GridParts {
  /// 1 + index of the cell's part, 0 where the owner is 0.
  private(set) var labels: [Int32]
  private(set) var list: [GridPart] = []
  private var stack: [Int32]
  private let width: Int
  private let height: Int

  init(width: Int, height: Int) {
    self.width = width
    self.height = height
    labels = [Int32](repeating: 0, count: width * height)
    // Each cell is pushed once.
    stack = [Int32](repeating: 0, count: width * height)
  }

  mutating func find(in owners: [Int16]) {
    list.removeAll(keepingCapacity: true)
    for i in labels.indices { labels[i] = 0 }
    for i in owners.indices where owners[i] != 0 && labels[i] == 0 { fill(from: i, owners) }
  }

  /// Index of the largest part with a value.
  func largest(of value: Int) -> Int? {
    var found: Int?
    for index in list.indices where list[index].value == value {
      if found == nil || list[index].area > list[found!].area { found = index }
    }
    return found
  }

  private mutating func fill(from seed: Int, _ owners: [Int16]) {
    let value = owners[seed]
    let label = Int32(list.count + 1)
    let (seedX, seedY) = (seed % width, seed / width)
    var part = GridPart(
      value: Int(value), area: 0, left: seedX, top: seedY, right: seedX, bottom: seedY, sumX: 0, sumY: 0)
    labels[seed] = label
    stack[0] = Int32(seed)
    var depth = 1
    while depth > 0 {
      depth -= 1
      let i = Int(stack[depth])
      let (x, y) = (i % width, i / width)
      part.add(x, y)
      for ny in max(y - 1, 0)...min(y + 1, height - 1) {
        for n in ny * width + max(x - 1, 0)...ny * width + min(x + 1, width - 1)
        where owners[n] == value && labels[n] == 0 {
          labels[n] = label
          stack[depth] = Int32(n)
          depth += 1
        }
      }
    }
    list.append(part)
  }
}
