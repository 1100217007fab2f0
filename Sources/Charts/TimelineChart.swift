import Kernels
import VideoIO

/// Objects as bars over time, one row each, in the overlay's colours.
package struct TimelineChart {
  /// An object's time.
  package struct Bar: Sendable {
    /// The object's number, which chooses its colour.
    package let id: Int
    /// Seconds.
    package let start: Double
    /// Seconds; not before the start.
    package let end: Double

    package init(id: Int, start: Double, end: Double) { (self.id, self.start, self.end) = (id, start, end) }
  }

  private static let (width, margin, top) = (960, 64, 48)
  /// Most rows, so that a picture of a long run can still be seen.
  private static let limit = 400
  private static let white = RGB(red: 255, green: 255, blue: 255)
  private static let gray = RGB(red: 224, green: 224, blue: 224)
  private let title: String
  private let bars: [Bar]
  private let span: ClosedRange<Double>

  /// A chart of some objects over a stretch of time. Of too many objects the longest are shown, and the title says so.
  package init(title: String, bars: [Bar], span: ClosedRange<Double>) {
    let longest = bars.sorted { ($1.end - $1.start, $0.id) < ($0.end - $0.start, $1.id) }.prefix(Self.limit)
    self.bars = longest.sorted { ($0.start, $0.id) < ($1.start, $1.id) }
    self.title = bars.count > Self.limit ? "\(title) - \(Self.limit) longest of \(bars.count)" : title
    self.span = span
  }

  /// Pixels of a row: less for many objects.
  private var row: Int { max(4, min(16, 1200 / max(bars.count, 1))) }

  /// The chart as a picture.
  package func painted() -> Image<RGB> {
    let bottom = Self.top + max(bars.count, 1) * row
    var image = Image(width: Self.width, height: bottom + 56, fill: Self.white)
    let axis = ChartAxis([span.lowerBound, span.upperBound], from: Self.margin, to: Self.width - Self.margin / 2)
    PixelFont.write(title, in: &image, x: Self.margin, y: 14, scale: 3)
    for tick in axis.ticks {
      let (x, text) = (axis.pixel(tick), axis.text(tick))
      image.fill(x: x, y: Self.top, width: 1, height: bottom - Self.top, Self.gray)
      PixelFont.write(text, in: &image, x: x - PixelFont.width(text) / 2, y: bottom + 8)
    }
    PixelFont.write("SECONDS", in: &image, x: axis.end - PixelFont.width("SECONDS"), y: bottom + 32)
    for (index, bar) in bars.enumerated() { paint(bar, Self.top + index * row, axis, in: &image) }
    return image
  }

  private func paint(_ bar: Bar, _ y: Int, _ axis: ChartAxis, in image: inout Image<RGB>) {
    let (left, right) = (axis.pixel(bar.start), axis.pixel(bar.end))
    image.fill(x: left, y: y + 1, width: max(2, right - left), height: row - 2, OverlayColour.of(bar.id))
    guard row >= 7 else { return }
    let (text, scale) = (String(bar.id), row >= 12 ? 2 : 1)
    PixelFont.write(
      text, in: &image, x: Self.margin - 6 - PixelFont.width(text, scale: scale), y: y + (row - 5 * scale) / 2,
      scale: scale)
  }
}
