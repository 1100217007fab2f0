import Kernels
import NEM
import Testing

@Suite struct TrackerTests {
  /// Two figures that walk towards each other, through each other, and on.
  private func crossing() -> [TrackerScene] {
    (0..<70).map { t in
      TrackerScene()
        .with(1, at: 82 - Float(t), 27, luma: 0.9)
        .with(2, at: 14 + Float(t), 27, luma: 0.1)
    }
  }

  @Test func anObjectGetsItsIdWhenConfirmedAndKeepsIt() {
    let scenes = (0..<30).map { TrackerScene().with(1, at: 15 + 1.3 * Float($0), 27, luma: 0.2) }
    let answers = ObjectTracker().follow(scenes)
    #expect(answers[0].objects.map(\.id) == [-1] && answers[0].id(over: 1, in: scenes[0].truth) == -1)
    #expect(answers.flatMap(\.confirmed) == [ConfirmedCandidate(candidate: -1, id: 1)])
    // The pipeline waits so long with the frames before.
    #expect(answers.firstIndex { !$0.confirmed.isEmpty } == TrackerConfiguration().confirmationFrames)
    for (scene, answer) in zip(scenes, answers).dropFirst(6) {
      #expect(answer.objects.map(\.id) == [1])
      #expect(answer.id(over: 1, in: scene.truth) == 1)
      #expect(answer.objects[0].confidence > 0.8 && !answer.objects[0].hidden)
    }
  }

  @Test func crossingObjectsKeepTheirIds() {
    let scenes = crossing()
    let answers = ObjectTracker().follow(scenes)
    let before = (1...2).map { answers[15].id(over: Int32($0), in: scenes[15].truth) }
    let after = (1...2).map { answers[68].id(over: Int32($0), in: scenes[68].truth) }
    #expect(before.sorted() == [1, 2])
    #expect(after == before)
  }

  @Test func aHiddenObjectReturnsWithItsId() {
    // A small figure walks behind a large standing one, and comes out on the other side.
    let scenes = (0..<75).map { t in
      var scene = TrackerScene()
      scene.ellipse(id: 1, x: 12 + Float(t), y: 29, radiusX: 4, radiusY: 7, luma: 0.9)
      scene.ellipse(id: 2, x: 48, y: 27, radiusX: 9, radiusY: 14, luma: 0.1)
      return scene
    }
    let answers = ObjectTracker().follow(scenes)
    let id = answers[15].id(over: 1, in: scenes[15].truth)
    #expect(id > 0)
    #expect(answers[36].objects.contains { $0.id == id && $0.hidden })
    #expect(answers[70].id(over: 1, in: scenes[70].truth) == id)
  }

  /// While the background says that it knows nothing, nobody is missed.
  @Test func objectsOutliveAChangeOfTheScene() {
    let scenes = (0..<60).map { t in
      var scene = TrackerScene()
      // All of the picture is another for a while: one object stands, one goes on.
      guard !(25..<45).contains(t) else {
        scene.frame.isBlind = true
        return scene
      }
      scene.ellipse(id: 1, x: 20, y: 27, radiusX: 5, radiusY: 9, luma: 0.9)
      return scene.with(2, at: 40 + 0.7 * Float(t), 27, luma: 0.1)
    }
    let answers = ObjectTracker().follow(scenes)
    for object in 1...2 as ClosedRange<Int32> {
      let id = answers[20].id(over: object, in: scenes[20].truth)
      #expect(id > 0 && answers[55].id(over: object, in: scenes[55].truth) == id, "object \(object)")
    }
  }

  @Test func speckleMakesNoObjects() {
    var random = RandomSource(seed: 3)
    let tracker = ObjectTracker()
    for _ in 0..<200 {
      var scene = TrackerScene()
      for i in scene.frame.foreground.indices where random.uniform() < 0.01 { scene.frame.foreground[i] = 1 }
      let answer = tracker.step(scene.frame)
      #expect(answer.objects.allSatisfy { $0.id < 0 } && answer.labels.pixels.allSatisfy { $0 <= 0 })
    }
  }

  @Test func aShortLivedBlobUsesUpNoId() {
    let tracker = ObjectTracker()
    for _ in 0..<2 { _ = tracker.step(TrackerScene().with(1, at: 20, 27, luma: 0.5).frame) }
    for _ in 0..<10 { _ = tracker.step(TrackerScene().frame) }
    let answers = tracker.follow((0..<10).map { TrackerScene().with(2, at: 60 + Float($0), 27, luma: 0.5) })
    #expect(answers[9].objects.map(\.id) == [1])
    #expect(answers.allSatisfy { $0.ended.isEmpty })
  }

  /// Something lights up for six frames now and then, until what passes there is an object all the same.
  @Test func whatVanishedWhereItAppearedIsNoObjectThereForAWhile() {
    var configuration = TrackerConfiguration()
    configuration.vainFrames = 60
    let tracker = ObjectTracker(configuration)
    func lamp(_ x: Float, frames: Int, speed: Float = 0) -> [Int32] {
      let dark = Array(repeating: TrackerScene(), count: 14)
      let lit = (0..<frames).map { TrackerScene().with(1, at: x + speed * Float($0), 27, luma: 0.5) }
      return Set(tracker.follow(lit + dark).flatMap { $0.objects.map(\.id) }).filter { $0 > 0 }.sorted()
    }
    #expect(lamp(30, frames: 6) == [1] && lamp(30, frames: 6) == [] && lamp(70, frames: 6) == [2])
    #expect(lamp(30, frames: 6) == [] && lamp(20, frames: 20, speed: 1) == [3])
    _ = tracker.follow(Array(repeating: TrackerScene(), count: 60))
    #expect(lamp(30, frames: 6) == [4] && lamp(30, frames: 30) == [] && lamp(30, frames: 120) == [5])
  }

  @Test func floodsAndBadNumbersAreSurvived() {
    let tracker = ObjectTracker()
    for value in [Float(1), .nan, .infinity, -1] {
      var scene = TrackerScene()
      for i in scene.frame.foreground.indices {
        (scene.frame.foreground[i], scene.frame.luma[i]) = (value, value)
      }
      for _ in 0..<20 { _ = tracker.step(scene.frame) }
    }
    for _ in 0..<30 { _ = tracker.step(TrackerScene().frame) }
    let scenes = (0..<20).map { TrackerScene().with(1, at: 30 + Float($0), 27, luma: 0.2) }
    let answers = tracker.follow(scenes)
    let id = answers[19].id(over: 1, in: scenes[19].truth)
    #expect(id > 0)
    #expect(answers[19].objects.map(\.id) == [id])
  }

  @Test func oneObjectThatComesApartBecomesTwo() {
    let scenes = (0..<60).map { t in
      let apart = max(Float(t) - 20, 0) * 0.5
      return TrackerScene().with(1, at: 44 - apart, 27, luma: 0.2).with(2, at: 50 + apart, 27, luma: 0.25)
    }
    let answers = ObjectTracker().follow(scenes)
    #expect(answers[15].objects.count == 1)
    #expect(Set((1...2).map { answers[58].id(over: $0, in: scenes[58].truth) }).subtracting([0]).count == 2)
  }

  /// Two parts of one body, which join after some frames.
  private func joining(after frames: Int) -> [TrackerScene] {
    (0..<60).map { t in
      var scene = TrackerScene()
      let x = 20 + 0.8 * Float(t)
      scene.ellipse(id: 1, x: x, y: 20, radiusX: 5, radiusY: 6, luma: 0.3)
      scene.ellipse(id: 1, x: x, y: t < frames ? 38 : 31, radiusX: 5, radiusY: 5.5, luma: 0.3)
      return scene
    }
  }

  @Test func objectsThatStickTogetherForLongBecomeOne() {
    let answers = ObjectTracker().follow(joining(after: 5))
    #expect(answers[59].objects.filter { !$0.hidden }.count == 1)
  }

  @Test func whatMayBeAFragmentIsShownAsPartOfItsObject() {
    let scenes = joining(after: 2)
    let answers = ObjectTracker().follow(scenes)
    #expect(answers[6].objects.count == 2, "the other part has a slot, and no id yet")
    for (scene, answer) in zip(scenes, answers).dropFirst(4) {
      let shown = zip(scene.truth.pixels, answer.labels.pixels).filter { $0.0 == 1 }.map(\.1)
      #expect(Set(shown) == [1])
    }
  }

  @Test func objectsBeyondTheSlotsAreCounted() {
    var configuration = TrackerConfiguration()
    configuration.slots = 2
    let scenes = (0..<10).map { t in
      var scene = TrackerScene()
      for n in 0..<4 { scene = scene.with(Int32(n + 1), at: Float(12 + 22 * n), 25 + 0.5 * Float(t), luma: 0.3) }
      return scene
    }
    let answers = ObjectTracker(configuration).follow(scenes)
    #expect(answers[0].unassigned == 2)
    #expect(answers[9].objects.count == 2)
  }

  @Test func anObjectThatLeavesEndsAndItsIdIsNotUsedAgain() {
    let tracker = ObjectTracker()
    var ids: [Int32] = []
    var ended: [EndedSlot] = []
    for _ in 0..<5 {
      for t in 0..<60 {
        let answer = tracker.step(TrackerScene().with(1, at: -6 + 1.9 * Float(t), 27, luma: 0.3).frame)
        for object in answer.objects where object.id > 0 && !ids.contains(object.id) { ids.append(object.id) }
        ended += answer.ended
      }
      for _ in 0..<30 { ended += tracker.step(TrackerScene().frame).ended }
    }
    #expect(ids == [1, 2, 3, 4, 5])
    #expect(ended.map(\.id) == ids)
    #expect(ended.allSatisfy { $0.reason == .left })
  }

  @Test func sameFramesGiveTheSameAnswers() {
    let first = ObjectTracker().follow(crossing())
    let second = ObjectTracker().follow(crossing())
    for (a, b) in zip(first, second) {
      #expect(a.labels == b.labels && a.objects == b.objects && a.ended == b.ended)
    }
  }
}

@Suite struct TrackerConfigurationTests {
  @Test func defaultsAreValid() throws { try TrackerConfiguration().validate() }

  @Test func aBadValueIsNamed() {
    var configuration = TrackerConfiguration()
    configuration.slots = 0
    #expect { try configuration.validate() } throws: { "\($0)" == "tracker.slots is 0, allowed is 1…1024" }
    configuration = TrackerConfiguration()
    configuration.templateRate = .nan
    #expect { try configuration.validate() } throws: { "\($0)".contains("templateRate") }
  }
}
