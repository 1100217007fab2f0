import Foundation

/// Logarithms of brightness by grey level, of a background and of frames that are compared with it.
struct BrightnessLogs {
  /// Logarithms are kept in this fraction of one.
  static let unit = 512.0
  /// What is added to the brightness; it keeps noise in the dark from looking like large factors.
  static let dark: Float = 4

  /// Those of the background.
  let mean: [Int16]
  /// Those of frames that `gain` brings to the background's exposure.
  private(set) var luma: [Int16]
  private let range: BrightnessRange
  private var gain: Float = 1

  init(_ range: BrightnessRange) {
    self.range = range
    mean = Self.table(range, gain: 1)
    luma = mean
  }

  /// Takes frames to have another exposure.
  mutating func follow(gain: Float) {
    if gain != self.gain { (luma, self.gain) = (Self.table(range, gain: gain), gain) }
  }

  /// log(brightness + `dark`) by grey level times `gain`.
  static func table(_ range: BrightnessRange, gain: Float) -> [Int16] {
    (0...255).map { grey in
      let brightness = min(max((Float(grey) * gain - range.black) / range.scale, 0), 255)
      return Int16((log(Double(brightness) + Double(dark)) * unit).rounded())
    }
  }
}
