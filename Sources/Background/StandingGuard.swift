import CKernels
import Foundation
import Kernels

/// Keeps standing objects out of the background, and finds those that are holes in it.
///
/// An object differs from what is around it in the frame; a hole, left by something that the background shows and that has
/// gone, differs in the background. So the brightness steps over the outline are compared between the two. Lengths are in
/// pixels at the background's place.
struct StandingGuard {
  /// Of this many frames one is learned from in spite of all: nothing is kept out for ever.
  static let leak = 32
  /// Outlines are compared in one of this many frames.
  static let stride = 4
  /// An object that loses more than this share of itself as shadow is none.
  private static let shadowShare: Float = 0.25
  /// Share of the newest comparison in the mean.
  private static let rate: Float = 0.2

  private struct Run {
    var id: Int32
    /// Whether it is inside the object and not around it.
    var isInside: Bool
    var isKept: Bool
    var columns: Range<Int>
  }

  private let width: Int, height: Int
  /// The runs of each row of the grid, and which of its rows a row of the picture belongs to.
  private var runs: [[Run]] = []
  private var gridRows: [Int]
  /// The rows of the picture from the first with an object to the last.
  private var rows = 0..<0
  private var outlines: [Int32: Outline] = [:]
  /// Planes of one row while it is updated.
  private var savedState: [UInt16]
  /// A mask before shadows are taken out of it; made when first needed.
  private var savedMask: [UInt8] = []
  /// Whether there is any object.
  private(set) var isEmpty = true

  /// For pictures of `width` × `height` pixels whose state has `planes` planes.
  init(width: Int, height: Int, planes: Int) {
    (self.width, self.height) = (width, height)
    gridRows = Array(repeating: 0, count: height)
    savedState = Array(repeating: 0, count: planes * width)
  }

  /// Takes the objects for the next frame. The tracker's frame was at (x + dx, y + dy) of the background's (x, y).
  mutating func take(_ standing: StandingObjects?, shift: GlobalMotion.Shift) {
    isEmpty = standing == nil
    guard let standing else {
      outlines.removeAll()
      return
    }
    let cells = standing.cells
    let (dx, dy) = ((Int(shift.dx) + 8) >> 4, (Int(shift.dy) + 8) >> 4)
    for y in gridRows.indices { gridRows[y] = min(max(y + dy, 0), height - 1) * cells.height / height }
    runs = (0..<cells.height).map { rowRuns(standing, $0, shift: dx) }
    let first = gridRows.firstIndex { !runs[$0].isEmpty } ?? height
    rows = first..<max(first, (gridRows.lastIndex { !runs[$0].isEmpty } ?? 0) + 1)
    let present = Set(runs.joined().map(\.id))
    outlines = outlines.filter { present.contains($0.key) }
  }

  private func rowRuns(_ standing: StandingObjects, _ row: Int, shift: Int) -> [Run] {
    let columns = standing.cells.width
    var found: [Run] = []
    for column in 0..<columns {
      let value = standing.cells[column, row]
      guard value != 0 else { continue }
      let (id, isInside) = (abs(value), value > 0)
      let first = min(max((column * width + columns - 1) / columns - shift, 0), width)
      let end = min(max(((column + 1) * width + columns - 1) / columns - shift, first), width)
      if let last = found.last, last.id == id, last.isInside == isInside, last.columns.upperBound == first {
        found[found.count - 1].columns = last.columns.lowerBound..<end
      } else {
        let hasArrived = standing.arrived.contains(id)
        let isKept = outlines[id]?.isObject(hasArrived: hasArrived) ?? hasArrived
        found.append(Run(id: id, isInside: isInside, isKept: isKept, columns: first..<end))
      }
    }
    return found
  }

  /// The columns of a row that must not be learned.
  func kept(row: Int) -> [Range<Int>] { runs[gridRows[row]].lazy.filter(\.isKept).map(\.columns) }

  /// Notes the state of the row's pixels that must not be learned; false if there are none.
  mutating func save(row: Int, of mixtures: borrowing MixturePlanes) -> Bool {
    let kept = kept(row: row)
    if kept.isEmpty { return false }
    for plane in 0..<savedState.count / width {
      let state = mixtures[plane, row]
      savedState.withUnsafeMutableBufferPointer { saved in
        let target = saved.baseAddress! + plane * width
        for run in kept { (target + run.lowerBound).update(from: state + run.lowerBound, count: run.count) }
      }
    }
    return true
  }

  /// Brings the saved state back.
  func restore(row: Int, of mixtures: borrowing MixturePlanes) {
    let kept = kept(row: row)
    for plane in 0..<savedState.count / width {
      let state = mixtures[plane, row]
      savedState.withUnsafeBufferPointer { saved in
        let source = saved.baseAddress! + plane * width
        for run in kept { (state + run.lowerBound).update(from: source + run.lowerBound, count: run.count) }
      }
    }
    mixtures.forgetBlocks(row: row)
  }

  /// The pixels inside the objects that are kept out.
  private func forEachInside(_ body: (_ id: Int32, _ pixels: Range<Int>) -> Void) {
    for row in 0..<height {
      for run in runs[gridRows[row]] where run.isInside && run.isKept {
        body(run.id, row * width + run.columns.lowerBound..<row * width + run.columns.upperBound)
      }
    }
  }

  /// Notes the mask in the rows of the objects.
  mutating func save(_ mask: UnsafePointer<UInt8>) {
    if isEmpty { return }
    if savedMask.isEmpty { savedMask = Array(repeating: 0, count: width * height) }
    guard let top = rows.first, let bottom = rows.last else { return }
    savedMask.withUnsafeMutableBufferPointer {
      ($0.baseAddress! + top * width).update(from: mask + top * width, count: (bottom + 1 - top) * width)
    }
  }

  /// Brings back what was taken for shadow: objects that have lost much of what was noted, and what is between the parts
  /// of an object.
  func restore(_ mask: UnsafeMutablePointer<UInt8>) {
    if isEmpty { return }
    var counts: [Int32: (before: Int, lost: Int)] = [:]
    forEachInside { id, pixels in
      var (before, lost) = (0, 0)
      for i in pixels where savedMask[i] != 0 {
        before += 1
        lost += mask[i] == 0 ? 1 : 0
      }
      counts[id, default: (0, 0)].before += before
      counts[id]!.lost += lost
    }
    let lost = Set(counts.filter { Float($0.value.lost) > Self.shadowShare * Float($0.value.before) }.keys)
    forEachInside { id, pixels in
      if lost.contains(id) { for i in pixels { mask[i] = savedMask[i] } }
    }
    for id in Set(runs.joined().lazy.filter(\.isInside).map(\.id)) { fill(id, mask) }
  }

  /// Brings back what has parts of an object below it and on two more sides: a shadow lies below its owner or beside it.
  private func fill(_ id: Int32, _ mask: UnsafeMutablePointer<UInt8>) {
    let parts = runs.map { row in row.filter { $0.id == id && $0.isInside }.map(\.columns) }
    var (highest, lowest) = ([Int](repeating: .max, count: width), [Int](repeating: .min, count: width))
    for (row, parts) in parts.enumerated() {
      for x in parts.joined() { (highest[x], lowest[x]) = (min(highest[x], row), row) }
    }
    guard let first = lowest.firstIndex(where: { $0 >= 0 }), let last = lowest.lastIndex(where: { $0 >= 0 }) else {
      return
    }
    let (top, bottom) = (parts.firstIndex { !$0.isEmpty } ?? 0, lowest[first...last].max()!)
    for y in rows where top..<bottom ~= gridRows[y] {
      let (row, start) = (gridRows[y], y * width + first)
      let isWhole = savedMask.withUnsafeBufferPointer {
        memcmp(mask + start, $0.baseAddress! + start, last + 1 - first) == 0
      }
      if isWhole { continue }
      let (left, right) = (parts[row].first?.lowerBound ?? .max, parts[row].last?.upperBound ?? .min)
      for x in first...last where mask[y * width + x] != savedMask[y * width + x] && lowest[x] > row {
        let sides = (left < x ? 1 : 0) + (right > x + 1 ? 1 : 0) + (highest[x] < row ? 1 : 0)
        if sides >= 2 { mask[y * width + x] = savedMask[y * width + x] }
      }
    }
  }

  /// Compares the outlines of the objects in a mask.
  /// - Parameters:
  ///   - mask: 255 for foreground, rows of `width`.
  ///   - luma: the frame's brightness, rows of `stride` bytes.
  ///   - gain: the factor that brings the frame to the background's exposure.
  ///   - mean: the background's brightness · 256, rows of `width`.
  mutating func compareOutlines(
    _ mask: UnsafePointer<UInt8>, luma: UnsafePointer<UInt8>, stride: Int, gain: Float, mean: UnsafePointer<UInt16>
  ) {
    let reach = Outline.reach
    guard width > 2 * reach, height > 2 * reach else { return }
    var steps: [Int32: Outline] = [:]
    for y in reach..<height - reach {
      for run in runs[gridRows[y]] {
        var (frame, background) = (0, 0)
        for x in run.columns.clamped(to: reach..<width - reach) {
          let (i, pixel) = (y * width + x, luma + y * stride + x)
          if mask[i] != mask[i + 1] {
            frame += Outline.step(pixel, stride: 1)
            background += Outline.step(mean + i, stride: 1)
          }
          if mask[i] != mask[i + width] {
            frame += Outline.step(pixel, stride: stride)
            background += Outline.step(mean + i, stride: width)
          }
        }
        steps[run.id, default: Outline()].add(Float(frame) * gain, Float(background) / 256)
      }
    }
    for (id, step) in steps where !step.isEmpty {
      outlines[id] = outlines[id]?.moved(towards: step, by: Self.rate) ?? step
    }
  }

  /// Carries the outlines; the objects themselves come anew with each frame.
  mutating func carry(_ archive: inout StateArchive) throws(StateFault) {
    var list = outlines.sorted { $0.key < $1.key }.map { (id: $0.key, outline: $0.value) }
    try archive.carry(list: &list, blank: (id: 0, outline: Outline())) { (item, archive) throws(StateFault) in
      try archive.carry(&item.id)
      try item.outline.carry(&archive)
    }
    outlines = Dictionary(list.map { ($0.id, $0.outline) }) { first, _ in first }
  }

  /// Whether any object is a hole.
  var hasHoles: Bool { outlines.values.contains(where: \.isHole) }

  /// The pixels of a row that lie in or around holes.
  func holes(row: Int) -> [Range<Int>] {
    runs[gridRows[row]].compactMap { outlines[$0.id]?.isHole == true ? $0.columns : nil }
  }
}
