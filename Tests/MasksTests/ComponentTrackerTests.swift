import Kernels
import Masks
import Testing

@Suite struct ComponentTrackerTests {
  private func frame(_ boxes: [PixelRect]) -> Image<UInt8> {
    var mask = Image<UInt8>(width: 100, height: 60, fill: 0)
    for box in boxes {
      for y in box.y..<box.y + box.height { for x in box.x..<box.x + box.width { mask[x, y] = 255 } }
    }
    return mask
  }

  private func box(_ x: Int, _ y: Int) -> PixelRect { PixelRect(x: x, y: y, width: 10, height: 10) }

  @Test func numbersFollowTheirObjects() {
    var tracker = ComponentTracker()
    for step in 0..<20 {
      // The lower object overtakes the upper one from left to right.
      let (labels, ended) = tracker.step(frame([box(30 + step, 5), box(10 + 3 * step, 30)]))
      #expect(labels[35 + step, 10] == 1 && labels[15 + 3 * step, 35] == 2 && ended.isEmpty)
      #expect(tracker.objects.map(\.id) == [1, 2] && tracker.objects[0].area == 100)
    }
  }

  @Test func aShortAbsenceKeepsTheNumberAndALongOneEndsIt() {
    var tracker = ComponentTracker(settings: .init(memory: 3))
    _ = tracker.step(frame([box(20, 20)]))
    for _ in 0..<3 { #expect(tracker.step(frame([])).ended.isEmpty) }
    #expect(tracker.aliveIDs == [1] && tracker.objects.isEmpty)
    #expect(tracker.step(frame([box(22, 20)])).labels[25, 25] == 1)
    for missed in 1...4 { #expect(tracker.step(frame([])).ended == (missed == 4 ? [1] : [])) }
    #expect(tracker.step(frame([box(22, 20)])).labels[25, 25] == 2, "numbers are not used again")
  }

  @Test func smallComponentsAreNoise() {
    var tracker = ComponentTracker(settings: .init(minimumArea: 20))
    let (labels, _) = tracker.step(frame([PixelRect(x: 3, y: 3, width: 4, height: 4), box(50, 20)]))
    #expect(tracker.objects.count == 1 && labels[4, 4] == 0 && labels[55, 25] == 1)
  }

  @Test func theBetterOverlapWinsWhenAnObjectFallsApart() {
    var tracker = ComponentTracker()
    _ = tracker.step(frame([PixelRect(x: 20, y: 20, width: 30, height: 10)]))
    let parts = [PixelRect(x: 20, y: 20, width: 8, height: 10), PixelRect(x: 30, y: 20, width: 20, height: 10)]
    let (labels, _) = tracker.step(frame(parts))
    #expect(labels[40, 25] == 1 && labels[22, 25] == 2)
  }
}
