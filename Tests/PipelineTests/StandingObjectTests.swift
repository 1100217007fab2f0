import Background
import Foundation
import Kernels
import Masks
import NEM
import Pipeline
import Testing
import VideoIO

@Suite struct StandingObjectTests {
  /// Keeps the labels, and takes its time now and then.
  private final class LabelSink: FrameSink {
    var frames: [Image<Int32>] = []
    let pause: Int?

    init(pause: Int?) { self.pause = pause }

    func write(_ segmented: SegmentedFrame, of frame: VideoFrame) {
      frames.append(segmented.labels)
      if let pause, segmented.index % pause == 0 { Thread.sleep(forTimeInterval: 0.05) }
    }

    func close(_ status: Manifest.Status, _ result: RunResult) {}
  }

  private func labels(_ scene: StandingScene, pause: Int? = nil) throws -> [Image<Int32>] {
    let sink = LabelSink(pause: pause)
    let input = try PipeInput(scene.y4m)
    _ = try SegmentationRun(
      reader: input.reader,
      segmenter: Segmenters.objectCentred(TrackerConfiguration(), predictor: nil, seed: 1),
      background: BackgroundConfiguration(), sinks: [sink]
    ).run { _ in }
    return sink.frames
  }

  /// The object that covers most of the car, and the intersection over union of the two.
  private func match(_ labels: Image<Int32>, _ truth: [Bool]) -> (id: Int32, overlap: Double) {
    var common: [Int32: Int] = [:]
    for (label, isCar) in zip(labels.pixels, truth) where isCar && label > 0 { common[label, default: 0] += 1 }
    guard let (id, count) = common.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }) else { return (0, 0) }
    let union = zip(labels.pixels, truth).count { $0 == id || $1 }
    return (id, Double(count) / Double(union))
  }

  private func expectOneObject(_ scene: StandingScene) throws {
    let found = try labels(scene)
    // While the car enters and leaves there is little of it to be found.
    let frames = scene.standing.lowerBound - 50..<scene.standing.upperBound + 50
    let matches = frames.map { match(found[$0], scene.truth($0)) }
    #expect(Set(matches.map(\.id)).count == 1 && matches[0].id > 0)
    #expect(matches.map(\.overlap).min()! > 0.8)
    #expect(found[(scene.standing.upperBound + 100)...].allSatisfy { $0.pixels.count { $0 > 0 } < 100 }, "a ghost")
  }

  @Test func whatStopsKeepsItsMaskAndId() throws { try expectOneObject(.stopping(for: 650)) }

  @Test(arguments: [Float(1.25), 0.8]) func alsoWhenTheLightChanges(_ factor: Float) throws {
    var scene = StandingScene.stopping(for: 650)
    let start = scene.standing.lowerBound + 200
    scene.light = { 1 + (factor - 1) * min(max(Float($0 - start) / 200, 0), 1) }
    try expectOneObject(scene)
  }

  /// The place of a car that was background is taken for an object, which must end two seconds after the car has left it.
  @Test func aHoleInTheBackgroundCloses() throws {
    let scene = StandingScene.leaving(after: 90, rest: 40)
    let found = try labels(scene)
    let place = scene.truth(0)
    let inPlace = found.map { zip($0.pixels, place).count { $0 > 0 && $1 } }
    #expect(inPlace[100..<140].max()! > 500, "there is a hole to be closed")
    #expect(inPlace[175...].allSatisfy { $0 == 0 })
  }

  @Test func theSpeedOfTheStagesDoesNotMatter() throws {
    let scene = StandingScene.stopping(for: 60)
    let (fast, slow) = (try labels(scene), try labels(scene, pause: 9))
    #expect(fast == slow)
  }
}
