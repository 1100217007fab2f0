import Foundation
import Kernels

/// Flying shapes: hollow squares and triangles on 28×28 that move along straight lines and bounce off the walls.
///
/// The authors' velocity law is not public. Ours: a uniform direction, a speed uniform in 0.5…1.5 pixels a frame,
/// a uniform start fully inside; a shape whose next position would leave the picture turns that component of its
/// velocity round. Positions are rounded to whole pixels for drawing.
public struct FlyingShapes: SequenceSource {
  /// Bounds of the number of shapes in a clip, which are drawn with replacement.
  public let objects: ClosedRange<Int>
  /// Seed of the data set.
  public let seed: UInt64
  /// Binary clips of 28×28.
  public let format: SequenceFormat

  /// An endless data set; equal arguments give equal clips.
  public init(objects: ClosedRange<Int>, frames: Int, seed: UInt64) {
    precondition(objects.lowerBound > 0, "a clip has at least one shape")
    self.objects = objects
    self.seed = seed
    format = SequenceFormat(frames: frames, height: ShapeBitmap.side, width: ShapeBitmap.side)
  }

  /// Clip number `index` of the data set.
  public func sequence(_ index: Int) -> LabelledSequence {
    var random = RandomSource(seed: seed, index: UInt64(index))
    var canvas = ClipCanvas(format)
    // One number is not drawn, so that clips are those of earlier versions.
    let count = objects.lowerBound + (objects.count == 1 ? 0 : random.integer(below: objects.count))
    for object in 1...count {
      let shape = ShapeBitmap.all[random.integer(below: ShapeBitmap.all.count)]
      var path = BouncingPath(
        width: format.width - shape.width, height: format.height - shape.height, speeds: 0.5...1.5, &random)
      for frame in 0..<format.frames {
        shape.draw(in: &canvas, frame: frame, x: path.x.pixel, y: path.y.pixel, object: object)
        path.advance()
      }
    }
    return canvas.clip()
  }
}
