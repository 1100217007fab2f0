import Foundation
import Kernels

/// A short binary clip with the truth about which object owns each pixel.
public struct LabelledSequence: Sendable {
  /// Width and height in pixels.
  public let width: Int, height: Int
  /// Number of frames T.
  public let frames: Int
  /// [T, H, W], values 0…1.
  public var features: [Float]
  /// [T, H, W]: 0 for background and for pixels that several objects cover, else the object's number from 1.
  public var groups: [Int32]
}

/// Flying shapes: hollow squares and triangles on 28×28 that move along straight lines and bounce off the walls.
///
/// The authors' velocity law is not public. Ours: a uniform direction, a speed uniform in 0.5…1.5 pixels a frame,
/// a uniform start fully inside; a shape whose next position would leave the picture turns that component of its
/// velocity round. Positions are rounded to whole pixels for drawing.
public struct FlyingShapes: Sendable {
  /// Side of the square picture in pixels.
  public static let side = 28
  /// Number of shapes in each clip, drawn with replacement.
  public let objects: Int
  /// Number of frames in each clip.
  public let frames: Int
  /// Seed of the data set.
  public let seed: UInt64

  /// An endless data set; equal arguments give equal clips.
  public init(objects: Int, frames: Int, seed: UInt64) {
    self.objects = objects
    self.frames = frames
    self.seed = seed
  }

  private static let square = bitmap([
    "#######", "#######", "##...##", "##...##", "##...##", "#######", "#######",
  ])
  private static let triangle = bitmap([
    ".....##.....", "....####....", "...##..##...", "..##....##..", ".##......##.", "############", "############",
  ])

  private struct Shape {
    var cells: [(x: Int, y: Int)]
    var width: Int
    var height: Int
  }

  private static func bitmap(_ rows: [String]) -> Shape {
    let cells = rows.enumerated().flatMap { y, row in
      row.enumerated().filter { $0.element == "#" }.map { (x: $0.offset, y: y) }
    }
    return Shape(cells: cells, width: rows[0].count, height: rows.count)
  }

  private static let shapes = [
    square, triangle,
    Shape(cells: triangle.cells.map { ($0.x, triangle.height - 1 - $0.y) }, width: 12, height: 7),
  ]

  /// One coordinate of a moving shape, kept within 0…limit by turning round at the walls.
  private struct Axis {
    var position: Float
    var velocity: Float
    var limit: Float

    mutating func advance() {
      if !(0...limit).contains(position + velocity) { velocity = -velocity }
      position += velocity
    }
  }

  /// Clip number `index` of the data set.
  public func sequence(_ index: Int) -> LabelledSequence {
    var random = RandomSource(seed: seed, index: UInt64(index))
    let area = Self.side * Self.side
    var result = LabelledSequence(
      width: Self.side, height: Self.side, frames: frames, features: Array(repeating: 0, count: frames * area),
      groups: Array(repeating: 0, count: frames * area))
    var covered = [Int32](repeating: 0, count: frames * area)
    for object in 0..<objects {
      let shape = Self.shapes[random.integer(below: Self.shapes.count)]
      let (angle, speed) = (random.uniform(0, 2 * .pi), random.uniform(0.5, 1.5))
      func axis(_ extent: Int, _ velocity: Float) -> Axis {
        let limit = Float(Self.side - extent)
        return Axis(position: random.uniform(0, limit), velocity: velocity, limit: limit)
      }
      var x = axis(shape.width, speed * cos(angle))
      var y = axis(shape.height, speed * sin(angle))
      for frame in 0..<frames {
        let origin = frame * area + Int(y.position.rounded()) * Self.side + Int(x.position.rounded())
        for cell in shape.cells {
          let pixel = origin + cell.y * Self.side + cell.x
          covered[pixel] += 1
          result.features[pixel] = 1
          result.groups[pixel] = covered[pixel] == 1 ? Int32(object + 1) : 0
        }
        x.advance()
        y.advance()
      }
    }
    return result
  }
}
