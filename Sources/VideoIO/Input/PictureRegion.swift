import Kernels

/// A part of the picture in source pixels: a rectangle `x,y,w,h`, a polygon `x,y;x,y;x,y`, or several of them with
/// spaces between.
public struct PictureRegion: Sendable, Equatable {
  /// Corners of each polygon in order.
  private let polygons: [[Point]]

  private struct Point: Sendable, Equatable {
    var x: Double
    var y: Double
  }

  /// Nil for a text of another form, or a part without area.
  public init?(_ text: String) {
    let parts = text.split(separator: " ").map(Self.polygon)
    guard !parts.isEmpty, !parts.contains(nil) else { return nil }
    polygons = parts.compactMap { $0 }
  }

  private static func polygon(_ text: Substring) -> [Point]? {
    let points = text.split(separator: ";", omittingEmptySubsequences: false).map { numbers($0) }
    if points.count == 1 {
      guard let box = points[0], box.count == 4, box[2] > 0, box[3] > 0 else { return nil }
      let (right, bottom) = (box[0] + box[2], box[1] + box[3])
      return [
        Point(x: box[0], y: box[1]), Point(x: right, y: box[1]), Point(x: right, y: bottom),
        Point(x: box[0], y: bottom),
      ]
    }
    guard points.count >= 3, points.allSatisfy({ $0?.count == 2 }) else { return nil }
    return points.compactMap { $0.map { Point(x: $0[0], y: $0[1]) } }
  }

  /// Numbers with commas between them, 0 to 99999 each.
  private static func numbers(_ text: Substring) -> [Double]? {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false).map { part in
      (1...5).contains(part.utf8.count) && part.utf8.allSatisfy { (48...57).contains($0) } ? Double(part) : nil
    }
    return parts.contains(nil) ? nil : parts.compactMap { $0 }
  }

  /// 255 at the pixels whose centres lie inside, for a picture of `width` by `height` pixels that shows all of a source
  /// of `sourceWidth` by `sourceHeight`. Inside is what an odd number of edges encloses (even-odd rule).
  public func mask(width: Int, height: Int, sourceWidth: Int, sourceHeight: Int) -> Image<UInt8> {
    var mask = Image<UInt8>(width: width, height: height, fill: 0)
    let scale = (x: Double(width) / Double(sourceWidth), y: Double(height) / Double(sourceHeight))
    for polygon in polygons {
      let corners = polygon.map { Point(x: $0.x * scale.x, y: $0.y * scale.y) }
      for row in 0..<height {
        let crossings = Self.crossings(corners, y: Double(row) + 0.5)
        for pair in stride(from: 0, to: crossings.count - 1, by: 2) {
          let first = Self.column(crossings[pair], width)
          let last = Self.column(crossings[pair + 1], width)
          for column in first..<max(first, last) { mask[column, row] = 255 }
        }
      }
    }
    return mask
  }

  /// The first column whose centre is not left of `x`.
  private static func column(_ x: Double, _ width: Int) -> Int { min(width, max(0, Int((x - 0.5).rounded(.up)))) }

  /// Where a row's centre line crosses the edges, from left to right.
  private static func crossings(_ corners: [Point], y: Double) -> [Double] {
    zip(corners, corners.dropFirst() + corners.prefix(1)).compactMap { a, b in
      (a.y <= y) == (b.y <= y) ? nil : a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x)
    }.sorted()
  }
}
