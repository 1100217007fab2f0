import Experiments
import Kernels
import NEM
import Neural
import Scenes
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
    let texts = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.=".map { letter -> [RGB] in
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

@Suite struct SlotFigureTests {
  private func model(slots: Int) throws -> Model {
    let network = NetworkDescription(
      input: [28, 28, 1], encoder: [], cell: .linear(8, activation: .sigmoid),
      decoder: [.linear(28, 28, 1, activation: .sigmoid, normalized: false)])
    return try Model(
      ModelDescription(kind: .fullFrame, network: network, observation: "bernoulli", slots: slots, command: ""),
      seed: 3)
  }

  @Test func rowsShowFrameOwnersAndPredictions() throws {
    let clip = FlyingShapes(objects: 2, frames: 4, seed: 5).sequence(0)
    let trace = try SequenceTrace(try model(slots: 1), clip, slots: 1, observed: 2, seed: 1)
    let image = SlotFigure(trace).painted()
    let cell = 28 * 2 + 3
    #expect(image.width == 64 + 3 * cell && image.height == 20 + 4 * cell)
    for pixel in 0..<784 {
      for step in 0..<3 {
        let (x, y) = (64 + step * cell + pixel % 28 * 2, 20 + pixel / 28 * 2)
        #expect(image[x, y].red == (clip.features[(step + 1) * 784 + pixel] > 0.5 ? 255 : 0))
        // One slot owns all; its ψ is the prediction.
        #expect(image[x, y + cell] == OverlayColour.of(1))
        #expect(image[x + 1, y + 2 * cell + 1] == image[x, y + 3 * cell])
        #expect(abs(Float(image[x, y + 2 * cell].green) - 255 * trace.steps[step].psi[pixel]) <= 0.5)
      }
    }
    // Frames from number 2 on are not seen.
    let red = RGB(red: 255, green: 0, blue: 0)
    #expect(image[64, 16] != red && image[64 + cell, 16] == red && image[64 + 2 * cell, 16] == red)
  }

  /// Alone, the model goes on from its own prediction: later frames of the clip change nothing.
  @Test func rolloutDoesNotLookAtTheClip() throws {
    let clip = FlyingShapes(objects: 2, frames: 8, seed: 5).sequence(0)
    var other = clip
    for place in 4 * 784..<8 * 784 { other.features[place] = 1 - other.features[place] }
    let model = try model(slots: 2)
    func predictions(_ clip: LabelledSequence, observed: Int) throws -> [[Float]] {
      try SequenceTrace(model, clip, slots: 2, observed: observed, seed: 1).steps.map(\.prediction)
    }
    #expect(try predictions(clip, observed: 4) == predictions(other, observed: 4))
    #expect(try predictions(clip, observed: 8) != predictions(other, observed: 8))
    #expect(try predictions(clip, observed: 8).prefix(4) == predictions(clip, observed: 4).prefix(4))
  }
}
