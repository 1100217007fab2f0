import NEM
import Testing

@Suite struct ShapeClipsTests {
  /// One slot over `count` clips of two steps.
  private func filled(_ empty: ShapeClips, count: Int) -> ShapeClips {
    var clips = empty
    for frame in 0..<2 * count { clips.add(SlotTransition(serial: 1, frame: frame)) }
    return clips
  }

  @Test func clipsAreSuccessiveStepsOfOneSlot() {
    var clips = ShapeClips(steps: 2, limit: 10)
    for (serial, frame) in [(1, 0), (2, 0), (2, 1), (1, 2), (1, 3), (3, 3), (3, 5), (3, 6)] {
      clips.add(SlotTransition(serial: serial, frame: frame))
    }
    #expect(clips.clips.map { $0.map(\.frame) } == [[0, 1], [2, 3], [5, 6]])
  }

  @Test func keepsNoMoreThanItsLimit() {
    let first = filled(ShapeClips(steps: 2, limit: 10), count: 100)
    #expect(first.clips.map { $0[0].frame } == Array(stride(from: 0, to: 20, by: 2)) && first.isFull)
    let drawn = filled(ShapeClips(steps: 2, limit: 10, samplingSeed: 1), count: 100)
    #expect(drawn.clips.count == 10 && drawn.seen == 100 && !drawn.isFull)
    let again = filled(ShapeClips(steps: 2, limit: 10, samplingSeed: 1), count: 100)
    #expect(again.clips.map { $0[0].frame } == drawn.clips.map { $0[0].frame })
  }

  @Test func everyClipHasTheSameChance() {
    var kept = [Int](repeating: 0, count: 20)
    for seed in 0..<2000 {
      let drawn = filled(ShapeClips(steps: 2, limit: 5, samplingSeed: UInt64(seed)), count: 20)
      for clip in drawn.clips { kept[clip[0].frame / 2] += 1 }
    }
    // 500 each, with a standard deviation of 19.
    #expect(kept.allSatisfy { (400...600).contains($0) }, "\(kept)")
  }

  @Test func splitsInTimeWithoutSharedFrames() {
    var clips = filled(ShapeClips(steps: 2, limit: 100), count: 9)
    for frame in [17, 18] { clips.add(SlotTransition(serial: 2, frame: frame)) }
    let (earlier, later) = clips.split(later: 0.2)
    #expect(later.map { $0[0].frame } == [16, 17])
    // The clip of 14 and 15 predicts 16.
    #expect(earlier.map { $0[0].frame } == [0, 2, 4, 6, 8, 10, 12])
    #expect(filled(ShapeClips(steps: 2, limit: 5), count: 1).split(later: 0.2).later.isEmpty)
  }
}
