import Background
import Kernels
import Testing

/// A subtractor and its plain twin, which must agree bit for bit on every frame.
struct SubtractorTwins {
  private let fast: BackgroundSubtractor
  private var plain: BackgroundSubtractor.Reference
  private var frames = 0

  init(width: Int, height: Int, configuration: BackgroundConfiguration, level: Int32) throws {
    fast = try BackgroundSubtractor(width: width, height: height, configuration: configuration, level: level)
    plain = BackgroundSubtractor.Reference(width: width, height: height, configuration: configuration)
  }

  /// Expects equal evidence and masks of the next frame; returns the mask.
  @discardableResult mutating func apply(
    _ frame: Image<UInt8>, sourceLocation: SourceLocation = #_sourceLocation
  ) -> Image<UInt8> {
    let (mask, expected) = (fast.mask(of: frame), plain.apply(luma: frame))
    // Compared outside the macro, which would print the difference of two pictures for minutes.
    let (sameEvidence, sameMask) = (fast.withEvidence { Array($0) } == plain.evidence.pixels, mask == expected)
    #expect(
      sameEvidence && sameMask, "frame \(frames): evidence \(sameEvidence), mask \(sameMask)",
      sourceLocation: sourceLocation)
    frames += 1
    return mask
  }
}

extension BackgroundSubtractor {
  /// The mask of the next frame, a picture of brightness alone.
  func mask(of frame: Image<UInt8>, standing: StandingObjects? = nil) -> Image<UInt8> {
    var mask = Image<UInt8>(width: frame.width, height: frame.height, fill: 9)
    frame.pixels.withUnsafeBufferPointer { apply(luma: $0, stride: frame.width, into: &mask, standing: standing) }
    return mask
  }
}
