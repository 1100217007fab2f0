import CKernels

extension BackgroundConfiguration {
  /// Variance that a Gaussian begins with in a scene whose variances are `light` of the configured ones, in squared grey
  /// levels.
  func initialVariance(light: Float) -> Float { initialVariance * brightness.scale * brightness.scale * light }

  /// The same as the state of a mixture keeps it.
  func startVariance(light: Float) -> UInt16 { UInt16(initialVariance(light: light) * 64) }
}

extension nem_gmm_step {
  /// The settings of frame `frame` (0 is the first), whose brightness is multiplied by `gain`, in a scene whose variances
  /// are `light` of the configured ones and whose ground has a variance of `noise`.
  init(_ configuration: BackgroundConfiguration, frame: Int, gain: Float, light: Float, noise: Float) {
    let warm = min(2 * (frame + 1), configuration.history)
    let square = configuration.brightness.scale * configuration.brightness.scale
    let rate = configuration.learningRate ?? 1 / Float(max(warm, 1))
    // Multiples of the golden ratio, modulo 1, spread evenly: over a few frames the rounding is unbiased.
    let golden = Double(frame) * 0.618_033_988_749_894_9
    let initial = configuration.initialVariance(light: light)
    let calm = RestlessGround.calm * max(noise, initial)
    let restless = max(RestlessGround.ratio, configuration.backgroundRatio)
    self.init(
      rate: rate, prune: rate * configuration.complexityPrior, match: configuration.matchThreshold,
      background_ratio: configuration.backgroundRatio, calm_variance: calm,
      restless_slope: (restless - configuration.backgroundRatio) / (RestlessGround.span * calm),
      restless_ratio: restless,
      initial_variance: initial,
      minimum_variance: configuration.minimumVariance * square * light,
      maximum_variance: configuration.maximumVariance * square,
      evidence_scale: Float(BackgroundSubtractor.evidenceThreshold) / configuration.backgroundThreshold,
      gain: gain,
      // One step of Float below 1 would still round up to the next integer in the kernel: stay clear of it.
      dither: Float(golden - golden.rounded(.down)) * 0.99)
  }
}
