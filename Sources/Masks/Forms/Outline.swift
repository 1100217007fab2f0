import Kernels

/// The outer outlines of one object's parts, along the edges of its pixels: filling them gives back its pixels, with holes
/// filled. Parts that meet only at a corner have an outline each.
package struct Outline: Sendable, Equatable {
  /// A corner of pixels: pixel (x, y) has its top left corner at (x, y).
  package struct Corner: Sendable, Equatable {
    package let x: Int
    package let y: Int
  }

  /// For each part its corners in turn, clockwise from the left one of the topmost, the last joined to the first.
  package private(set) var parts: [[Corner]] = []

  private let bounds: PixelRect
  private var isInside: [Bool]
  /// Pixels whose top edge is part of an outline that was followed.
  private var isFollowed: [Bool]

  /// East, south, west and north; the object lies to the right.
  private static let steps = [(1, 0), (0, 1), (-1, 0), (0, -1)]
  /// From a corner to the pixel ahead and to the right, for each direction; that to the left is the one before.
  private static let ahead = [(0, 0), (-1, 0), (-1, -1), (0, -1)]

  /// The outlines of the pixels of `labels` inside `bounds` that are `id`.
  package init(_ id: Int32, in bounds: PixelRect, of labels: Image<Int32>) {
    self.bounds = bounds
    isInside = []
    for y in bounds.y..<bounds.y + bounds.height {
      let row = y * labels.width + bounds.x
      isInside += labels.pixels[row..<row + bounds.width].map { $0 == id }
    }
    isFollowed = Array(repeating: false, count: isInside.count)
    for y in 0..<bounds.height {
      for x in 0..<bounds.width where contains(x, y) && !contains(x, y - 1) && !isFollowed[y * bounds.width + x] {
        let corners = follow(x, y)
        // The outline of a hole runs the other way round.
        if area(corners) > 0 { parts.append(corners) }
      }
    }
  }

  private func contains(_ x: Int, _ y: Int) -> Bool {
    x >= 0 && y >= 0 && x < bounds.width && y < bounds.height && isInside[y * bounds.width + x]
  }

  /// Follows the outline that begins with the top edge of a pixel.
  private mutating func follow(_ startX: Int, _ startY: Int) -> [Corner] {
    var corners: [Corner] = []
    var (x, y, heading) = (startX, startY, 0)
    var last = 3
    repeat {
      if heading == 0 { isFollowed[y * bounds.width + x] = true }
      if heading != last { corners.append(Corner(x: x + bounds.x, y: y + bounds.y)) }
      last = heading
      (x, y) = (x + Self.steps[heading].0, y + Self.steps[heading].1)
      let (right, left) = (Self.ahead[heading], Self.ahead[(heading + 3) % 4])
      if !contains(x + right.0, y + right.1) {
        heading = (heading + 1) % 4
      } else if contains(x + left.0, y + left.1) {
        heading = (heading + 3) % 4
      }
    } while (x, y, heading) != (startX, startY, 0)
    return corners
  }

  /// Twice the area, positive where the corners run clockwise on the screen (the shoelace formula).
  private func area(_ corners: [Corner]) -> Int {
    zip(corners, corners.dropFirst() + corners.prefix(1)).reduce(0) { $0 + $1.0.x * $1.1.y - $1.1.x * $1.0.y }
  }
}
