import CKernels
import Kernels
import Masks
import NEM

/// Area, bounds and centroid of each object in a picture of labels.
package struct ObjectMeasures {
  /// The cells of an object on the grid: first and last column and row.
  private struct Cells {
    let id: Int32
    var left: Int, top: Int, right: Int, bottom: Int
  }

  /// Few enough to be looked through.
  private var found: [(id: Int32, sums: nem_label_sums)] = []

  /// Measures `labels`; only the surroundings of numbered cells of `grid`, which they came from, are looked at, because a
  /// pixel may have its number from a neighbour cell. `level` as for `nem_gmm_update`.
  package init(_ labels: Image<Int32>, grid: Image<Int32>, level: Int32 = nem_cpu_level()) {
    func first(_ cell: Int, of cells: Int, _ pixels: Int) -> Int32 {
      Int32((min(max(cell, 0), cells) * pixels + cells - 1) / cells)
    }
    found = Self.cells(of: grid).map { cells in
      var sums = nem_label_sums()
      nem_measure_label(
        labels.pixels, labels.width, first(cells.left - 1, of: grid.width, labels.width),
        first(cells.top - 1, of: grid.height, labels.height), first(cells.right + 2, of: grid.width, labels.width),
        first(cells.bottom + 2, of: grid.height, labels.height), cells.id, &sums, level)
      return (cells.id, sums)
    }
  }

  private static func cells(of grid: Image<Int32>) -> [Cells] {
    var found: [Cells] = []
    grid.pixels.withUnsafeBufferPointer { pixels in
      var index = 0
      for row in 0..<grid.height {
        for column in 0..<grid.width {
          let id = pixels[row * grid.width + column]
          if id == 0 { continue }
          if index >= found.count || found[index].id != id {
            index = found.firstIndex { $0.id == id } ?? found.count
            if index == found.count { found.append(Cells(id: id, left: column, top: row, right: column, bottom: row)) }
          }
          found[index].left = min(found[index].left, column)
          found[index].right = max(found[index].right, column)
          found[index].bottom = row
        }
      }
    }
    return found
  }

  /// The records of a frame's objects; one without pixels has area 0 and an empty box.
  package func records(_ objects: [GridObject]) -> [ObjectRecord] {
    objects.map { object in
      guard let sums = found.first(where: { $0.id == object.id })?.sums, sums.area > 0 else {
        return ObjectRecord(
          id: Int(object.id), bounds: PixelRect(x: 0, y: 0, width: 0, height: 0), area: 0, centroidX: 0, centroidY: 0,
          confidence: 0)
      }
      return ObjectRecord(
        id: Int(object.id),
        bounds: PixelRect(
          x: Int(sums.left), y: Int(sums.top), width: Int(sums.right - sums.left + 1),
          height: Int(sums.bottom - sums.top + 1)),
        area: Int(sums.area), centroidX: Double(sums.x) / Double(sums.area),
        centroidY: Double(sums.y) / Double(sums.area), confidence: Double(object.confidence))
    }
  }
}
