import Foundation
import Kernels
import Neural
import Scenes

/// One example of what a slot remembers and what its object is: two lone objects laid over each other, of which a slot
/// follows one for some frames, from a bad γ to a good one.
struct MemoryExample {
  /// Chance that the window is off by a pixel on an axis, once the object has been found.
  private static let slips: Float = 0.05
  /// What is left after a frame of what was wrong with γ.
  private static let persistence: Float = 0.6
  /// Chance that there is no further frame, where not all are seen; and that all are.
  private static let (ends, whole) = (Float(0.25), Float(0.2))
  /// A: the light that the slot took for its own, [side, side].
  private(set) var lit: [Float]
  /// G: how often it could look, [side, side].
  private(set) var looks: [Float]
  /// The object itself in the window, [side, side].
  private(set) var target: [Float]
  private let object: LoneObject
  private let other: LoneObject
  private let side: Int

  /// The example of `object` with `other` over it.
  init(_ object: LoneObject, under other: LoneObject, side: Int, _ random: inout RandomSource) {
    (self.object, self.other, self.side) = (object, other, side)
    lit = Array(repeating: 0, count: side * side)
    (looks, target) = (lit, lit)
    let firstShare = FirstShare(object, other, &random)
    let offset = firstShare.offset(side: side, &random)
    var (first, shown) = (lit, lit)
    format.forEachPixel(of: corner(0, offset), side: side) { cell, pixel in
      (first[cell], shown[cell]) = (firstShare.share(pixel), object.value(pixel, 0))
    }
    target = shown
    let wrong = random.uniform()
    for t in 0..<Self.length(format.frames, &random) {
      let place = t == 0 ? offset : offset.moved(Self.drawSlip(&random), Self.drawSlip(&random))
      look(t, corner(t, place), first, early: t == 0 ? 1 : wrong * pow(Self.persistence, Float(t)))
    }
  }

  private var format: SequenceFormat { object.clip.format }

  private func corner(_ t: Int, _ offset: PixelPlace) -> PixelPlace { object.corners[t].moved(offset.x, offset.y) }

  /// Remembers a frame; of γ the share `early` is that of the first frame, the rest is right.
  private mutating func look(_ t: Int, _ corner: PixelPlace, _ first: [Float], early: Float) {
    format.forEachPixel(of: corner, side: side) { cell, pixel in
      let (own, beside) = (object.value(pixel, t), other.value(pixel, t))
      let x = max(own, beside)
      let right = (own + MemorySlots.leastShare) / (own + beside + 2 * MemorySlots.leastShare)
      let light = (early * first[cell] + (1 - early) * right) * x
      lit[cell] += light
      looks[cell] += light + 1 - x
    }
  }

  private static func length(_ frames: Int, _ random: inout RandomSource) -> Int {
    if random.uniform() < whole { return frames }
    var length = 1
    while length < frames, random.uniform() > ends { length += 1 }
    return length
  }

  private static func drawSlip(_ random: inout RandomSource) -> Int {
    let value = random.uniform()
    return value < slips / 2 ? -1 : value < slips ? 1 : 0
  }
}

/// γ of the first frame, as if each object were sought around one of its own pixels.
private struct FirstShare {
  /// Squared pixels over which the share of a nearer seed grows by e.
  private static let spread: Float = 18
  private let object: LoneObject
  private let other: LoneObject
  private let seeds: (own: Int, other: Int)
  private let sharpness: Float

  init(_ object: LoneObject, _ other: LoneObject, _ random: inout RandomSource) {
    (self.object, self.other) = (object, other)
    seeds = (Self.seed(object, other, &random), Self.seed(other, object, &random))
    sharpness = random.uniform(1, 3) / Self.spread
  }

  /// A lit pixel that shows the object, the brighter the likelier.
  private static func seed(_ object: LoneObject, _ other: LoneObject, _ random: inout RandomSource) -> Int {
    let light = (0..<object.clip.format.pixels).map { pixel in
      let own = object.value(pixel, 0)
      return own >= other.value(pixel, 0) ? own : 0
    }
    return random.index(weights: light) ?? 0
  }

  /// γ of the object.
  func share(_ pixel: Int) -> Float {
    let width = object.clip.format.width
    func squared(_ seed: Int) -> Float {
      let (x, y) = (Float(pixel % width - seed % width), Float(pixel / width - seed / width))
      return x * x + y * y
    }
    return sigmoid(sharpness * (squared(seeds.other) - squared(seeds.own)))
  }

  /// From the object's window to the one around the centre of what γ takes for it; half of the time some of the way, as if
  /// it had been found since.
  func offset(side: Int, _ random: inout RandomSource) -> PixelPlace {
    let format = object.clip.format
    let centre = format.centreOfMass { share($0) * max(object.value($0, 0), other.value($0, 0)) }
    guard let centre else { return PixelPlace(x: 0, y: 0) }
    let corner = PixelPlace(centre: centre, side: side)
    let way = random.uniform() < 0.5 ? random.uniform() : 1
    func part(_ distance: Int) -> Int { Int(way * Float(distance)) }
    return PixelPlace(x: part(corner.x - object.corners[0].x), y: part(corner.y - object.corners[0].y))
  }
}
