import CKernels

/// The tiles of a mask that hold foreground, as runs for the kernels and as connected groups.
struct TileGroups {
  private static let side = Int(NEM_SHADOW_TILE)
  private static let area = UInt8(side * side)
  /// Neighbouring tiles of one tile row that hold foreground, as rectangles of pixels.
  private(set) var runs: [nem_shadow_run] = []
  /// Tiles that held foreground in the mask before and hold none now, each as a rectangle of pixels.
  private(set) var left: [nem_shadow_run] = []
  private let width: Int, height: Int
  private let columns: Int, rows: Int
  private let level: Int32
  /// Foreground of each tile in the mask before, in this one, and in what is left of it.
  private var earlier: [UInt8]
  private var before: [UInt8]
  private var after: [UInt8]
  /// False only for tiles that hold foreground while their groups are looked for.
  private var isVisited: [Bool]
  private var group: [Int] = []

  init(width: Int, height: Int, level: Int32) {
    (self.width, self.height, self.level) = (width, height, level)
    columns = (width + Self.side - 1) / Self.side
    rows = (height + Self.side - 1) / Self.side
    before = Array(repeating: 0, count: columns * rows)
    (earlier, after) = (before, before)
    isVisited = Array(repeating: true, count: columns * rows)
  }

  /// Finds the tiles of `mask`, rows of `width`, 255 for foreground.
  mutating func find(in mask: UnsafePointer<UInt8>) {
    swap(&before, &earlier)
    nem_tile_counts(mask, width, Int32(width), Int32(height), &before, level)
    left.removeAll(keepingCapacity: true)
    runs.removeAll(keepingCapacity: true)
    for tile in before.indices where before[tile] == 0 && earlier[tile] > 0 {
      left.append(run(tile / columns, tile % columns, tile % columns + 1))
    }
    for row in 0..<rows {
      var column = 0
      while column < columns {
        let start = column
        while column < columns, before[row * columns + column] > 0, (column - start) * Self.side < NEM_SHADOW_RUN {
          column += 1
        }
        if column > start { runs.append(run(row, start, column)) } else { column += 1 }
      }
    }
  }

  /// Takes it that every tile held foreground in the last mask.
  mutating func suspectAll() {
    for tile in before.indices { before[tile] = 1 }
  }

  private func run(_ row: Int, _ start: Int, _ end: Int) -> nem_shadow_run {
    nem_shadow_run(
      left: Int32(start * Self.side), top: Int32(row * Self.side), right: Int32(min(end * Self.side, width)),
      bottom: Int32(min((row + 1) * Self.side, height)))
  }

  /// Pixels of value 127 become 0, but 255 in groups without an owner.
  mutating func restore(_ mask: UnsafeMutablePointer<UInt8>, _ owner: ShadowOwner) {
    let (width, level) = (width, level)
    for run in runs {
      let (pixels, first) = (mask + Int(run.top) * width + Int(run.left), tiles(of: run).lowerBound)
      after.withUnsafeMutableBufferPointer {
        nem_tile_counts(pixels, width, run.right - run.left, run.bottom - run.top, $0.baseAddress! + first, level)
      }
    }
    for run in runs {
      for tile in tiles(of: run) { isVisited[tile] = false }
    }
    for run in runs {
      for tile in tiles(of: run) where !isVisited[tile] { restoreGroup(of: tile, mask, owner) }
    }
  }

  private func tiles(of run: nem_shadow_run) -> Range<Int> {
    let first = Int(run.top) / Self.side * columns
    return first + Int(run.left) / Self.side..<first + (Int(run.right) + Self.side - 1) / Self.side
  }

  private mutating func restoreGroup(of tile: Int, _ mask: UnsafeMutablePointer<UInt8>, _ owner: ShadowOwner) {
    collectGroup(from: tile)
    let had = group.reduce(0) { $0 + Int(before[$1]) }
    let keeps = group.reduce(0) { $0 + Int(after[$1]) }
    if keeps == had { return }
    let isOwned = owner.isSeen(keeping: keeps, of: had, whole: group.filter { before[$0] == Self.area }.map(corner))
    let value: UInt8 = isOwned ? 0 : 255
    for member in group where after[member] < before[member] { settle(member, value, mask) }
  }

  /// The tiles that hang together with `tile` over their sides.
  private mutating func collectGroup(from tile: Int) {
    group.removeAll(keepingCapacity: true)
    visit(tile)
    var next = 0
    while next < group.count {
      let (row, column) = (group[next] / columns, group[next] % columns)
      if column > 0 { visit(group[next] - 1) }
      if column + 1 < columns { visit(group[next] + 1) }
      if row > 0 { visit(group[next] - columns) }
      if row + 1 < rows { visit(group[next] + columns) }
      next += 1
    }
  }

  private mutating func visit(_ tile: Int) {
    if isVisited[tile] { return }
    isVisited[tile] = true
    group.append(tile)
  }

  /// The number of a tile's first pixel.
  private func corner(_ tile: Int) -> Int { (tile / columns * width + tile % columns) * Self.side }

  private func settle(_ tile: Int, _ value: UInt8, _ mask: UnsafeMutablePointer<UInt8>) {
    let (top, left) = (tile / columns * Self.side, tile % columns * Self.side)
    for y in top..<min(top + Self.side, height) {
      let row = mask + y * width
      for x in left..<min(left + Self.side, width) { row[x] = row[x] == 127 ? value : row[x] }
    }
  }
}
