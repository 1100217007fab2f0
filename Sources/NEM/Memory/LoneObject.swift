import Kernels
import Scenes

/// A clip of one object on dark ground, which tells its place: it moves as its centre of mass does.
struct LoneObject {
  let clip: LabelledSequence
  /// The corner of its window in each frame.
  private(set) var corners: [PixelPlace] = []

  /// The object in a window of `side`². Throws `ModelError.invalid` if the clip has several objects.
  init(_ clip: LabelledSequence, side: Int) throws {
    guard Set(clip.groups).subtracting([0]).count <= 1 else {
      throw ModelError.invalid("slots that remember learn from clips of one object (--objects 1); these have several")
    }
    self.clip = clip
    let first = centre(0) ?? (0, 0)
    let corner = PixelPlace(centre: first, side: side)
    // From the first corner on by whole pixels: centres themselves may lie half way between two.
    var last = first
    corners = (0..<clip.format.frames).map { t in
      last = centre(t) ?? last
      return corner.moved(Int((last.x - first.x).rounded()), Int((last.y - first.y).rounded()))
    }
  }

  /// The value of a pixel at t.
  func value(_ pixel: Int, _ t: Int) -> Float { clip.features[t * clip.format.pixels + pixel] }

  private func centre(_ t: Int) -> (x: Float, y: Float)? {
    clip.format.centreOfMass { value($0, t) }
  }
}

/// A whole-numbered place in a picture, or beside it.
struct PixelPlace: Equatable {
  var x: Int
  var y: Int

  /// The corner of a window of `side`² around a centre.
  init(centre: (x: Float, y: Float), side: Int) {
    func corner(_ centre: Float) -> Int { Int((centre - Float(side - 1) / 2).rounded()) }
    (x, y) = (corner(centre.x), corner(centre.y))
  }

  init(x: Int, y: Int) { (self.x, self.y) = (x, y) }

  func moved(_ x: Int, _ y: Int) -> PixelPlace { PixelPlace(x: self.x + x, y: self.y + y) }
}

extension SequenceFormat {
  /// The centre of mass of a frame, in pixels; nil without light.
  func centreOfMass(_ value: (_ pixel: Int) -> Float) -> (x: Float, y: Float)? {
    var (mass, x, y) = (Float(0), Float(0), Float(0))
    for pixel in 0..<pixels {
      let weight = value(pixel)
      mass += weight
      x += weight * Float(pixel % width)
      y += weight * Float(pixel / width)
    }
    return mass > 0 ? (x / mass, y / mass) : nil
  }

  /// Calls `body` for each cell of a window of `side`², counted row by row, that lies in the picture.
  func forEachPixel(of corner: PixelPlace, side: Int, _ body: (_ cell: Int, _ pixel: Int) -> Void) {
    for v in 0..<side where (0..<height).contains(corner.y + v) {
      for u in 0..<side where (0..<width).contains(corner.x + u) {
        body(v * side + u, (corner.y + v) * width + corner.x + u)
      }
    }
  }
}
