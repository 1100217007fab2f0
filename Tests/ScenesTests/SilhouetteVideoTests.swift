import Kernels
import Scenes
import Testing

@Suite struct SilhouetteVideoTests {
  private func video(_ seed: UInt64, objects: Int = 6, frames: Int = 200, warmUp: Int = 20) -> SilhouetteVideo {
    var configuration = SilhouetteVideoConfiguration()
    (configuration.frames, configuration.warmUp) = (frames, warmUp)
    configuration.scene.maximumObjects = objects
    return SilhouetteVideo(configuration: configuration, seed: seed)
  }

  private func areas(_ truth: Image<UInt16>) -> [UInt16: Int] {
    var counts = [Int](repeating: 0, count: 255)
    for id in truth.pixels { counts[Int(id)] += 1 }
    return Dictionary(
      uniqueKeysWithValues: counts.indices.dropFirst().filter { counts[$0] > 0 }.map { (UInt16($0), counts[$0]) })
  }

  @Test func equalSeedsGiveEqualPictures() {
    let (first, second, other) = (video(3), video(3), video(4))
    #expect(first.facts == second.facts)
    for index in [0, 60, 120, 199] {
      #expect(first.frame(index) == second.frame(index))
      #expect(first.frame(index).picture != other.frame(index).picture)
    }
  }

  @Test func theWarmUpIsEmptyAndObjectsCome() {
    let video = video(1, objects: 3)
    let counts = (0..<200).map { areas(video.frame($0).truth).count }
    #expect(counts[..<20].allSatisfy { $0 == 0 } && counts.max() == 3)
    #expect(self.video(1, warmUp: 0).frame(60).truth.pixels.contains { $0 != 0 })
    #expect(self.video(1, warmUp: 200).facts.objects == 0)
  }

  /// Whoever is hidden shows no pixel, was seen just before and is seen just after, and never for more than 20 frames.
  @Test func hiddenIntervalsAreHidden() {
    var (byObjects, byScreen) = (0, 0)
    for seed in 1...4 {
      let video = video(UInt64(seed), objects: 8, frames: 300)
      let seen = (0..<300).map { areas(video.frame($0).truth) }
      for occlusion in video.facts.occlusions {
        let id = UInt16(occlusion.id)
        #expect((1...20).contains(occlusion.lastFrame - occlusion.firstFrame + 1))
        #expect((occlusion.firstFrame...occlusion.lastFrame).allSatisfy { seen[$0][id] == nil })
        #expect(seen[occlusion.firstFrame - 1][id] != nil && seen[occlusion.lastFrame + 1][id] != nil)
        #expect(!occlusion.behind.isEmpty && !occlusion.behind.contains(occlusion.id))
        if occlusion.behind == [0] { byScreen += 1 } else { byObjects += 1 }
      }
      #expect(video.facts.crossings > 3)
    }
    #expect(byObjects > 2 && byScreen > 2)
  }

  /// A number that vanishes in mid-picture comes back or is hidden; the distance it moves meanwhile is that of its speed.
  @Test func idsPersist() {
    let video = video(2, objects: 8, frames: 300)
    var last: [UInt16: (frame: Int, x: Float)] = [:]
    for index in 0..<300 {
      let truth = video.frame(index).truth
      for (id, area) in areas(truth).sorted(by: { $0.key < $1.key }) {
        let columns = truth.pixels.indices.filter { truth.pixels[$0] == id }.map { $0 % 320 }
        let x = Float(columns.reduce(0, +)) / Float(area)
        if let before = last[id] {
          let gap = index - before.frame
          #expect(gap <= 21, "object \(id) is away from \(before.frame) to \(index)")
          #expect(abs(x - before.x) < Float(4 * gap + 60))
        } else {
          #expect(Int(id) > last.count, "numbers rise with the arrivals")
        }
        last[id] = (index, x)
      }
    }
    #expect(last.count == video.facts.objects && last.count > 8)
  }

  @Test func objectsStandOutFromTheBackground() {
    let video = video(5)
    for index in [0, 100, 150, 199] {
      let (picture, truth) = video.frame(index)
      for (value, id) in zip(picture.pixels, truth.pixels) where id == 0 {
        #expect(index > 0 || (85...155).contains(value))
      }
      let inside = truth.pixels.indices.filter { truth.pixels[$0] != 0 }
      let distinct = inside.filter { !(80...160).contains(picture.pixels[$0]) }
      #expect(inside.isEmpty || distinct.count * 10 > inside.count * 8)
    }
  }
}

@Suite struct SceneFactsTests {
  private func layers(_ masks: [(UInt16, Range<Int>)]) -> FrameFacts {
    var layers = ObjectLayers(width: 10, height: 1)
    for (id, pixels) in masks { layers.add(id, pixels: pixels) }
    return layers.facts
  }

  @Test func aHandWorkedScene() {
    let facts = SceneFacts([
      layers([(1, 0..<2), (2, 4..<8)]), layers([(1, 3..<5), (2, 4..<8)]), layers([(1, 5..<7), (2, 4..<8)]),
      layers([(1, 6..<8), (2, 4..<8)]), layers([(1, 7..<9), (2, 4..<8)]), layers([(1, 9..<10), (0, 8..<10)]),
    ])
    #expect(facts.objects == 2 && facts.crossings == 1)
    #expect(facts.occlusions == [.init(id: 1, firstFrame: 2, lastFrame: 3, behind: [2])])
  }

  @Test func whatIsUnknownHidesButIsNoObject() {
    let unknown = ObjectLayers.unknown
    let facts = SceneFacts([
      layers([(1, 0..<2)]), layers([(1, 0..<2), (unknown, 0..<3)]), layers([(1, 0..<2), (0, 0..<5)]),
      layers([(1, 3..<4)]),
    ])
    #expect(facts.objects == 1 && facts.crossings == 0)
    #expect(facts.occlusions == [.init(id: 1, firstFrame: 1, lastFrame: 2, behind: [0, Int(unknown)])])
  }
}
