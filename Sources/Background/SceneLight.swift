/// How bright the scene is. With less light all differences of brightness are smaller, those between an object and the
/// ground behind it too, and the same holds behind a dark camera: the variances of the Gaussians follow.
enum SceneLight {
  /// Mean grey level, of the full range, of a scene with enough light.
  private static let enough: Float = 120
  /// Smallest factor: below it the camera's noise and its compression would be objects.
  private static let least: Float = 0.1

  /// The factor on variances, `least`…1: the square of the brightness over one that is enough.
  ///
  /// - Parameters:
  ///   - brightness: what black and white are.
  ///   - mean: the background's grey level at a column and row, times 256.
  @inline(__always) static func varianceFactor(
    width: Int, height: Int, brightness: BrightnessRange, mean: (_ x: Int, _ y: Int) -> UInt16
  ) -> Float {
    let places = SampleGrid(width: width, height: height)
    var sum = 0
    places.forEach { sum += Int(mean($0, $1)) }
    let level = (Float(sum) / Float(256 * places.count) - brightness.black) / brightness.scale
    let light = max(level, 0) / enough
    return min(max(light * light, least), 1)
  }
}
