import Foundation
import Kernels
import Neural

extension GammaStart {
  /// Pixels from a seed at which its slot's share has fallen to e^−½ of what it would be at the seed.
  private static let spread: Float = 3
  /// A pixel this near to a seed needs no other. Objects wider than that may get several.
  private static let near: Float = 5
  /// The logarithm of the least share before normalisation.
  private static let least: Float = -30
  /// The same of a slot that has no seed, but for a factor drawn at each pixel.
  private static let spare: Float = -20

  /// Draws γ before the first frame is seen.
  /// - Parameters:
  ///   - gamma: receives γ, [batch, slots, pixels].
  ///   - frame: x̃ of the first frame, [batch, pixels, channels].
  ///   - width: columns of a frame.
  func draw(
    _ gamma: UnsafeMutablePointer<Float>, frame: UnsafePointer<Float>, width: Int, _ shape: MixtureShape,
    _ random: inout RandomSource
  ) {
    let (values, shares) = (shape.pixels * shape.channels, shape.slots * shape.pixels)
    for sample in 0..<shape.batch {
      let own = gamma + sample * shares
      switch self {
      case .random:
        for pixel in 0..<shape.pixels {
          for slot in 0..<shape.slots { own[slot * shape.pixels + pixel] = random.share() }
        }
      case .seeds: Self.seed(own, frame: frame + sample * values, width: width, shape, &random)
      }
      for pixel in 0..<shape.pixels {
        let total = (0..<shape.slots).reduce(Float(0)) { $0 + own[$1 * shape.pixels + pixel] }
        for slot in 0..<shape.slots { own[slot * shape.pixels + pixel] /= total }
      }
    }
  }

  /// Each slot takes what is around a lit pixel, chosen with a probability that grows with the squared distance to the
  /// seeds so far, as k-means++ does (Arthur & Vassilvitskii 2007). Where all is near, the slots left over start with
  /// next to nothing, each in its own way: equal ones would stay equal for ever.
  private static func seed(
    _ gamma: UnsafeMutablePointer<Float>, frame: UnsafePointer<Float>, width: Int, _ shape: MixtureShape,
    _ random: inout RandomSource
  ) {
    let light = (0..<shape.pixels).map { pixel in
      (0..<shape.channels).reduce(Float(0)) { $0 + max(frame[pixel * shape.channels + $1], 0) }
    }
    var nearest = [Float](repeating: .infinity, count: shape.pixels)
    for slot in 0..<shape.slots {
      let weights = zip(light, nearest).map { light, squared in
        squared == .infinity ? light : light * max(squared - near * near, 0)
      }
      let (own, chosen) = (gamma + slot * shape.pixels, random.index(weights: weights))
      for pixel in 0..<shape.pixels {
        guard let chosen else {
          own[pixel] = exp(spare) * random.share()
          continue
        }
        let (x, y) = (Float(pixel % width - chosen % width), Float(pixel / width - chosen / width))
        let squared = x * x + y * y
        own[pixel] = exp(max(-squared / (2 * spread * spread), least))
        nearest[pixel] = min(nearest[pixel], squared)
      }
    }
  }
}

extension RandomSource {
  /// |N(0, 1)|, and never zero.
  fileprivate mutating func share() -> Float { abs(normal()) + 1e-6 }

  /// An index with a probability in proportion to its weight; nil where all are zero.
  mutating func index(weights: [Float]) -> Int? {
    var left = uniform() * weights.reduce(0, +)
    for (index, weight) in weights.enumerated() where weight > 0 {
      left -= weight
      if left <= 0 { return index }
    }
    return weights.lastIndex { $0 > 0 }
  }
}
