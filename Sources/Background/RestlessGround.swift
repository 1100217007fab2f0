/// Ground that never rests: leaves in the wind, water, screens.
///
/// Its brightness spreads over the Gaussians of a pixel, of which the lighter ones are otherwise what passes over the ground.
/// An object that passes leaves the ground's own Gaussian as narrow as the camera's noise; where that is much wider than
/// elsewhere in the scene, the lighter ones are ground as well.
enum RestlessGround {
  /// Where the variance of the heaviest Gaussian is above so many times the scene's noise, more of the weight is background.
  static let calm: Float = 2
  /// From there to this share above, the weight grows from the configured one to `ratio`.
  static let span: Float = 0.45
  /// The weight that background Gaussians hold where nothing rests.
  static let ratio: Float = 0.999

  /// The noise of a scene: the median variance of the heaviest Gaussians, in squared grey levels.
  ///
  /// - Parameter variance: that of a column and row, times 64.
  @inline(__always) static func noise(width: Int, height: Int, variance: (_ x: Int, _ y: Int) -> UInt16) -> Float {
    let places = SampleGrid(width: width, height: height)
    return withUnsafeTemporaryAllocation(of: Int32.self, capacity: 1 << 12) { counts in
      counts.initialize(repeating: 0)
      places.forEach { counts[Int(variance($0, $1)) >> 4] += 1 }
      var (level, seen) = (0, Int(counts[0]))
      while 2 * seen < places.count {
        level += 1
        seen += Int(counts[level])
      }
      return Float(level) / 4
    }
  }
}
