import Kernels

/// Small pictures of handwritten digits, 14×14 with values 0…1.
public struct DigitSet: Sendable {
  /// Side of MNIST's pictures.
  public static let sourceSide = 28
  static let side = sourceSide / 2
  /// Number of digits.
  public let count: Int
  private let pixels: [Float]

  /// Scales pictures down by the mean of each 2×2 pixels.
  /// - Parameter pictures: [count, 28, 28], 0…255.
  public init(pictures: [UInt8]) {
    let area = Self.sourceSide * Self.sourceSide
    precondition(!pictures.isEmpty && pictures.count % area == 0, "pictures of 28×28 are needed")
    count = pictures.count / area
    pixels = (0..<count * Self.side * Self.side).map { place in
      let (row, column) = (place / Self.side, place % Self.side)
      let corner = 2 * row * Self.sourceSide + 2 * column
      let sum = [0, 1, Self.sourceSide, Self.sourceSide + 1].reduce(0) { $0 + Int(pictures[corner + $1]) }
      return Float(sum) / Float(4 * 255)
    }
  }

  /// Digit number `index`, [14, 14].
  subscript(index: Int) -> ArraySlice<Float> {
    let area = Self.side * Self.side
    return pixels[index * area..<(index + 1) * area]
  }
}

/// Flying MNIST: grey digits on 24×24 that move along straight lines and bounce off the walls; where they meet, the
/// brighter one is seen.
///
/// The authors' velocity law is not public; digits move as in `FlyingShapes`, and what bounces is their 14×14 picture.
/// Digits are drawn with replacement. A pixel darker than a tenth belongs to nobody.
public struct FlyingDigits: SequenceSource {
  /// Side of the square picture in pixels.
  public static let side = 24
  private static let faint: Float = 0.1
  /// Number of digits in each clip.
  public let objects: Int
  /// Seed of the data set.
  public let seed: UInt64
  /// Grey clips of 24×24.
  public let format: SequenceFormat
  private let digits: DigitSet

  /// An endless data set; equal arguments give equal clips.
  public init(_ digits: DigitSet, objects: Int, frames: Int, seed: UInt64) {
    (self.digits, self.objects, self.seed) = (digits, objects, seed)
    format = SequenceFormat(frames: frames, height: Self.side, width: Self.side)
  }

  /// Clip number `index` of the data set.
  public func sequence(_ index: Int) -> LabelledSequence {
    var random = RandomSource(seed: seed, index: UInt64(index))
    var canvas = ClipCanvas(format)
    let room = Self.side - DigitSet.side
    for object in 1...objects {
      let digit = digits[random.integer(below: digits.count)]
      var path = BouncingPath(width: room, height: room, speeds: 0.5...1.5, &random)
      for frame in 0..<format.frames {
        let origin = frame * format.pixels + path.y.pixel * Self.side + path.x.pixel
        for (cell, value) in digit.enumerated() where value > 0 {
          let place = origin + cell / DigitSet.side * Self.side + cell % DigitSet.side
          if value < Self.faint {
            canvas.glow(value, at: place)
          } else {
            canvas.lay(value, at: place, object: object)
          }
        }
        path.advance()
      }
    }
    return canvas.clip()
  }
}
