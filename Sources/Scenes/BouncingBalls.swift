import Kernels

/// Bouncing balls on 64×64 (van Steenkiste et al. 2018): binary discs of two masses that hit each other and the walls.
///
/// The authors' constants are not public. Ours: a ball is light (radius 5, mass 1) or heavy (radius 7, mass 2, as their
/// areas are) with equal chances; it starts anywhere inside without touching another, in a uniform direction at a speed
/// uniform in 1…3 pixels a frame. There is no gravity, friction or spin, and all collisions are elastic. A pixel is lit
/// if its centre lies in a ball.
///
/// A curtain is a strip from top to bottom, 16…24 pixels wide, at a place that is drawn for each clip. It looks like the
/// background: what is behind it is not seen and belongs to group 0.
public struct BouncingBalls: SequenceSource {
  /// Side of the square picture in pixels.
  public static let side = 64
  /// More balls than this may find no room.
  public static let mostBalls = 10
  /// Bounds of the number of balls, which is drawn for each clip.
  public let objects: ClosedRange<Int>
  /// Whether a curtain hides a part of the picture.
  public let hasCurtain: Bool
  /// Seed of the data set.
  public let seed: UInt64
  /// Binary clips of 64×64.
  public let format: SequenceFormat

  /// An endless data set; equal arguments give equal clips. At most `mostBalls` balls.
  public init(objects: ClosedRange<Int>, hasCurtain: Bool, frames: Int, seed: UInt64) {
    precondition(objects.lowerBound >= 1 && objects.upperBound <= Self.mostBalls, "1…10 balls have room")
    (self.objects, self.hasCurtain, self.seed) = (objects, hasCurtain, seed)
    format = SequenceFormat(frames: frames, height: Self.side, width: Self.side)
  }

  /// Clip number `index` of the data set.
  public func sequence(_ index: Int) -> LabelledSequence {
    var random = RandomSource(seed: seed, index: UInt64(index))
    let count = objects.lowerBound + random.integer(below: objects.count)
    var table = Self.table(count, &random)
    // Drawn last, so that the same balls roll with and without it.
    let curtain = hasCurtain ? Self.curtain(&random) : 0..<0
    var canvas = ClipCanvas(format)
    var collisions = [UInt8](repeating: 0, count: format.frames * format.pixels)
    for frame in 0..<format.frames {
      let hasHit = frame > 0 ? table.advance(by: 1) : []
      for (number, ball) in table.balls.enumerated() {
        for pixel in Self.pixels(of: ball) {
          if frame > 0, hasHit[number] { collisions[(frame - 1) * format.pixels + pixel] = 1 }
          if !curtain.contains(pixel % Self.side) {
            canvas.lay(1, at: frame * format.pixels + pixel, object: number + 1)
          }
        }
      }
    }
    return canvas.clip(collisions: collisions)
  }

  /// Columns that the curtain hides.
  private static func curtain(_ random: inout RandomSource) -> Range<Int> {
    let width = 16 + random.integer(below: 9)
    let left = random.integer(below: side - width + 1)
    return left..<left + width
  }

  /// `count` balls that do not touch.
  package static func table(_ count: Int, _ random: inout RandomSource) -> BallTable {
    var balls: [Ball] = []
    var tries = 0
    while balls.count < count {
      let ball = ball(&random)
      tries += 1
      let isFree = balls.allSatisfy { other in
        let (dx, dy, reach) = (ball.x - other.x, ball.y - other.y, ball.radius + other.radius)
        return dx * dx + dy * dy > reach * reach
      }
      if isFree { balls.append(ball) }
      // The first ones may lie so that the last one has no room.
      if tries % 200 == 0, balls.count < count { balls.removeAll() }
    }
    return BallTable(side: Double(side), balls: balls)
  }

  private static func ball(_ random: inout RandomSource) -> Ball {
    let isHeavy = random.uniform() < 0.5
    let radius: Float = isHeavy ? 7 : 5
    let (x, y) = (
      random.uniform(radius, Float(side) - radius), random.uniform(radius, Float(side) - radius)
    )
    // A direction without sine and cosine, whose last bits differ between C libraries.
    var (directionX, directionY, square) = (0.0, 0.0, 0.0)
    repeat {
      (directionX, directionY) = (Double(random.uniform(-1, 1)), Double(random.uniform(-1, 1)))
      square = directionX * directionX + directionY * directionY
    } while !(0.01...1).contains(square)
    let scale = Double(random.uniform(1, 3)) / square.squareRoot()
    return Ball(
      x: Double(x), y: Double(y), velocityX: directionX * scale, velocityY: directionY * scale,
      radius: Double(radius), mass: isHeavy ? 2 : 1)
  }

  /// Pixels of one frame whose centres lie in a ball.
  private static func pixels(of ball: Ball) -> [Int] {
    let rows = max(Int(ball.y - ball.radius), 0)...min(Int(ball.y + ball.radius), side - 1)
    let columns = max(Int(ball.x - ball.radius), 0)...min(Int(ball.x + ball.radius), side - 1)
    return rows.flatMap { row in
      columns.compactMap { column in
        let (dx, dy) = (Double(column) + 0.5 - ball.x, Double(row) + 0.5 - ball.y)
        return dx * dx + dy * dy < ball.radius * ball.radius ? row * side + column : nil
      }
    }
  }
}
