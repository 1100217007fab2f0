import Kernels

/// One moving silhouette.
struct SilhouetteActor: Sendable {
  enum Shape: Int, Sendable { case blob, person, car }

  let id: Int32
  let shape: Shape
  /// Greater is farther away.
  let depth: Float
  let radiusX: Float
  let radiusY: Float
  let luma: Float
  let cb: Float
  let cr: Float
  private(set) var x: Float
  private(set) var y: Float
  private var velocityX: Float
  private var velocityY: Float
  private var stopped = false
  /// Phase of the gait or deformation, in periods.
  private var phase: Float
  private let hole: (x: Float, y: Float, radius: Float)?

  /// An object that is about to enter over a random edge, towards the inside.
  init(id: Int32, _ configuration: SilhouetteConfiguration, _ random: inout RandomSource) {
    self.id = id
    shape = Shape(rawValue: random.integer(below: 3)) ?? .blob
    depth = random.uniform()
    let radius = random.uniform(configuration.minimumRadius, configuration.maximumRadius)
    switch shape {
    case .blob: (radiusX, radiusY) = (radius, radius * random.uniform(0.6, 1))
    case .person: (radiusX, radiusY) = (radius * 0.5, radius)
    case .car: (radiusX, radiusY) = (radius, radius * 0.6)
    }
    luma = random.uniform(0.1, 0.9)
    cb = random.uniform(0.35, 0.65)
    cr = random.uniform(0.35, 0.65)
    phase = random.uniform()
    hole =
      random.uniform() < configuration.holeRate
      ? (random.uniform(-0.4, 0.4), random.uniform(-0.4, 0.4), random.uniform(0.1, 0.25)) : nil
    let (width, height) = (Float(configuration.width), Float(configuration.height))
    let speed = random.uniform(configuration.minimumSpeed, configuration.maximumSpeed)
    let along = random.uniform(-0.3, 0.3) * speed
    switch random.integer(below: 4) {
    case 0: (x, y, velocityX, velocityY) = (-radiusX, random.uniform(0.2, 0.8) * height, speed, along)
    case 1: (x, y, velocityX, velocityY) = (width + radiusX, random.uniform(0.2, 0.8) * height, -speed, along)
    case 2: (x, y, velocityX, velocityY) = (random.uniform(0.2, 0.8) * width, -radiusY, along, speed)
    default: (x, y, velocityX, velocityY) = (random.uniform(0.2, 0.8) * width, height + radiusY, along, -speed)
    }
  }

  mutating func move(_ configuration: SilhouetteConfiguration, _ random: inout RandomSource) {
    let turn = random.uniform()
    if stopped {
      if turn < configuration.goRate { stopped = false }
      return
    }
    if turn < configuration.stopRate && isInside(configuration) { stopped = true }
    x += velocityX
    y += velocityY
    phase += 0.04
    if phase >= 1 { phase -= 1 }
  }

  private func isInside(_ configuration: SilhouetteConfiguration) -> Bool {
    x > 0 && y > 0 && x < Float(configuration.width) && y < Float(configuration.height)
  }

  func isGone(_ configuration: SilhouetteConfiguration) -> Bool {
    let (width, height) = (Float(configuration.width), Float(configuration.height))
    return x < -radiusX - 2 || x > width + radiusX + 2 || y < -radiusY - 2 || y > height + radiusY + 2
  }

  func draw(
    into frame: inout SilhouetteFrame, _ configuration: SilhouetteConfiguration, _ random: inout RandomSource
  ) {
    trace(width: frame.width, height: frame.height) { i, u, v, depth in
      let noise = configuration.raggedness > 0 ? configuration.raggedness * random.uniform(-1, 1) : 0
      let coverage = min(max(depth + noise + 0.5, 0), 1)
      if depth + 0.5 >= 0.5 { frame.truth.pixels[i] = id }
      guard coverage > 0 else { return }
      paint(i, coverage, hole: isHole(u, v), &frame, random.uniform(-0.05, 0.05))
    }
  }

  /// Visits the cells of a grid that the object may cover: the cell's index, its place relative to the radii, and its
  /// depth below the outline in cells; negative outside.
  func trace(width: Int, height: Int, _ body: (_ cell: Int, _ u: Float, _ v: Float, _ depth: Float) -> Void) {
    let reach: Float = 1.3
    let left = max(Int(x - reach * radiusX), 0)
    let right = min(Int(x + reach * radiusX) + 1, width - 1)
    let top = max(Int(y - reach * radiusY), 0)
    let bottom = min(Int(y + reach * radiusY) + 1, height - 1)
    guard left <= right, top <= bottom else { return }
    for row in top...bottom {
      for column in left...right {
        let (u, v) = ((Float(column) - x) / radiusX, (Float(row) - y) / radiusY)
        body(row * width + column, u, v, inside(u, v) * min(radiusX, radiusY))
      }
    }
  }

  private func isHole(_ u: Float, _ v: Float) -> Bool {
    guard let hole else { return false }
    let (dx, dy) = (u - hole.x, v - hole.y)
    return dx * dx + dy * dy < hole.radius * hole.radius
  }

  private func paint(_ i: Int, _ coverage: Float, hole: Bool, _ frame: inout SilhouetteFrame, _ noise: Float) {
    // A hole is a fault of the subtractor: it does not show the foreground of an object behind.
    let behind = frame.foreground[i]
    frame.foreground[i] = hole ? behind * (1 - coverage) : max(behind, coverage)
    frame.luma[i] += coverage * (min(max(luma + noise, 0), 1) - frame.luma[i])
    guard !frame.cb.isEmpty else { return }
    frame.cb[i] += coverage * (cb - frame.cb[i])
    frame.cr[i] += coverage * (cr - frame.cr[i])
  }

  /// Depth below the outline in units of the smaller radius, negative outside, at a point relative to the radii.
  private func inside(_ u: Float, _ v: Float) -> Float {
    switch shape {
    case .blob:
      let bentU = u + 0.15 * wave(phase + 0.3 * v)
      let bentV = v + 0.15 * wave(2 * phase + 0.4 * u)
      return 1 - (bentU * bentU + bentV * bentV).squareRoot()
    case .person: return personDepth(u, v)
    case .car:
      let body = min(1 - abs(u), 0.55 - abs(v - 0.4))
      let cabin = min(0.6 - abs(u + 0.1), 0.5 - abs(v + 0.4))
      return max(body, cabin)
    }
  }

  private func personDepth(_ u: Float, _ v: Float) -> Float {
    let swing = 0.5 * wave(phase)
    let head = 0.28 - ((u * u) + (v + 0.78) * (v + 0.78) * 2).squareRoot()
    let torso = 0.5 - ((u * u) + (v + 0.25) * (v + 0.25) * 1.3).squareRoot()
    var depth = max(head, torso)
    for side: Float in [-1, 1] {
      depth = max(depth, limb(u, v, from: (0.15 * side, 0.1), to: (side * (0.2 + swing), 0.95), thickness: 0.17))
      depth = max(depth, limb(u, v, from: (0.35 * side, -0.5), to: (side * (0.4 - swing), 0.1), thickness: 0.13))
    }
    return depth
  }

  private func limb(_ u: Float, _ v: Float, from a: (Float, Float), to b: (Float, Float), thickness: Float) -> Float {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1)
    let along = ((u - a.0) * dx + (v - a.1) * dy) / (dx * dx + dy * dy)
    let t = min(max(along, 0), 1)
    let (ex, ey) = (u - a.0 - t * dx, v - a.1 - t * dy)
    return thickness - (ex * ex + ey * ey).squareRoot()
  }

  /// A periodic wave of parabolas between −1 and 1: made of sums and products, so that all machines agree on its bits.
  private func wave(_ phase: Float) -> Float {
    let t = 2 * (phase - phase.rounded(.down)) - 1
    return 4 * t * (1 - abs(t))
  }
}
