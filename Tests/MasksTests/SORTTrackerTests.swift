import Kernels
import Masks
import Testing

/// Boxes of a sequence of frames with the numbers that an independent SORT gives them: x, y, width, height, number.
struct SORTGolden {
  let maximumAge: Int
  let text: String

  var frames: [[[Int]]] {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.split(separator: ",").map { box in box.split(separator: " ").map { Int($0)! } }
    }
  }
}

@Suite struct SORTTrackerTests {
  private func frame(_ boxes: [PixelRect]) -> Image<UInt8> {
    var mask = Image<UInt8>(width: 100, height: 100, fill: 0)
    for box in boxes {
      for y in box.y..<box.y + box.height { for x in box.x..<box.x + box.width { mask[x, y] = 255 } }
    }
    return mask
  }

  private func box(_ x: Int, _ y: Int) -> PixelRect { PixelRect(x: x, y: y, width: 10, height: 10) }

  /// A tracker that has passed the beginning of its video.
  private func started(_ settings: SORTTracker.Settings = .init()) -> SORTTracker {
    var tracker = SORTTracker(settings: settings)
    for _ in 0..<3 { _ = tracker.step(frame([])) }
    return tracker
  }

  /// 10 + 10000 + 1 is the variance after one prediction, 1 that of the measurement.
  @Test func theFilterFollowsAHandWorkedStep() {
    var filter = SORTFilter(.init(centreX: 10, centreY: 20, area: 100, aspect: 2))
    filter.predict()
    filter.correct(.init(centreX: 12, centreY: 20, area: 100, aspect: 1))
    #expect(abs(filter.box.centreX - (10 + 2 * 10_011.0 / 10_012)) < 1e-9)
    #expect(filter.box.centreY == 20 && filter.box.area == 100)
    #expect(abs(filter.box.aspect - (2 - 11.0 / 21)) < 1e-12)
    filter.predict()
    let velocity = 2 * 10_000.0 / 10_012
    #expect(abs(filter.box.centreX - (10 + 2 * 10_011.0 / 10_012 + velocity)) < 1e-9)
  }

  @Test func overlapOfBoxes() {
    let first = SORTFilter.Box(PixelRect(x: 0, y: 0, width: 4, height: 2))
    #expect(abs(first.overlap(SORTFilter.Box(PixelRect(x: 2, y: 0, width: 4, height: 2))) - 4.0 / 12) < 1e-12)
    #expect(first.overlap(SORTFilter.Box(PixelRect(x: 4, y: 0, width: 4, height: 2))) == 0)
    #expect(first.overlap(.init(centreX: 1, centreY: 1, area: -3, aspect: 1)) == 0)
  }

  @Test func isReportedAfterThreeHitsExceptAtTheBeginning() {
    var early = SORTTracker()
    #expect(early.step(frame([box(20, 20)])).labels[25, 25] == 1)
    var tracker = started()
    for hits in 0..<6 {
      let labels = tracker.step(frame([box(20 + hits, 20)])).labels
      #expect(labels[25 + hits, 25] == (hits < 3 ? 0 : 1))
    }
    #expect(tracker.objects.map(\.area) == [100])
  }

  @Test func missesEndATrackAfterItsAge() {
    var tracker = started()
    for _ in 0..<5 { _ = tracker.step(frame([box(20, 20)])) }
    #expect(tracker.step(frame([])).ended.isEmpty && tracker.aliveIDs == [1] && tracker.objects.isEmpty)
    #expect(tracker.step(frame([])).ended == [1] && tracker.aliveIDs.isEmpty)
    for _ in 0..<3 { #expect(tracker.step(frame([box(20, 20)])).labels[25, 25] == 0) }
    #expect(tracker.step(frame([box(20, 20)])).labels[25, 25] == 2, "numbers are not used again")
  }

  /// 7 pixels a frame leave two boxes of 10 an overlap of 3 in 17, which is too little without the prediction.
  @Test func velocityCarriesAFastObject() {
    var tracker = started()
    for step in 0..<4 { _ = tracker.step(frame([box(2 * step * (step + 1) / 2, 20)])) }
    var labels = Image<Int32>(width: 1, height: 1, fill: 0)
    for x in [19, 26, 33, 40, 47] { labels = tracker.step(frame([box(x, 20)])).labels }
    #expect(labels[50, 25] == 1 && tracker.aliveIDs == [1])
  }

  /// The greatest overlap, 21 in 61 of the left track and the wide box, would leave each of the others alone; 126 in 400
  /// and 20 in 62 together are more.
  @Test func theSumOfOverlapsDecides() {
    var tracker = started()
    let bar = { (x: Int, width: Int) in PixelRect(x: x, y: 20, width: width, height: 10) }
    for _ in 0..<4 { _ = tracker.step(frame([bar(5, 40), bar(46, 40)])) }
    let left = PixelRect(x: 5, y: 20, width: 18, height: 7)
    let labels = tracker.step(frame([bar(24, 42), left])).labels
    #expect(labels[10, 22] == 1 && labels[40, 25] == 2)
  }

  @Test(arguments: sortGoldens.indices) func numbersEqualAnIndependentSORT(_ index: Int) {
    let golden = sortGoldens[index]
    var tracker = SORTTracker(settings: .init(maximumAge: golden.maximumAge, minimumArea: 1))
    for (number, boxes) in golden.frames.enumerated() {
      let labels = tracker.step(
        frame(boxes.map { PixelRect(x: $0[0], y: $0[1], width: $0[2], height: $0[3]) })
      ).labels
      #expect(boxes.map { Int(labels[$0[0], $0[1]]) } == boxes.map { $0[4] }, "frame \(number)")
    }
  }
}
