import Kernels

/// Shapes: still 28×28 pictures of hollow squares and triangles (Reichert & Serre 2013), which may overlap.
///
/// Each shape is drawn with replacement, at a whole-pixel position that is uniform among those fully inside.
public struct Shapes: SequenceSource {
  /// Number of shapes in each picture.
  public let objects: Int
  /// Seed of the data set.
  public let seed: UInt64
  /// Binary clips of 28×28; every frame is the same picture.
  public let format: SequenceFormat

  /// An endless data set; equal arguments give equal clips, and another number of frames gives the same pictures.
  public init(objects: Int, frames: Int, seed: UInt64) {
    self.objects = objects
    self.seed = seed
    format = SequenceFormat(frames: frames, height: ShapeBitmap.side, width: ShapeBitmap.side)
  }

  /// Clip number `index` of the data set.
  public func sequence(_ index: Int) -> LabelledSequence {
    var random = RandomSource(seed: seed, index: UInt64(index))
    var canvas = ClipCanvas(format)
    for object in 1...objects {
      let shape = ShapeBitmap.all[random.integer(below: ShapeBitmap.all.count)]
      let x = random.integer(below: format.width - shape.width + 1)
      let y = random.integer(below: format.height - shape.height + 1)
      for frame in 0..<format.frames { shape.draw(in: &canvas, frame: frame, x: x, y: y, object: object) }
    }
    return canvas.clip()
  }
}
