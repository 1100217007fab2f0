import Foundation

/// The range of one axis, and where it lies in the picture.
struct ChartAxis {
  let low: Double
  let high: Double
  let start: Int
  let end: Int

  init(_ values: [Double], from start: Int, to end: Int) {
    (self.start, self.end) = (start, end)
    let (least, most) = (values.min() ?? 0, values.max() ?? 1)
    (low, high) = most > least ? (least, most) : (least - 1, most + 1)
  }

  /// Where a value lies; what is outside, or no number, lies at an end.
  func pixel(_ value: Double) -> Int {
    let part = (value - low) / (high - low)
    return start + Int(((part > 0 ? min(part, 1) : 0) * Double(end - start)).rounded())
  }

  /// Some four to ten round values inside.
  var ticks: [Double] {
    let power = pow(10, ((log10(high - low)).rounded(.down)))
    let step = [power / 5, power / 2, power, power * 2].first { (high - low) / $0 <= 8 } ?? power * 2
    let first = (low / step).rounded(.up)
    return (0...10).map { (first + Double($0)) * step }.filter { $0 <= high + step * 1e-9 }
  }

  func text(_ tick: Double) -> String {
    tick == tick.rounded() && tick.magnitude < 1e9 ? String(Int(tick)) : String(Float(tick))
  }
}
