import CFFmpeg

/// How the values of delivered frames are to be shown. Colours are code points of ITU-T H.273, 2 where they are unknown.
public struct VideoAppearance: Sendable, Equatable {
  /// Whether values fill 0…255; otherwise black is 16 and white 235.
  public var isFullRange = false
  /// How red, green and blue became luma and chroma.
  public var matrix = 2
  /// What red, green and blue are.
  public var primaries = 2
  /// How values follow from light.
  public var transfer = 2
  /// Width over height of a pixel; nil for a square one, or where the source does not say.
  public var pixelAspect: Rational?

  /// Unknown colours, square pixels.
  public init() {}

  /// That of a decoded frame once it is upright; colours without luma get that of BT.601 at full range.
  init(_ frame: AVFrame, pixelAspect: AVRational, isTransposed: Bool) {
    let layout = PixelLayout(AVPixelFormat(rawValue: frame.format))
    isFullRange = frame.color_range == AVCOL_RANGE_JPEG || layout.isFullRange
    let hasMatrix = !layout.isRGB && frame.colorspace != AVCOL_SPC_RGB
    matrix = Int((hasMatrix ? frame.colorspace : AVCOL_SPC_SMPTE170M).rawValue)
    primaries = Int(frame.color_primaries.rawValue)
    transfer = Int(frame.color_trc.rawValue)
    let (across, down) = (Int(pixelAspect.num), Int(pixelAspect.den))
    guard across > 0, down > 0, across != down else { return }
    self.pixelAspect =
      isTransposed ? Rational(numerator: down, denominator: across) : Rational(numerator: across, denominator: down)
  }
}
