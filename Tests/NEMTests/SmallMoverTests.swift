import Kernels
import NEM
import Testing

/// What is too small for an object at its first sight.
@Suite struct SmallMoverTests {
  /// Frames with one figure of some 21 cells wherever `place` puts it, and more than that if `and` draws it.
  private func answers(
    _ frames: Int = 60, smallestMover: Int = 8, and draw: (Int, inout TrackerScene) -> Void = { _, _ in },
    at place: (Float) -> (x: Float, y: Float)
  ) -> [GridSegmentation] {
    var configuration = TrackerConfiguration()
    configuration.smallestMover = smallestMover
    return ObjectTracker(configuration).follow(
      (0..<frames).map { t in
        var scene = TrackerScene()
        draw(t, &scene)
        let (x, y) = place(Float(t))
        scene.ellipse(id: 1, x: x, y: y, radiusX: 2, radiusY: 3.5, luma: 0.2)
        return scene
      })
  }

  private func ids(_ answers: [GridSegmentation]) -> Set<Int32> {
    Set(answers.flatMap { $0.objects.map(\.id) }.filter { $0 > 0 })
  }

  @Test(arguments: [Float(0.3), 1, 2.5, 5]) func whatGoesItsWayIsAnObject(speed: Float) throws {
    let frames = min(60, Int(80 / speed))
    let found = answers(frames) { (10 + speed * $0, 40 - 0.2 * speed * $0) }
    #expect(ids(found) == [1])
    let first = try #require(found.firstIndex { $0.objects.contains { $0.id == 1 } })
    #expect(first < 12 + Int(4 / speed), "frame \(first)")
    #expect(found[first...].dropLast(2).allSatisfy { $0.labels.pixels.count { $0 == 1 } > 10 })
    #expect(answers(smallestMover: 40) { (10 + speed * $0, 27) }.allSatisfy { $0.objects.isEmpty })
  }

  @Test func whatAPostHidesKeepsItsId() {
    let found = answers(80) { 30..<36 ~= $0 ? (40, -20) : (10 + $0, 27) }
    #expect(ids(found) == [1])
    #expect(found[33].objects.contains { $0.id == 1 && $0.hidden } && found[45].labels[55, 27] == 1)
  }

  @Test func whatStaysOrGoesToAndFroIsNone() {
    #expect(ids(answers { _ in (40, 27) }).isEmpty)
    func swing(_ t: Float) -> Float { abs((t / 4).truncatingRemainder(dividingBy: 2) - 1) }
    #expect(ids(answers(200) { (40 + 6 * swing($0), 27) }).isEmpty)
    // It wavers first, then goes.
    let wavering = answers(120) { (30 + ($0 < 60 ? 3 * swing($0) : $0 - 57), 27) }
    let first = wavering.firstIndex { $0.objects.contains { $0.id == 1 } } ?? 0
    #expect(first > 60 && first < 90, "frame \(first)")
  }

  /// Its reflection on the floor, say.
  @Test func whatGoesAlongWithALargerOneIsNone() {
    let found = answers(
      and: { t, scene in scene.ellipse(id: 2, x: 10 + Float(t), y: 20, radiusX: 5, radiusY: 9, luma: 0.9) },
      at: { (10 + $0, 46) })
    #expect(ids(found) == [1])
    #expect(found[50].labels[60, 20] == 1 && found[50].labels[60, 46] == 0)
  }

  @Test func thePiecesOfOneAreNone() {
    let found = answers(
      and: { t, scene in scene.ellipse(id: 2, x: 10 + Float(t), y: 17, radiusX: 2, radiusY: 3.5, luma: 0.2) },
      at: { (10 + $0, 27) })
    #expect(ids(found).isEmpty)
  }

  /// Flakes all over the picture that fall steadily and melt.
  @Test func snowIsNone() {
    let found = answers(
      200,
      and: { t, scene in
        for flake in 0..<12 {
          let (age, life) = ((t + flake) % 12, (t + flake) / 12)
          let (x, y) = (8 * flake + life % 5, (17 * flake + 29 * life) % 40 + age)
          scene.ellipse(id: 2, x: Float(x), y: Float(y), radiusX: 1.8, radiusY: 1.8, luma: 0.9)
        }
      }, at: { _ in (48, -20) })
    #expect(found.map(\.largestSmall).max()! >= 8)
    #expect(ids(found).isEmpty, "\(ids(found))")
  }

  @Test func itsWayOutlivesARestart() throws {
    let scenes = (0..<30).map { t in
      var scene = TrackerScene()
      scene.ellipse(id: 1, x: 10 + Float(t), y: 27, radiusX: 2, radiusY: 3.5, luma: 0.2)
      return scene
    }
    let (whole, first, second) = (ObjectTracker(), ObjectTracker(), ObjectTracker())
    let expected = whole.follow(scenes)
    _ = first.follow(Array(scenes[..<6]))
    var written = StateArchive()
    try first.carry(&written)
    var read = StateArchive(reading: written.bytes)
    try second.carry(&read)
    let answers = second.follow(Array(scenes[6...]))
    #expect(ids(answers) == [1] && answers.map(\.labels) == expected[6...].map(\.labels))
  }
}
