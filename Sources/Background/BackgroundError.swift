/// Why a background model could not be made or fitted.
public enum BackgroundError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A setting is outside its range: its name, its value and the allowed range.
  case invalidSetting(name: String, value: String, allowed: String)
  /// Batch EM met a covariance that is not positive definite at this component.
  case singularCovariance(component: Int)

  /// One line for people.
  public var description: String {
    switch self {
    case .invalidSetting(let name, let value, let allowed):
      "background model: \(name) is \(value), but must be \(allowed)"
    case .singularCovariance(let component):
      "Gaussian mixture: the covariance of component \(component) is not positive definite; "
        + "raise the regulariser or use fewer components"
    }
  }
}
