import Kernels

/// Counts of right and wrong foreground pixels, as the CDnet benchmark counts them.
///
/// True values: 255 moving; 0 static; 50 shadow, which counts as static; 85 outside the region of interest and 170
/// unknown, both ignored.
public struct ForegroundScore: Sendable, Equatable {
  /// Moving pixels found.
  public private(set) var truePositives = 0
  /// Static pixels called moving.
  public private(set) var falsePositives = 0
  /// Moving pixels missed.
  public private(set) var falseNegatives = 0

  /// A score that has seen no frame.
  public init() {}

  /// Adds one frame.
  ///
  /// - Parameters:
  ///   - mask: what was found; 255 means moving and every other value (127: shadow) static.
  ///   - truth: the true picture with the values above, of the same size.
  ///   - region: scored pixels, those with a value other than 0; nil scores the whole picture.
  public mutating func add(mask: Image<UInt8>, truth: Image<UInt8>, region: Image<UInt8>? = nil) {
    precondition(mask.width == truth.width && mask.height == truth.height, "mask and truth must have the same size")
    if let region {
      precondition(region.width == truth.width && region.height == truth.height, "the region must have the same size")
    }
    for i in truth.pixels.indices {
      let expected = truth.pixels[i]
      if expected == 85 || expected == 170 || region?.pixels[i] == 0 { continue }
      switch (mask.pixels[i] == 255, expected == 255) {
      case (true, true): truePositives += 1
      case (true, false): falsePositives += 1
      case (false, true): falseNegatives += 1
      case (false, false): break
      }
    }
  }

  /// Share of the found pixels that move, 0…1; 0 when nothing was found.
  public var precision: Double { ForegroundScore.ratio(truePositives, truePositives + falsePositives) }
  /// Share of the moving pixels that were found, 0…1; 0 when nothing moves.
  public var recall: Double { ForegroundScore.ratio(truePositives, truePositives + falseNegatives) }
  /// Harmonic mean of precision and recall, 0…1.
  public var fMeasure: Double {
    ForegroundScore.ratio(2 * truePositives, 2 * truePositives + falsePositives + falseNegatives)
  }

  private static func ratio(_ part: Int, _ whole: Int) -> Double {
    whole == 0 ? 0 : Double(part) / Double(whole)
  }
}
