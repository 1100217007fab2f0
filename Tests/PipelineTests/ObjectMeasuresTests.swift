import CKernels
import Kernels
import NEM
import Pipeline
import Testing

@Suite struct ObjectMeasuresTests {
  /// Against the definition, with objects on the grid whose pixels lie in neighbour cells or nowhere.
  @Test(arguments: [Int32(0), 1, 2]) func measuresAreThoseOfThePixels(level: Int32) {
    var random = RandomSource(seed: 6)
    let (width, height, columns, rows) = (161, 97, 16, 9)
    var grid = Image<Int32>(width: columns, height: rows, fill: 0)
    var labels = Image<Int32>(width: width, height: height, fill: 0)
    for (id, column) in [(Int32(3), 2), (8, 6), (5, 7), (9, 14)] {
      for y in 2...5 { for x in column...column + 1 { grid[x, y] = id } }
      guard id != 9 else { continue }
      // Up to one cell beyond the grid's.
      for y in 2 * height / rows..<6 * height / rows {
        for x in (column - 1) * width / columns + 1..<(column + 2) * width / columns where random.uniform() < 0.7 {
          labels[x, y] = id
        }
      }
    }
    let objects = [Int32(3), 5, 8, 9].map { GridObject(id: $0, confidence: 0.5, hidden: false) }
    let records = ObjectMeasures(labels, grid: grid, level: min(level, nem_cpu_level())).records(objects)
    for (object, record) in zip(objects, records) {
      let own = labels.pixels.indices.filter { labels.pixels[$0] == object.id }
      let (xs, ys) = (own.map { $0 % width }, own.map { $0 / width })
      #expect(record.id == Int(object.id) && record.area == own.count)
      guard let left = xs.min(), let right = xs.max(), let top = ys.min(), let bottom = ys.max() else {
        #expect(record.bounds == PixelRect(x: 0, y: 0, width: 0, height: 0) && record.confidence == 0)
        continue
      }
      #expect(record.bounds == PixelRect(x: left, y: top, width: right + 1 - left, height: bottom + 1 - top))
      #expect(record.centroidX == Double(xs.reduce(0, +)) / Double(own.count))
      #expect(record.centroidY == Double(ys.reduce(0, +)) / Double(own.count))
    }
  }
}
