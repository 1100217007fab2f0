import Kernels

/// The Kalman filter of one SORT track: centre, area and aspect ratio of a box, of which centre and area move with
/// constant velocity (Bewley, Ge, Ott, Ramos & Upcroft 2016, section 3.2).
///
/// The authors' seven-dimensional filter has diagonal noise and nothing that joins the four quantities, so it is four
/// small filters that are computed apart: the numbers are the same. The noise is that of the authors' program.
package struct SORTFilter: Sendable {
  /// A box with real sides; `aspect` is width over height.
  package struct Box: Sendable, Equatable {
    package var centreX: Double
    package var centreY: Double
    package var area: Double
    package var aspect: Double

    package init(centreX: Double, centreY: Double, area: Double, aspect: Double) {
      (self.centreX, self.centreY, self.area, self.aspect) = (centreX, centreY, area, aspect)
    }
  }

  private var centreX: MovingQuantity
  private var centreY: MovingQuantity
  private var area: MovingQuantity
  private var aspect: Double
  private var aspectVariance = 10.0

  /// A track that was seen once and stands still.
  package init(_ box: Box) {
    centreX = MovingQuantity(box.centreX, driftNoise: 0.01, measurementNoise: 1)
    centreY = MovingQuantity(box.centreY, driftNoise: 0.01, measurementNoise: 1)
    area = MovingQuantity(box.area, driftNoise: 0.0001, measurementNoise: 10)
    aspect = box.aspect
  }

  /// The estimate.
  package var box: Box {
    Box(centreX: centreX.value, centreY: centreY.value, area: area.value, aspect: aspect)
  }

  /// Moves the estimate on by one frame; an area that would vanish stays as it is.
  package mutating func predict() {
    if area.value + area.velocity <= 0 { area.velocity = 0 }
    centreX.predict()
    centreY.predict()
    area.predict()
    aspectVariance += 1
  }

  /// Corrects the estimate by a box that was seen.
  package mutating func correct(_ box: Box) {
    centreX.correct(box.centreX)
    centreY.correct(box.centreY)
    area.correct(box.area)
    let gain = aspectVariance / (aspectVariance + 10)
    aspect += gain * (box.aspect - aspect)
    aspectVariance *= 1 - gain
  }
}

extension SORTFilter: Checkpointed {
  /// Carries the estimate and its covariance.
  package mutating func carry(_ archive: inout StateArchive) throws(StateFault) {
    try centreX.carry(&archive)
    try centreY.carry(&archive)
    try area.carry(&archive)
    try archive.carry(&aspect, in: MovingQuantity.sane)
    try archive.carry(&aspectVariance, in: MovingQuantity.sane)
  }
}

extension SORTFilter.Box {
  package init(_ bounds: PixelRect) {
    let (width, height) = (Double(bounds.width), Double(bounds.height))
    self.init(
      centreX: Double(bounds.x) + width / 2, centreY: Double(bounds.y) + height / 2, area: width * height,
      aspect: width / height)
  }

  private var halfWidth: Double { (area * aspect).squareRoot() / 2 }
  private var halfHeight: Double { (area / aspect).squareRoot() / 2 }

  /// Intersection over union; 0 with a box that a filter has made impossible.
  package func overlap(_ other: SORTFilter.Box) -> Double {
    guard min(area, aspect, other.area, other.aspect) > 0 else { return 0 }
    let right = min(centreX + halfWidth, other.centreX + other.halfWidth)
    let bottom = min(centreY + halfHeight, other.centreY + other.halfHeight)
    let width = right - max(centreX - halfWidth, other.centreX - other.halfWidth)
    let height = bottom - max(centreY - halfHeight, other.centreY - other.halfHeight)
    guard width > 0, height > 0 else { return 0 }
    return width * height / (area + other.area - width * height)
  }
}

/// A quantity with a velocity, and the covariance of the two.
private struct MovingQuantity: Sendable {
  private(set) var value: Double
  var velocity = 0.0
  private var valueVariance = 10.0
  private var covariance = 0.0
  /// Nothing is known of the velocity when a track begins.
  private var velocityVariance = 10_000.0
  private let driftNoise: Double
  private let measurementNoise: Double

  init(_ value: Double, driftNoise: Double, measurementNoise: Double) {
    (self.value, self.driftNoise, self.measurementNoise) = (value, driftNoise, measurementNoise)
  }

  /// Nothing measured on a picture is larger.
  static let sane = -1e15...1e15

  mutating func carry(_ archive: inout StateArchive) throws(StateFault) {
    var numbers = [value, velocity, valueVariance, covariance, velocityVariance]
    try archive.carry(&numbers, eachIn: Self.sane)
    (value, velocity, valueVariance) = (numbers[0], numbers[1], numbers[2])
    (covariance, velocityVariance) = (numbers[3], numbers[4])
  }

  mutating func predict() {
    value += velocity
    valueVariance += 2 * covariance + velocityVariance + 1
    covariance += velocityVariance
    velocityVariance += driftNoise
  }

  mutating func correct(_ measured: Double) {
    let total = valueVariance + measurementNoise
    let (gain, velocityGain) = (valueVariance / total, covariance / total)
    let surprise = measured - value
    value += gain * surprise
    velocity += velocityGain * surprise
    velocityVariance -= velocityGain * covariance
    covariance *= 1 - gain
    valueVariance *= 1 - gain
  }
}
