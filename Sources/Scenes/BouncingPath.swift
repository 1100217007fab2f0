import Foundation
import Kernels

/// One coordinate of an object that moves at constant speed and is kept within 0…limit by turning round at the walls.
struct BouncingAxis {
  fileprivate(set) var position: Float
  fileprivate var velocity: Float
  fileprivate let limit: Float

  fileprivate mutating func advance() {
    if !(0...limit).contains(position + velocity) { velocity = -velocity }
    position += velocity
  }

  /// The position in whole pixels.
  var pixel: Int { Int(position.rounded()) }
}

/// The top-left corner of an object that flies along straight lines within a picture and bounces off its walls.
struct BouncingPath {
  private(set) var x: BouncingAxis
  private(set) var y: BouncingAxis

  /// A path with a uniform direction, speed and start.
  /// - Parameters:
  ///   - width: the greatest x at which the object is still inside, in pixels.
  ///   - height: the greatest y.
  ///   - speeds: bounds of the speed in pixels a frame.
  init(width: Int, height: Int, speeds: ClosedRange<Float>, _ random: inout RandomSource) {
    let (angle, speed) = (random.uniform(0, 2 * .pi), random.uniform(speeds.lowerBound, speeds.upperBound))
    func axis(_ limit: Int, _ velocity: Float) -> BouncingAxis {
      BouncingAxis(position: random.uniform(0, Float(limit)), velocity: velocity, limit: Float(limit))
    }
    x = axis(width, speed * cos(angle))
    y = axis(height, speed * sin(angle))
  }

  mutating func advance() {
    x.advance()
    y.advance()
  }
}
