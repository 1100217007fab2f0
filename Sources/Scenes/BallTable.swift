/// A disc on a frictionless table.
package struct Ball: Equatable, Sendable {
  package var x: Double
  package var y: Double
  package var velocityX: Double
  package var velocityY: Double
  package let radius: Double
  package let mass: Double

  package init(x: Double, y: Double, velocityX: Double, velocityY: Double, radius: Double, mass: Double) {
    (self.x, self.y, self.velocityX, self.velocityY) = (x, y, velocityX, velocityY)
    (self.radius, self.mass) = (radius, mass)
  }
}

/// Balls that roll without friction or spin in a square with hard walls, and hit the walls and each other elastically.
///
/// The motion is exact up to rounding: from each collision straight to the next, whatever the frame rate. Momentum is
/// exchanged along the line between two centres; kinetic energy is kept. Only +, −, ·, / and √ are used, which give the
/// same bits on every machine.
package struct BallTable {
  /// Length of a wall; positions are 0…side.
  package let side: Double
  package private(set) var balls: [Ball]

  /// Slower approaches than this, in squared lengths per time, are none: rounding must not make a collision endless.
  private static let slowest = -1e-12

  package init(side: Double, balls: [Ball]) {
    (self.side, self.balls) = (side, balls)
  }

  private enum Collision {
    case wallX(Int)
    case wallY(Int)
    case pair(Int, Int)
  }

  /// Lets `time` pass; returns for each ball whether it hit another one. Walls do not count.
  package mutating func advance(by time: Double) -> [Bool] {
    var hasHit = balls.map { _ in false }
    var left = time
    while let (wait, collision) = next(), wait <= left {
      roll(wait)
      left -= wait
      switch collision {
      case .wallX(let ball): balls[ball].velocityX.negate()
      case .wallY(let ball): balls[ball].velocityY.negate()
      case .pair(let one, let other):
        collide(one, other)
        (hasHit[one], hasHit[other]) = (true, true)
      }
    }
    roll(left)
    return hasHit
  }

  private mutating func roll(_ time: Double) {
    for index in balls.indices {
      balls[index].x += balls[index].velocityX * time
      balls[index].y += balls[index].velocityY * time
    }
  }

  /// The next collision and the time until then; nil if nothing moves.
  private func next() -> (Double, Collision)? {
    var first: (time: Double, collision: Collision)?
    func consider(_ time: Double?, _ collision: Collision) {
      if let time, time < first?.time ?? .infinity { first = (time, collision) }
    }
    for (index, ball) in balls.enumerated() {
      consider(wallTime(ball.x, ball.velocityX, ball.radius), .wallX(index))
      consider(wallTime(ball.y, ball.velocityY, ball.radius), .wallY(index))
      for other in 0..<index { consider(pairTime(ball, balls[other]), .pair(index, other)) }
    }
    return first
  }

  private func wallTime(_ position: Double, _ velocity: Double, _ radius: Double) -> Double? {
    guard velocity != 0 else { return nil }
    return max(velocity > 0 ? (side - radius - position) / velocity : (radius - position) / velocity, 0)
  }

  private func pairTime(_ one: Ball, _ other: Ball) -> Double? {
    let (dx, dy) = (one.x - other.x, one.y - other.y)
    let (vx, vy) = (one.velocityX - other.velocityX, one.velocityY - other.velocityY)
    let approach = dx * vx + dy * vy
    guard approach < Self.slowest else { return nil }
    let reach = one.radius + other.radius
    let gap = dx * dx + dy * dy - reach * reach
    guard gap > 0 else { return 0 }
    let discriminant = approach * approach - (vx * vx + vy * vy) * gap
    return discriminant < 0 ? nil : gap / (-approach + discriminant.squareRoot())
  }

  private mutating func collide(_ one: Int, _ other: Int) {
    let (dx, dy) = (balls[one].x - balls[other].x, balls[one].y - balls[other].y)
    let approach =
      dx * (balls[one].velocityX - balls[other].velocityX) + dy * (balls[one].velocityY - balls[other].velocityY)
    let (mass, otherMass) = (balls[one].mass, balls[other].mass)
    let impulse = -2 * mass * otherMass / (mass + otherMass) * approach / (dx * dx + dy * dy)
    balls[one].velocityX += impulse / mass * dx
    balls[one].velocityY += impulse / mass * dy
    balls[other].velocityX -= impulse / otherMass * dx
    balls[other].velocityY -= impulse / otherMass * dy
  }
}
