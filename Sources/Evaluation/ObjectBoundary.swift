import Kernels

/// The outline of one object in one frame, and the pixels near it.
struct ObjectBoundary {
  private var points: [(x: Int, y: Int)] = []
  /// The columns and rows within reach of the outline.
  private var columns = 0..<0
  private var rows = 0..<0
  /// Whether a pixel of `columns` × `rows` is within reach.
  private var near: [Bool] = []

  /// The outlines of all objects of a picture, by id; labels below 1 are background.
  ///
  /// A pixel is on an outline where it, its right, its lower and its lower right neighbour are not all inside or all
  /// outside (the boundary map of Martin, Fowlkes & Malik that DAVIS uses); beyond the last row and column there is
  /// nothing to compare with.
  ///
  /// - Parameter reach: radius of the disk around an outline's pixels that counts as near, in pixels.
  static func all(in labels: Image<Int32>, reach: Int) -> [Int32: ObjectBoundary] {
    var outlines: [Int32: ObjectBoundary] = [:]
    let (width, height) = (labels.width, labels.height)
    for y in 0..<height {
      for x in 0..<width {
        let here = labels[x, y]
        let right = x + 1 < width ? labels[x + 1, y] : here
        let below = y + 1 < height ? labels[x, y + 1] : here
        let corner = x + 1 < width && y + 1 < height ? labels[x + 1, y + 1] : here
        if here == right && here == below && here == corner { continue }
        for label in Set([here, right, below, corner]) where label > 0 {
          outlines[label, default: ObjectBoundary()].points.append((x, y))
        }
      }
    }
    return outlines.mapValues { $0.dilated(by: reach, width: width, height: height) }
  }

  /// Boundary F of two objects: the harmonic mean of the shares of each outline that are near the other (Perazzi et al.
  /// 2016). Two objects without outline, which fill the picture, agree.
  static func fMeasure(_ first: ObjectBoundary?, _ second: ObjectBoundary?) -> Double {
    guard let first, let second else { return first == nil && second == nil ? 1 : 0 }
    let (precision, recall) = (first.share(near: second), second.share(near: first))
    return precision + recall == 0 ? 0 : 2 * precision * recall / (precision + recall)
  }

  private func share(near other: ObjectBoundary) -> Double {
    let found = points.reduce(0) { $0 + (other.isNear($1.x, $1.y) ? 1 : 0) }
    return Double(found) / Double(points.count)
  }

  private func isNear(_ x: Int, _ y: Int) -> Bool {
    columns.contains(x) && rows.contains(y) && near[(y - rows.lowerBound) * columns.count + x - columns.lowerBound]
  }

  private func dilated(by reach: Int, width: Int, height: Int) -> ObjectBoundary {
    var outline = self
    let (xs, ys) = (points.map(\.x), points.map(\.y))
    outline.columns = max(0, xs.min()! - reach)..<min(width, xs.max()! + reach + 1)
    outline.rows = max(0, ys.min()! - reach)..<min(height, ys.max()! + reach + 1)
    outline.near = Array(repeating: false, count: outline.columns.count * outline.rows.count)
    // Half the disk's width in each of its rows.
    let halves: [Int] = (-reach...reach).map { row in
      let square = Double(reach * reach - row * row)
      return Int(square.squareRoot())
    }
    for point in points {
      for y in max(point.y - reach, 0)...min(point.y + reach, height - 1) {
        let half = halves[y - point.y + reach]
        let start = (y - outline.rows.lowerBound) * outline.columns.count - outline.columns.lowerBound
        for x in max(point.x - half, 0)...min(point.x + half, width - 1) { outline.near[start + x] = true }
      }
    }
    return outline
  }
}
