/// The grey levels of black and white.
public enum BrightnessRange: Sendable, Equatable {
  /// 0…255.
  case full
  /// 16…235, as most video has it.
  case limited

  var black: Float { self == .full ? 0 : 16 }
  /// Grey levels per level of the full range.
  var scale: Float { self == .full ? 1 : 219 / 255 }
}

/// Settings of the per-pixel Gaussian mixture (Zivkovic, ICPR 2004) and of the cleaning of its mask.
///
/// Variances are in squared grey levels of the full range, for a scene with enough light: in a darker one the initial and
/// the smallest are less. Thresholds are squared distances in variances.
public struct BackgroundConfiguration: Sendable, Equatable {
  /// What black and white are in the frames.
  public var brightness = BrightnessRange.full
  /// Frames the model remembers: the learning rate settles at 1/history. At least 1.
  public var history = 500
  /// Frames at the beginning whose mode is the first background, 1…255; 1 starts from the first frame alone.
  public var primingFrames = 60
  /// Gaussians per pixel, 1…5.
  public var components = 3
  /// A Gaussian owns a value nearer than this (T_g).
  public var matchThreshold: Float = 16
  /// Foreground is where the squared distance to the nearest background Gaussian, averaged over 3 × 3 pixels, reaches
  /// this (T_b).
  public var backgroundThreshold: Float = 10
  /// The heaviest Gaussians are background until they hold this share of the weight, 0…1.
  ///
  /// It says how long something new must stay before it is background: a share of 1 − ratio of the history.
  public var backgroundRatio: Float = 0.6
  /// Variance of a new Gaussian.
  public var initialVariance: Float = 22
  /// Smallest variance: values closer than the camera's noise are the same.
  public var minimumVariance: Float = 12
  /// Largest variance, at most 1000.
  public var maximumVariance: Float = 100
  /// Weight that each Gaussian loses per history, so that unsupported ones vanish (c_T).
  public var complexityPrior: Float = 0.05
  /// Undoes changes of brightness that most of the picture shares.
  public var compensateExposure = true
  /// Undoes another light on a part of the picture, as when a cloud comes.
  public var compensateLight = true
  /// Takes cast shadows and reflections out of the mask.
  public var removeShadows = true
  /// Undoes shifts of the whole picture, by which a shaking camera makes everything foreground.
  public var compensateMotion = true
  /// A fixed learning rate, 0.00001…1, instead of 1/min(2n, history) at frame n.
  public var learningRate: Float?
  /// The mask is the majority of a square of 2r + 1 pixels; 0 leaves it as it is, 7 is the largest.
  public var cleaningRadius = 2

  /// One set of settings for all scenes, chosen on six fixed-camera sequences.
  public init() {}

  /// Names the first setting outside its range.
  public func validate() throws(BackgroundError) {
    try check("history", Float(history), 1...Float(Int32.max))
    try check("primingFrames", Float(primingFrames), 1...255)
    try check("components", Float(components), 1...5)
    try check("matchThreshold", matchThreshold, 0.01...10_000)
    try check("backgroundThreshold", backgroundThreshold, 0.01...10_000)
    try check("backgroundRatio", backgroundRatio, 0...1)
    try check("minimumVariance", minimumVariance, 1...1000)
    try check("maximumVariance", maximumVariance, minimumVariance...1000)
    try check("initialVariance", initialVariance, minimumVariance...maximumVariance)
    try check("complexityPrior", complexityPrior, 0...1)
    if let learningRate { try check("learningRate", learningRate, 0.000_01...1) }
    try check("cleaningRadius", Float(cleaningRadius), 0...7)
  }

  private func check(_ name: String, _ value: Float, _ range: ClosedRange<Float>) throws(BackgroundError) {
    if range.contains(value) { return }
    let allowed = "from \(range.lowerBound) to \(range.upperBound)"
    throw .invalidSetting(name: name, value: "\(value)", allowed: allowed)
  }
}
