import Charts
import Kernels
import Testing
import VideoIO

private func gray(_ level: UInt8) -> RGB { RGB(red: level, green: level, blue: level) }

@Suite struct TimelineChartTests {
  /// As a damaged file has them.
  @Test(arguments: [-1e300, 1e300, .infinity, .nan]) func anyTimesCanBeDrawn(_ time: Double) {
    let bars = [TimelineChart.Bar(id: 1, start: 0, end: time), TimelineChart.Bar(id: .min, start: time, end: 3)]
    for span in [0...4, -1e300...1e300, 1e300...1e300] {
      #expect(TimelineChart(title: "A", bars: bars, span: span).painted().width == 960)
    }
  }

  private func columns(_ image: Image<RGB>, _ id: Int) -> ClosedRange<Int>? {
    let places = image.pixels.indices.filter { image.pixels[$0] == OverlayColour.of(id) }.map { $0 % image.width }
    guard let first = places.min(), let last = places.max() else { return nil }
    return first...last
  }

  @Test func barsLieWhereTheirTimeIs() throws {
    let bars = [TimelineChart.Bar(id: 1, start: 0, end: 5), TimelineChart.Bar(id: 2, start: 5, end: 10)]
    let image = TimelineChart(title: "2 objects", bars: bars, span: 0...10).painted()
    let (one, two) = (try #require(columns(image, 1)), try #require(columns(image, 2)))
    #expect(one == 64...495 && two == 496...927)
    #expect(TimelineChart(title: "", bars: [], span: 3...3).painted().width == image.width)
  }

  @Test func ofTooManyTheLongestAreShown() {
    let bars = (1...2000).map { TimelineChart.Bar(id: $0, start: 0, end: Double($0)) }
    let image = TimelineChart(title: "", bars: bars, span: 0...2000).painted()
    #expect(image.height < 2000 && columns(image, 2000) != nil)
  }
}

@Suite struct ContactSheetTests {
  @Test func picturesLieInRows() {
    var sheet = ContactSheet()
    for level in 1...5 { sheet.add(Image(width: 640, height: 80, fill: gray(UInt8(level * 40))), text: "A") }
    let image = sheet.painted()
    #expect(image.width == 6 + 4 * 326 && image.height == 6 + 2 * (40 + 16 + 6))
    #expect(image[6, 6] == gray(40) && image[6 + 3 * 326 + 319, 45] == gray(160) && image[6, 68] == gray(200))
  }

  @Test func reducedPixelsAreMeans() {
    let image = Image(width: 4, height: 2, pixels: [0, 10, 100, 100, 20, 30, 100, 104].map { gray($0) })
    #expect(image.reduced(by: 2).pixels == [gray(15), gray(101)] && image.reduced(by: 1) == image)
  }
}

@Suite struct TerminalPictureTests {
  private let red = RGB(red: 255, green: 0, blue: 0)

  @Test func aCharacterIsTwoPixels() {
    let image = Image(width: 2, height: 3, pixels: [red, red, gray(255), gray(255), gray(0), red])
    #expect(
      TerminalPicture.lines(image, .full) == [
        "\u{1B}[38;2;255;0;0m\u{1B}[48;2;255;255;255m▀▀\u{1B}[0m\u{1B}[K",
        "\u{1B}[38;2;0;0;0m\u{1B}[48;2;0;0;0m▀\u{1B}[38;2;255;0;0m▀\u{1B}[0m\u{1B}[K",
      ])
    #expect(TerminalPicture.lines(image, .palette)[0] == "\u{1B}[38;5;196m\u{1B}[48;5;231m▀▀\u{1B}[0m\u{1B}[K")
  }

  @Test func terminalsSayWhatTheyShow() {
    #expect(TerminalPicture.Depth(environment: ["TERM": "xterm", "COLORTERM": "truecolor"]) == .full)
    #expect(TerminalPicture.Depth(environment: ["TERM": "xterm-256color"]) == .palette)
    for environment in [[:], ["TERM": "dumb"]] {
      #expect(TerminalPicture.Depth(environment: environment) == nil)
    }
  }
}
