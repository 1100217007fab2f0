extension TrackerConfiguration {
  /// Checks each constant.
  ///
  /// - Throws: `TrackerConfigurationError` naming the first bad field, its value and the allowed range.
  public func validate() throws(TrackerConfigurationError) {
    try validateCounts()
    try validateShares()
    try validateWeights()
  }

  private func validateCounts() throws(TrackerConfigurationError) {
    try whole("slots", slots, 1...1024)
    try whole("minimumArea", minimumArea, 1...100_000)
    try whole("smallestMover", smallestMover, 1...100_000)
    try whole("confirmationFrames", confirmationFrames, 1...1000)
    try whole("vainFrames", vainFrames, 0...1_000_000)
    try whole("searchRadius", searchRadius, 0...64)
    try whole("youngSearchRadius", youngSearchRadius, 0...64)
    try whole("furthestLeap", furthestLeap, 0...256)
    try whole("windowMargin", windowMargin, 1...64)
    try whole("growthGap", growthGap, 0...16)
    for (name, value) in [
      ("splitFrames", splitFrames), ("mixtureFrames", mixtureFrames), ("aloneFrames", aloneFrames),
      ("mergeFrames", mergeFrames), ("hiddenLimit", hiddenLimit), ("unseenLimit", unseenLimit),
      ("youngLimit", youngLimit), ("vainPatience", vainPatience),
      ("reappearingArea", reappearingArea), ("settlingFrames", settlingFrames), ("doubtFrames", doubtFrames),
    ] {
      try whole(name, value, 1...1_000_000)
    }
  }

  private func validateShares() throws(TrackerConfigurationError) {
    for (name, value) in [
      ("foregroundThreshold", foregroundThreshold), ("labelThreshold", labelThreshold), ("smoothing", smoothing),
      ("hiddenShare", hiddenShare), ("templateRate", templateRate), ("histogramRate", histogramRate),
      ("velocityRate", velocityRate), ("velocityDamping", velocityDamping), ("fastPathShare", fastPathShare),
      ("explainedShare", explainedShare), ("splitShare", splitShare), ("mixtureShare", mixtureShare),
      ("touchingTrust", touchingTrust), ("wholeShare", wholeShare), ("vainShare", vainShare),
      ("poorOverlap", poorOverlap), ("newbornShare", newbornShare),
    ] {
      try real(name, value, 0...1)
    }
    try real("predictionFloor", predictionFloor, 1e-6...0.1)
    try real("backgroundConstant", backgroundConstant, 1e-6...1)
  }

  private func validateWeights() throws(TrackerConfigurationError) {
    for (name, value) in [
      ("residualLimit", residualLimit), ("colourWeight", colourWeight), ("colourClip", colourClip),
      ("shiftPenalty", shiftPenalty), ("coverDistrust", coverDistrust), ("growthShare", growthShare),
      ("fragmentDistance", fragmentDistance), ("releaseDistance", releaseDistance),
      ("splitDistance", splitDistance), ("travelDistance", travelDistance), ("mergePatience", mergePatience),
      ("lockDistance", lockDistance), ("reunionSpeed", reunionSpeed), ("reunionReach", reunionReach),
      ("emergenceMargin", emergenceMargin), ("likenessMargin", likenessMargin), ("exchangeReach", exchangeReach),
      ("mixtureMargin", mixtureMargin), ("youngLeap", youngLeap), ("leap", leap),
    ] {
      try real(name, value, 0...100)
    }
  }

  private func whole(_ name: String, _ value: Int, _ range: ClosedRange<Int>) throws(TrackerConfigurationError) {
    guard range.contains(value) else {
      throw TrackerConfigurationError(
        field: name, value: "\(value)", allowed: "\(range.lowerBound)…\(range.upperBound)")
    }
  }

  private func real(_ name: String, _ value: Float, _ range: ClosedRange<Float>) throws(TrackerConfigurationError) {
    guard range.contains(value) else {
      throw TrackerConfigurationError(
        field: name, value: "\(value)", allowed: "\(range.lowerBound)…\(range.upperBound)")
    }
  }
}

/// A constant of the tracker outside its range.
public struct TrackerConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Name of the constant.
  public let field: String
  /// Its value.
  public let value: String
  /// The values that are allowed.
  public let allowed: String

  /// A line for the user.
  public var description: String { "tracker.\(field) is \(value), allowed is \(allowed)" }
}
