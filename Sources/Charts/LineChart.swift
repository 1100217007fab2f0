import Kernels
import VideoIO

/// Lines over two linear axes, with a legend.
package struct LineChart {
  private static let (width, height, margin) = (720, 440, 64)
  private static let white = RGB(red: 255, green: 255, blue: 255)
  private static let black = RGB(red: 0, green: 0, blue: 0)
  private static let gray = RGB(red: 224, green: 224, blue: 224)
  private let title: String
  private let across: String
  private var lines: [(name: String, points: [(x: Double, y: Double)])] = []

  /// An empty chart; `across` names the lower axis.
  package init(title: String, across: String) { (self.title, self.across) = (title, across) }

  /// Adds a line; lines of one name have one colour. Points that are not finite are left out.
  package mutating func add(_ name: String, _ points: [(x: Double, y: Double)]) {
    lines.append((name, points.filter { $0.x.isFinite && $0.y.isFinite }))
  }

  /// The chart as a picture.
  package func painted() -> Image<RGB> {
    var image = Image(width: Self.width, height: Self.height, fill: Self.white)
    let points = lines.flatMap(\.points)
    let horizontal = ChartAxis(points.map(\.x), from: Self.margin, to: Self.width - Self.margin / 2)
    let vertical = ChartAxis(points.map(\.y), from: Self.height - Self.margin, to: Self.margin)
    paintAxes(horizontal, vertical, in: &image)
    let names = lines.map(\.name).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    for line in lines {
      let colour = Self.colour(names.firstIndex(of: line.name)!)
      let places = line.points.map { (horizontal.pixel($0.x), vertical.pixel($0.y)) }
      for (from, to) in zip(places, places.dropFirst()) { Self.stroke(from, to, colour, in: &image) }
      // A mark at each point where there are few, so that single ones are seen.
      for place in places where places.count <= 10 {
        image.fill(x: place.0 - 3, y: place.1 - 3, width: 7, height: 7, colour)
      }
    }
    for (index, name) in names.enumerated() {
      let (x, y) = (Self.width - 200, Self.margin + 4 + index * 16)
      image.fill(x: x, y: y, width: 14, height: 10, Self.colour(index))
      PixelFont.write(name, in: &image, x: x + 20, y: y)
    }
    return image
  }

  private func paintAxes(_ horizontal: ChartAxis, _ vertical: ChartAxis, in image: inout Image<RGB>) {
    PixelFont.write(title, in: &image, x: Self.margin, y: 20, scale: 3)
    PixelFont.write(
      across, in: &image, x: horizontal.end - PixelFont.width(across), y: vertical.start + 32)
    for tick in horizontal.ticks {
      let (x, text) = (horizontal.pixel(tick), horizontal.text(tick))
      image.fill(x: x, y: vertical.end, width: 1, height: vertical.start - vertical.end, Self.gray)
      PixelFont.write(text, in: &image, x: x - PixelFont.width(text) / 2, y: vertical.start + 8)
    }
    for tick in vertical.ticks {
      let (y, text) = (vertical.pixel(tick), vertical.text(tick))
      image.fill(x: horizontal.start, y: y, width: horizontal.end - horizontal.start, height: 1, Self.gray)
      PixelFont.write(text, in: &image, x: horizontal.start - 6 - PixelFont.width(text), y: y - 5)
    }
    image.fill(
      x: horizontal.start, y: vertical.end, width: 1, height: vertical.start - vertical.end, Self.black)
    image.fill(
      x: horizontal.start, y: vertical.start, width: horizontal.end - horizontal.start, height: 1, Self.black)
  }

  /// Darker than the overlay's, to be seen on white.
  private static func colour(_ index: Int) -> RGB {
    let bright = OverlayColour.of(index + 1)
    return RGB(red: bright.red / 4 * 3, green: bright.green / 4 * 3, blue: bright.blue / 4 * 3)
  }

  private static func stroke(_ from: (Int, Int), _ to: (Int, Int), _ colour: RGB, in image: inout Image<RGB>) {
    let count = max(abs(to.0 - from.0), abs(to.1 - from.1), 1)
    for step in 0...count {
      let x = from.0 + (to.0 - from.0) * step / count
      let y = from.1 + (to.1 - from.1) * step / count
      image.fill(x: x, y: y, width: 2, height: 2, colour)
    }
  }
}
