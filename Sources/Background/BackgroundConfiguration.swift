/// Settings of the per-pixel Gaussian mixture (Zivkovic, ICPR 2004) and of the cleaning of its mask.
///
/// Variances are in squared grey levels; thresholds are squared distances in variances.
public struct BackgroundConfiguration: Sendable, Equatable {
  /// Frames the model remembers: the learning rate settles at 1/history. At least 1.
  public var history = 500
  /// Gaussians per pixel, 1…5.
  public var components = 3
  /// A Gaussian owns a value nearer than this (T_g).
  public var matchThreshold: Float = 9
  /// A value farther than this from every background Gaussian is foreground (T_b).
  public var backgroundThreshold: Float = 16
  /// The heaviest Gaussians are background until they hold this share of the weight, 0…1.
  ///
  /// It says how long something new must stay before it is background: a share of 1 − ratio of the history.
  public var backgroundRatio: Float = 0.6
  /// Variance of a new Gaussian.
  public var initialVariance: Float = 15
  /// Smallest variance: values closer than the camera's noise are the same.
  public var minimumVariance: Float = 4
  /// Largest variance, at most 1000.
  public var maximumVariance: Float = 75
  /// Weight that each Gaussian loses per history, so that unsupported ones vanish (c_T).
  public var complexityPrior: Float = 0.05
  /// A fixed learning rate, 0.00001…1, instead of 1/min(2n, history) at frame n.
  public var learningRate: Float?
  /// The mask is the majority of a square of 2r + 1 pixels; 0 leaves it as it is, 7 is the largest.
  public var cleaningRadius = 2

  /// The settings measured to be best over the shared foreground sequences.
  public init() {}

  /// Names the first setting outside its range.
  public func validate() throws(BackgroundError) {
    try check("history", Float(history), 1...Float(Int32.max))
    try check("components", Float(components), 1...5)
    try check("matchThreshold", matchThreshold, 0.01...10_000)
    try check("backgroundThreshold", backgroundThreshold, 0.01...10_000)
    try check("backgroundRatio", backgroundRatio, 0...1)
    try check("minimumVariance", minimumVariance, 0.125...1000)
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
