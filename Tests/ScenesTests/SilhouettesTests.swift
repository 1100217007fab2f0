import Kernels
import Scenes
import Testing

@Suite struct SilhouettesTests {
  private func frames(_ count: Int, seed: UInt64, _ configuration: SilhouetteConfiguration) -> [SilhouetteFrame] {
    var scene = SilhouetteScene(configuration: configuration, seed: seed)
    return (0..<count).map { _ in scene.next() }
  }

  @Test func sameSeedGivesTheSameFrames() {
    let configuration = SilhouetteConfiguration()
    #expect(frames(200, seed: 5, configuration) == frames(200, seed: 5, configuration))
    #expect(frames(200, seed: 5, configuration) != frames(200, seed: 6, configuration))
  }

  @Test func planesStayBetweenZeroAndOne() {
    for frame in frames(300, seed: 1, SilhouetteConfiguration()) {
      for plane in [frame.foreground, frame.luma, frame.cb, frame.cr] {
        #expect(plane.count == frame.width * frame.height)
        #expect(plane.allSatisfy { (0...1).contains($0) })
      }
    }
  }

  @Test func foregroundIsTheTruthWithoutFaults() {
    for frame in frames(300, seed: 2, SilhouetteConfiguration().clean) {
      let wrong = frame.foreground.indices.filter { (frame.foreground[$0] >= 0.5) != (frame.truth.pixels[$0] > 0) }
      #expect(wrong.isEmpty)
    }
  }

  @Test func objectsEnterCrossAndLeave() {
    var configuration = SilhouetteConfiguration()
    configuration.arrivalRate = 0.1
    var firstSeen: [Int32: Int] = [:]
    var lastSeen: [Int32: Int] = [:]
    var together = 0
    for (t, frame) in frames(2000, seed: 3, configuration).enumerated() {
      let ids = Set(frame.truth.pixels).subtracting([0])
      together = max(together, ids.count)
      #expect(ids.count <= configuration.maximumObjects)
      for id in ids {
        if firstSeen[id] == nil { firstSeen[id] = t }
        lastSeen[id] = t
      }
    }
    #expect(together >= 3)
    #expect(firstSeen.count > 20)
    #expect(lastSeen.values.filter { $0 < 1500 }.count > 10)
  }

  @Test func anObjectInFrontHidesTheOneBehind() {
    var configuration = SilhouetteConfiguration().clean
    configuration.arrivalRate = 0.2
    var largest: [Int32: Int] = [:]
    var shrunk: Set<Int32> = []
    for frame in frames(1000, seed: 4, configuration) {
      var areas: [Int32: Int] = [:]
      for id in frame.truth.pixels where id > 0 { areas[id, default: 0] += 1 }
      let atEdge = idsAtEdge(frame)
      for (id, area) in areas where !atEdge.contains(id) {
        largest[id] = max(largest[id] ?? 0, area)
        if area * 2 < largest[id] ?? 0 { shrunk.insert(id) }
      }
    }
    #expect(shrunk.count >= 3)
  }

  private func idsAtEdge(_ frame: SilhouetteFrame) -> Set<Int32> {
    var ids: Set<Int32> = []
    for i in frame.truth.pixels.indices {
      let (x, y) = (i % frame.width, i / frame.width)
      let edge = x == 0 || y == 0 || x == frame.width - 1 || y == frame.height - 1
      if edge { ids.insert(frame.truth.pixels[i]) }
    }
    return ids
  }

  @Test func faultsChangeTheForegroundButNotTheTruth() {
    var configuration = SilhouetteConfiguration()
    configuration.maximumObjects = 0
    configuration.speckleRate = 0.01
    let speckled = frames(50, seed: 7, configuration)
    #expect(speckled.contains { $0.foreground.contains { $0 > 0 } })
    #expect(speckled.allSatisfy { $0.truth.pixels.allSatisfy { $0 == 0 } })
  }

  @Test func grayScenesHaveNoChroma() {
    var configuration = SilhouetteConfiguration()
    configuration.colour = false
    #expect(frames(5, seed: 1, configuration).allSatisfy { $0.cb.isEmpty && $0.cr.isEmpty })
  }
}
