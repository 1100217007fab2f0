import NEM
import Testing

/// Objects that go far from one frame to the next: vehicles, or anything before a camera of few frames per second.
@Suite struct TrackerSpeedTests {
  private func follow(_ scenes: [TrackerScene]) -> [GridSegmentation] {
    ObjectTracker(width: 192, height: 54).follow(scenes)
  }

  /// A figure 24 cells long comes in over the edge and goes 8 to 28 cells in each frame; at last its places do not touch.
  @Test(arguments: [Float(8), 14, 20, 28]) func whatGoesFarInEachFrameIsOneObject(step: Float) {
    let centres = (0..<Int(216 / step)).map { -6 + step * Float($0) }
    let scenes = centres.map { x in
      var scene = TrackerScene(width: 192)
      scene.ellipse(id: 1, x: x, y: 27, radiusX: 12, radiusY: 8, luma: 0.9)
      return scene
    }
    let answers = follow(scenes)
    #expect(answers.flatMap(\.confirmed).map(\.id) == [1])
    for (t, (scene, answer)) in zip(scenes, answers).enumerated() where 8..<184 ~= centres[t] {
      let id = answer.id(over: 1, in: scene.truth)
      #expect(id == 1 || (t < 6 && id == -1), "frame \(t) at \(centres[t]): \(id)")
    }
  }

  /// Two of them in two lanes, one after the other, are two.
  @Test func fastObjectsKeepTheirIds() {
    let scenes = (0..<12).map { t in
      var scene = TrackerScene(width: 192)
      scene.ellipse(id: 1, x: -10 + 18 * Float(t), y: 15, radiusX: 11, radiusY: 8, luma: 0.9)
      scene.ellipse(id: 2, x: 202 - 18 * Float(t), y: 39, radiusX: 11, radiusY: 8, luma: 0.1)
      return scene
    }
    let answers = follow(scenes)
    #expect(Set(answers.flatMap(\.confirmed).map(\.id)) == [1, 2])
    let ids = (5...9).map { t in (1...2).map { answers[t].id(over: $0, in: scenes[t].truth) } }
    #expect(Set(ids).count == 1 && ids[0].sorted() == [1, 2], "\(ids)")
  }
}
