import Foundation
import Kernels
import NEM
import Neural
import Scenes
import Testing

@Suite struct TrackerEnduranceTests {
  private func residentPages() throws -> Int {
    let fields = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
    return try #require(fields.count > 1 ? Int(fields[1]) : nil)
  }

  /// Memory is the whole process's, so `make test` runs this suite in a process of its own.
  @Test(
    .enabled(
      if: ProcessInfo.processInfo.environment["NEM_STREAM_ALONE"] != nil,
      "measures the process's memory: run it alone with NEM_STREAM_ALONE=1, as make test does"))
  func staysSaneForAHundredThousandFrames() throws {
    var configuration = SilhouetteConfiguration()
    (configuration.width, configuration.height) = (48, 27)
    (configuration.minimumRadius, configuration.maximumRadius) = (4, 7)
    (configuration.maximumObjects, configuration.arrivalRate) = (3, 0.05)
    var scene = SilhouetteScene(configuration: configuration, seed: 1)
    var constants = TrackerConfiguration()
    constants.minimumArea = 12
    setTensorThreads(1)
    let shipped = URL(fileURLWithPath: #filePath).appendingPathComponent("../../../Models/default.safetensors")
    let tracker = ObjectTracker(
      configuration: constants, width: 48, height: 27,
      predictor: try ShapeNetwork(Model(path: shipped.standardized.path)), seed: 1)
    var pages: [Int] = []
    var largestId: Int32 = 0
    for part in 0..<10 {
      var found: Set<Int32> = []
      var (covered, visible) = (0, 0)
      for _ in 0..<10_000 {
        let frame = scene.next()
        let answer = tracker.step(GridFrame(frame))
        for object in answer.objects where object.id > largestId { found.insert(object.id) }
        if !answer.objects.allSatisfy({ (0...1).contains($0.confidence) }) { Issue.record("confidence") }
        for i in frame.truth.pixels.indices where frame.truth.pixels[i] > 0 {
          visible += 1
          if answer.labels.pixels[i] > 0 { covered += 1 }
        }
      }
      largestId = max(largestId, found.max() ?? 0)
      #expect(found.count > 50, "no new objects in part \(part)")
      #expect(Float(covered) > 0.6 * Float(visible), "objects are missed in part \(part)")
      pages.append(try residentPages())
    }
    // 2 MiB between the second tenth of the run and its end.
    #expect(pages[9] - pages[1] < 512)
  }
}
