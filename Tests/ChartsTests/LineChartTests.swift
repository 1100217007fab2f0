import Charts
import Kernels
import Testing
import VideoIO

@Suite struct LineChartTests {
  private let colour = RGB(red: 0, green: 0, blue: 0)

  /// The lowest point is at the lower left corner of the axes, the highest at the upper right one; a line joins them.
  @Test func aLineGoesFromCornerToCorner() {
    var chart = LineChart(title: "", across: "")
    chart.add("A", (0...20).map { (Double($0), Double($0) * 3 - 5) })
    let image = chart.painted()
    let line = OverlayColour.of(1)
    let drawn = RGB(red: line.red / 4 * 3, green: line.green / 4 * 3, blue: line.blue / 4 * 3)
    let places = image.pixels.indices.filter { image.pixels[$0] == drawn }.map { ($0 % image.width, $0 / image.width) }
      .filter { !(520...534).contains($0.0) || $0.1 > 100 }
    #expect(places.map(\.0).min() == 64 && places.map(\.1).min() == 64)
    #expect((685...690).contains(places.map(\.0).max()!) && (374...378).contains(places.map(\.1).max()!))
    // Columns with ink: all between the ends.
    #expect(Set(places.map(\.0)).count >= 620)
    let middle = places.filter { $0.0 == 64 + 312 }.map(\.1)
    #expect(middle.allSatisfy { abs($0 - 220) < 4 } && !middle.isEmpty)
  }

  @Test func emptyAndFlatLinesAndBadNumbersArePainted() {
    var chart = LineChart(title: "EMPTY", across: "X")
    let empty = chart.painted()
    chart.add("a", [])
    chart.add("b", [(1, 2), (1, 2), (.nan, 3), (3, .infinity)])
    #expect(chart.painted() != empty)
  }

  @Test func lettersDiffer() {
    let texts = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.=:".map { letter -> [RGB] in
      var image = Image(width: 8, height: 10, fill: RGB(red: 255, green: 255, blue: 255))
      PixelFont.write(String(letter), in: &image, x: 0, y: 0, colour: colour)
      return image.pixels
    }
    for (index, one) in texts.enumerated() {
      #expect(one.contains(colour))
      // O and 0, I and 1 and the like may look alike, but not the same.
      #expect(!texts[..<index].contains(one), "\(index)")
    }
    var small = Image(width: 2, height: 2, fill: colour)
    PixelFont.write("OUTSIDE", in: &small, x: -5, y: 1)
  }
}
