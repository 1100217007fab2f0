import Kernels
import Scenes
import Testing

/// The physics of the balls, and what of them is seen.
@Suite struct BouncingBallsTests {
  private func energy(_ table: BallTable) -> Double {
    table.balls.reduce(0) {
      $0 + $1.mass / 2 * ($1.velocityX * $1.velocityX + $1.velocityY * $1.velocityY)
    }
  }

  private func momentum(_ table: BallTable) -> (x: Double, y: Double) {
    table.balls.reduce((0, 0)) { ($0.0 + $1.mass * $1.velocityX, $0.1 + $1.mass * $1.velocityY) }
  }

  /// A heavy ball meets a light one that rests: the textbook's velocities, v₁ = (m₁−m₂)/(m₁+m₂)·v, v₂ = 2m₁/(m₁+m₂)·v.
  @Test func centralCollisionIsTheTextbooks() {
    var table = BallTable(
      side: 1000,
      balls: [
        Ball(x: 100, y: 500, velocityX: 3, velocityY: 0, radius: 7, mass: 2),
        Ball(x: 130, y: 500, velocityX: 0, velocityY: 0, radius: 5, mass: 1),
      ])
    #expect(table.advance(by: 5) == [false, false])
    #expect(table.advance(by: 5) == [true, true])
    #expect(abs(table.balls[0].velocityX - 1) < 1e-12 && abs(table.balls[1].velocityX - 4) < 1e-12)
    // They met after 6 of the 10 time units, at 118 and 130.
    #expect(abs(table.balls[0].x - 122) < 1e-9 && abs(table.balls[1].x - 146) < 1e-9)
  }

  @Test func collisionsKeepMomentumAndEnergy() {
    var random = RandomSource(seed: 5)
    var collisions = 0
    for _ in 0..<30 {
      // Walls far away: the balls are drawn in 64×64 and rolled towards each other.
      let drawn = BouncingBalls.table(8, &random).balls.map { ball in
        Ball(
          x: ball.x + 5000, y: ball.y + 5000, velocityX: (32 - ball.x) / 16, velocityY: (32 - ball.y) / 16,
          radius: ball.radius, mass: ball.mass)
      }
      var table = BallTable(side: 10_000, balls: drawn)
      let (startEnergy, startMomentum) = (energy(table), momentum(table))
      for _ in 0..<40 {
        collisions += table.advance(by: 1).filter { $0 }.count
        #expect(abs(energy(table) - startEnergy) < 1e-9)
        #expect(abs(momentum(table).x - startMomentum.x) < 1e-9 && abs(momentum(table).y - startMomentum.y) < 1e-9)
      }
    }
    #expect(collisions > 300)
  }

  @Test func nobodyLeavesTheFieldOrEntersAnother() {
    var random = RandomSource(seed: 6)
    for count in [4, 8, BouncingBalls.mostBalls] {
      for _ in 0..<30 {
        var table = BouncingBalls.table(count, &random)
        let start = energy(table)
        for _ in 0..<200 {
          let before = table.balls
          let hasHit = table.advance(by: 1)
          for (index, ball) in table.balls.enumerated() {
            let range = ball.radius - 1e-9...table.side - ball.radius + 1e-9
            #expect(range.contains(ball.x) && range.contains(ball.y))
            if !hasHit[index] {
              #expect(abs(ball.velocityX) == abs(before[index].velocityX), "only another ball changes a ball's speed")
            }
            for other in table.balls[..<index] {
              let (dx, dy) = (ball.x - other.x, ball.y - other.y)
              #expect((dx * dx + dy * dy).squareRoot() > ball.radius + other.radius - 1e-6)
            }
          }
        }
        #expect(abs(energy(table) - start) < 1e-8)
      }
    }
  }

  /// Collisions lie on balls of the next frame that changed their way; some clips have them and most frames do not.
  @Test func collisionsMarkTheBallsOfTheNextFrame() {
    let set = BouncingBalls(objects: 4...4, hasCurtain: false, frames: 51, seed: 1)
    var (frames, hits) = (0, 0)
    for index in 0..<20 {
      let clip = set.sequence(index)
      let pixels = clip.format.pixels
      for t in 0..<50 {
        let marked = clip.collisions[t * pixels..<(t + 1) * pixels]
        let next = clip.groups[(t + 1) * pixels..<(t + 2) * pixels]
        let owners = Set(zip(marked, next).filter { $0.0 == 1 }.map(\.1))
        #expect(owners.isEmpty || owners.count >= 2 && !owners.contains(0), "a collision takes two")
        #expect(zip(marked, next).allSatisfy { $0 == 1 || !owners.contains($1) }, "whole balls are marked")
        #expect(clip.hasCollision(after: t) == !owners.isEmpty)
        frames += 1
        hits += owners.isEmpty ? 0 : 1
      }
      #expect(!clip.hasCollision(after: 50), "nothing is known of what comes after the last frame")
    }
    #expect(hits > 50 && hits < frames / 2)
  }

  @Test func curtainHidesAStripAndNothingElse() {
    let hidden = BouncingBalls(objects: 3...3, hasCurtain: true, frames: 51, seed: 9)
    let open = BouncingBalls(objects: 3...3, hasCurtain: false, frames: 51, seed: 9)
    var vanished = 0
    for index in 0..<20 {
      let (clip, truth) = (hidden.sequence(index), open.sequence(index))
      #expect(clip.collisions == truth.collisions, "the balls roll on behind it")
      let differing = Set(clip.features.indices.filter { clip.features[$0] != truth.features[$0] }.map { $0 % 64 })
      let strip = (differing.min() ?? 0)...(differing.max() ?? 0)
      #expect((1...24).contains(strip.count))
      let isAsItShouldBe = clip.features.indices.allSatisfy { place in
        let isHidden = strip.contains(place % 64)
        return clip.features[place] == (isHidden ? 0 : truth.features[place])
          && clip.groups[place] == (isHidden ? 0 : truth.groups[place])
      }
      #expect(isAsItShouldBe)
      for frame in 0..<51 {
        let seen = Set(clip.groups[frame * 4096..<(frame + 1) * 4096])
        vanished += (Int32(1)...3).filter { !seen.contains($0) }.count
      }
    }
    #expect(vanished > 20, "balls are hidden wholly at times")
  }
}
