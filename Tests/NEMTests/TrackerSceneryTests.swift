import Kernels
import NEM
import Testing

/// Objects that pass behind scenery: a pillar at which the foreground ends.
@Suite struct TrackerSceneryTests {
  /// An ellipse that walks to the right behind a pillar of columns `pillar`, from behind which it shows on both sides if
  /// it is wider.
  private func walk(behind pillar: Range<Int>, radius: Float, speed: Float, frames: Int) -> [TrackerScene] {
    (0..<frames).map { t in
      var scene = TrackerScene()
      scene.ellipse(id: 1, x: 14 + speed * Float(t), y: 27, radiusX: radius, radiusY: 10, luma: 0.9)
      scene.cover(columns: pillar)
      return scene
    }
  }

  /// Ids of confirmed objects in all frames.
  private func ids(_ answers: [GridSegmentation]) -> Set<Int32> {
    Set(answers.flatMap(\.objects).map(\.id).filter { $0 > 0 })
  }

  @Test func aWideObjectIsOneOnBothSidesOfAPillar() {
    let scenes = walk(behind: 44..<52, radius: 12, speed: 0.8, frames: 80)
    let answers = ObjectTracker().follow(scenes)
    #expect(ids(answers) == [1])
    #expect(answers[79].id(over: 1, in: scenes[79].truth) == 1)
    // Where both sides show, both are its.
    for t in 36..<46 {
      #expect(answers[t].labels.pixels[27 * 96 + 42] == 1 && answers[t].labels.pixels[27 * 96 + 53] == 1, "\(t)")
    }
  }

  @Test func whatWasHiddenWhollyComesOutWithItsId() {
    let scenes = walk(behind: 40..<58, radius: 6, speed: 1.2, frames: 64)
    let answers = ObjectTracker().follow(scenes)
    #expect(answers.contains { $0.objects.contains { $0.id == 1 && $0.hidden } })
    #expect(ids(answers) == [1])
    #expect(answers[63].id(over: 1, in: scenes[63].truth) == 1)
  }

  @Test func whatComesOutElsewhereIsAnother() {
    // One goes in, and when it is hidden another one leaves the pillar far below.
    let scenes = (0..<64).map { t in
      var scene = TrackerScene(width: 96, height: 96)
      scene.ellipse(id: 1, x: min(14 + 1.2 * Float(t), 49), y: 20, radiusX: 6, radiusY: 8, luma: 0.9)
      if t >= 30 { scene.ellipse(id: 2, x: 49 + 1.2 * Float(t - 30), y: 75, radiusX: 6, radiusY: 8, luma: 0.9) }
      scene.cover(columns: 40..<58)
      return scene
    }
    let answers = ObjectTracker(width: 96, height: 96).follow(scenes)
    #expect(answers[15].id(over: 1, in: scenes[15].truth) == 1)
    #expect(answers[55].id(over: 2, in: scenes[55].truth) == 2)
  }

  @Test func ofTwoThatComeOutTogetherColourTellsWhich() {
    // A bright and a dark one go in from both sides and pass each other behind the pillar.
    let scenes = (0..<70).map { t in
      var scene = TrackerScene()
      scene.ellipse(id: 1, x: 12 + 1.1 * Float(t), y: 26, radiusX: 6, radiusY: 9, luma: 0.9)
      scene.ellipse(id: 2, x: 84 - 1.1 * Float(t), y: 28, radiusX: 6, radiusY: 9, luma: 0.1)
      scene.cover(columns: 38..<58)
      return scene
    }
    let answers = ObjectTracker().follow(scenes)
    let before = (1...2).map { answers[15].id(over: Int32($0), in: scenes[15].truth) }
    let after = (1...2).map { answers[66].id(over: Int32($0), in: scenes[66].truth) }
    #expect(before.sorted() == [1, 2])
    #expect(after == before)
  }

  /// A dark one comes out of a pillar just where a bright one goes in, so that for some frames both are one component.
  @Test(arguments: [true, false]) func whoComesOutWhereAnotherGoesInIsKnownByItsColour(_ exchanges: Bool) {
    let scenes = (0..<66).map { t in
      var scene = TrackerScene(width: 120, height: 54)
      scene.ellipse(id: 1, x: 104 - 1.2 * Float(t), y: 26, radiusX: 7, radiusY: 8, luma: 0.9)
      scene.ellipse(id: 2, x: 14 + 1.2 * Float(t), y: 28, radiusX: 7, radiusY: 9, luma: 0.1)
      scene.cover(columns: 40..<58)
      return scene
    }
    var configuration = TrackerConfiguration()
    if !exchanges { configuration.likenessMargin = 100 }
    let answers = ObjectTracker(configuration, width: 120, height: 54).follow(scenes)
    let before = (1...2).map { answers[15].id(over: Int32($0), in: scenes[15].truth) }
    let after = (1...2).map { answers[60].id(over: Int32($0), in: scenes[60].truth) }
    #expect(before.sorted() == [1, 2])
    #expect((after[1] == before[1]) == exchanges)
  }

  /// A person passes a post that hides the middle: torso and legs come out apart from what is still seen on the left.
  @Test func whatComesOutBesideItsOwnRestIsNoNewObject() {
    let scenes = (0..<60).map { t in
      var scene = TrackerScene()
      scene.ellipse(id: 1, x: 14 + Float(t), y: 27, radiusX: 7, radiusY: 12, luma: 0.9)
      scene.cover(columns: 40..<43)
      return scene
    }
    #expect(ids(ObjectTracker().follow(scenes)) == [1])
  }

  @Test func whatComesInBesideOneThatLeavesIsAnother() {
    // One goes up to the edge and along it, half out of the picture, and another one comes in behind it; they touch.
    let scenes = (0..<64).map { t in
      var scene = TrackerScene()
      let (x, y) = (20 + 0.6 * Float(t), max(40 - 1.2 * Float(t), 4))
      scene.ellipse(id: 1, x: x, y: y, radiusX: 8, radiusY: 8, luma: 0.9)
      if t > 32 { scene.ellipse(id: 2, x: x - 14, y: 0.9 * Float(t - 32) - 8, radiusX: 8, radiusY: 8, luma: 0.9) }
      return scene
    }
    let answers = ObjectTracker().follow(scenes)
    #expect(answers[30].id(over: 1, in: scenes[30].truth) == 1)
    for t in 52..<64 {
      #expect(answers[t].id(over: 1, in: scenes[t].truth) == 1, "\(t)")
      #expect(answers[t].id(over: 2, in: scenes[t].truth) == 2, "\(t)")
    }
  }

  @Test func whatLeavesKeepsItsIdUntilItIsGone() {
    let scenes = (0..<60).map { t in
      var scene = TrackerScene()
      scene.ellipse(id: 1, x: 30 + 1.5 * Float(t), y: 27, radiusX: 14, radiusY: 10, luma: 0.9)
      return scene
    }
    #expect(ids(ObjectTracker().follow(scenes)) == [1])
  }
}

extension TrackerScene {
  /// Scenery in front of everything.
  fileprivate mutating func cover(columns: Range<Int>) {
    for row in 0..<frame.height {
      for i in row * frame.width + columns.lowerBound..<row * frame.width + columns.upperBound {
        (frame.foreground[i], frame.luma[i], truth.pixels[i]) = (0, 0.4, 0)
      }
    }
  }
}
