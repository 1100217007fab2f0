/// The papers' settings beside those for flying shapes.
extension TrainingOptions {
  /// Still shapes: ten looks at one picture, and the last one counts (Greff et al. 2017).
  public static let shapes: Self = {
    var options = Self()
    (options.steps, options.noise) = (10, 0.1)
    (options.loss.steps, options.loss.gammaGradient) = (.last, .loss)
    return options
  }()

  /// Natural pictures: as still shapes, at a tenth of the rate (Greff et al. 2016, appendix B.2).
  public static let pictures: Self = {
    var options = Self.shapes
    options.rate = 1e-4
    return options
  }()

  /// Flying MNIST with two digits.
  public static let flyingMNIST: Self = {
    var options = Self()
    (options.slots, options.rate, options.loss.priorWeight) = (2, 5e-4, 0.2)
    return options
  }()

  /// Four bouncing balls (van Steenkiste et al. 2018).
  public static let balls: Self = {
    var options = Self()
    (options.slots, options.steps) = (5, 30)
    return options
  }()
}
