import Kernels

/// The steps of brightness over an object's outline, summed along it.
struct Outline {
  /// Steps are taken over this many pixels on each side of the outline, which is not exact.
  static let reach = 5
  /// Comparisons before a hole counts as one.
  private static let patience = 5
  /// The background's steps over the frame's from which an object is a hole.
  private static let holeRatio: Float = 1.5
  /// The same up to which it is an object, known to have come from elsewhere or not.
  private static let arrivedRatio: Float = 0.9
  private static let clearRatio: Float = 0.5

  private var inFrame: Float = 0
  private var inBackground: Float = 0
  private var comparisons = 1

  var isEmpty: Bool { inFrame + inBackground == 0 }
  var isHole: Bool { comparisons >= Self.patience && inBackground > Self.holeRatio * inFrame }

  func isObject(hasArrived: Bool) -> Bool {
    inBackground <= (hasArrived ? Self.arrivedRatio : Self.clearRatio) * inFrame
  }

  mutating func add(_ frame: Float, _ background: Float) {
    inFrame += frame
    inBackground += background
  }

  mutating func carry(_ archive: inout StateArchive) throws(StateFault) {
    try archive.carry(&inFrame, in: 0...1e30)
    try archive.carry(&inBackground, in: 0...1e30)
    try archive.carry(&comparisons, in: 0...(1 << 48))
  }

  /// The step in values a `stride` apart, over the edge between the first of them and the next.
  @inline(__always) static func step<Value: FixedWidthInteger>(_ first: UnsafePointer<Value>, stride: Int) -> Int {
    abs(Int(first[reach * stride]) - Int(first[(1 - reach) * stride]))
  }

  func moved(towards step: Outline, by rate: Float) -> Outline {
    var moved = self
    moved.inFrame += rate * (step.inFrame - inFrame)
    moved.inBackground += rate * (step.inBackground - inBackground)
    moved.comparisons += 1
    return moved
  }
}
