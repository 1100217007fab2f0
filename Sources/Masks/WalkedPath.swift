import Kernels

/// How far an object has gone. The centre of a mask jumps with its outline, so that the sum of its steps is many times the
/// object's way; here it is smoothed, and steps that are small for the object do not count.
struct WalkedPath: Sendable {
  /// Rate of the running mean of the centre: some five frames.
  private static let rate = 0.2
  /// Steps that count, as a share of the square root of the area.
  private static let leastStep = 0.1
  private var smoothed = SIMD2<Double>.zero, counted = SIMD2<Double>.zero, last = SIMD2<Double>.zero
  private var steps = 0.0
  private var hasBegun = false

  /// Pixels from the first centre to the last one.
  var length: Double { steps + Self.distance(counted, last) }

  /// Takes the centre of the next frame's mask.
  mutating func move(to centre: SIMD2<Double>, area: Int) {
    last = centre
    guard hasBegun else {
      (smoothed, counted, hasBegun) = (centre, centre, true)
      return
    }
    smoothed += Self.rate * (centre - smoothed)
    let step = Self.distance(smoothed, counted)
    guard step > Self.leastStep * Double(area).squareRoot() else { return }
    (steps, counted) = (steps + step, smoothed)
  }

  private static func distance(_ one: SIMD2<Double>, _ other: SIMD2<Double>) -> Double {
    ((one - other) * (one - other)).sum().squareRoot()
  }
}

extension WalkedPath: Checkpointed {
  mutating func carry(_ archive: inout StateArchive) throws(StateFault) {
    var places = [smoothed.x, smoothed.y, counted.x, counted.y, last.x, last.y]
    for index in places.indices { try archive.carry(&places[index], in: -1e9...1e9) }
    (smoothed, counted) = (SIMD2(places[0], places[1]), SIMD2(places[2], places[3]))
    last = SIMD2(places[4], places[5])
    try archive.carry(&steps, in: 0...1e15)
    try archive.carry(&hasBegun)
  }
}
