import Kernels

/// A fault of the foreground that lasts some frames: a missed patch or a false blob.
struct SilhouetteFault: Sendable {
  private(set) var framesLeft: Int
  private let x: Float
  private let y: Float
  private let radius: Float
  private let value: Float

  /// A missed patch near an object half the time, else a false blob anywhere.
  init(near actor: SilhouetteActor?, _ configuration: SilhouetteConfiguration, _ random: inout RandomSource) {
    framesLeft = 1 + random.integer(below: 4)
    radius = random.uniform(1, 0.4 * configuration.minimumRadius + 1)
    if let actor, random.uniform() < 0.5 {
      x = actor.x + random.uniform(-1, 1) * actor.radiusX
      y = actor.y + random.uniform(-1, 1) * actor.radiusY
      value = 0
    } else {
      x = random.uniform() * Float(configuration.width)
      y = random.uniform() * Float(configuration.height)
      value = 1
    }
  }

  mutating func apply(to frame: inout SilhouetteFrame) {
    framesLeft -= 1
    let top = max(Int(y - radius), 0)
    let left = max(Int(x - radius), 0)
    for row in top..<max(min(Int(y + radius) + 1, frame.height), top) {
      for column in left..<max(min(Int(x + radius) + 1, frame.width), left) {
        let (dx, dy) = (Float(column) - x, Float(row) - y)
        if dx * dx + dy * dy <= radius * radius { frame.foreground[row * frame.width + column] = value }
      }
    }
  }
}
