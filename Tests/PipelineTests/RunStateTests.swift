import Background
import Foundation
import Kernels
import Masks
import NEM
import Pipeline
import Testing
import VideoIO

/// Saved states: what is read back goes on as what was saved, and no bytes bring the program down.
@Suite struct RunStateTests {
  private static let identity = RunIdentity(
    program: "1", input: "clip", width: SquareClip.width, height: SquareClip.height, settings: ["slots": .whole(4)],
    model: nil)

  /// A sink that asks for a state at each of its frames.
  private final class AskingSink: FrameSink {
    let request: CheckpointRequest
    init(_ request: CheckpointRequest) { self.request = request }
    func write(_ segmented: SegmentedFrame, of frame: VideoFrame) { request.make() }
    func close(_ status: Manifest.Status, _ result: RunResult) {}
  }

  private static func segmenter() -> any Segmenter {
    var configuration = TrackerConfiguration()
    configuration.slots = 4
    return Segmenters.objectCentred(configuration, predictor: nil, seed: 1)
  }

  private static func bytes(after frames: Int, _ segmenter: any Segmenter) throws -> [UInt8] {
    let path = NSTemporaryDirectory() + "nem-state-\(UUID().uuidString)"
    defer { unlink(path) }
    let request = CheckpointRequest()
    let flag = InterruptFlag()
    let checkpoints = Checkpoints(path: path, identity: identity, interval: 0, request: request) { _ in
      Issue.record("the state is not written")
    }
    let input = try PipeInput(SquareClip.y4m(frames: frames), staysOpen: true, interrupt: flag)
    let run = SegmentationRun(
      reader: input.reader, segmenter: segmenter, background: BackgroundConfiguration(), sinks: [AskingSink(request)],
      checkpoints: checkpoints)
    _ = try run.run { if $0.frames >= frames - 20 { flag.set() } }
    return try #require(FileManager.default.contents(atPath: path).map(Array.init))
  }

  private static func resume(_ state: RunState, _ segmenter: any Segmenter, sinks: [any FrameSink]) throws {
    let input = try PipeInput(SquareClip.y4m(frames: state.frames + 4))
    let resumed = try ResumedRun(continuing: state, input.reader, segmenter, BackgroundConfiguration())
    _ = try SegmentationRun(
      reader: input.reader, segmenter: segmenter, background: BackgroundConfiguration(), sinks: sinks, resumed: resumed
    ).run { _ in }
  }

  @Test func refusesOtherRuns() throws {
    let bytes = try Self.bytes(after: 80, Self.segmenter())
    #expect(try RunState(bytes, of: Self.identity).frames > 50)
    var other = Self.identity
    other.settings["slots"] = .whole(5)
    #expect(throws: StateFault("it was made with another setting of slots")) { try RunState(bytes, of: other) }
    other = Self.identity
    other.model = "abc"
    #expect(throws: StateFault("it is of another model")) { try RunState(bytes, of: other) }
    other = Self.identity
    other.program = "2"
    #expect(throws: StateFault.self) { try RunState(bytes, of: other) }
    var later = bytes
    later["nem-stream state\n".utf8.count] = 10
    #expect(throws: StateFault("it has version 10, this program reads 9")) { try RunState(later, of: Self.identity) }
  }

  /// Every bit of the beginning, and many others; every length of the beginning, and many others.
  @Test func refusesDamage() throws {
    let bytes = try Self.bytes(after: 80, Self.segmenter())
    var random = RandomSource(seed: 3)
    func isRefused(_ bytes: [UInt8]) -> Bool {
      do throws(StateFault) { _ = try RunState(bytes, of: Self.identity) } catch { return true }
      return false
    }
    for bit in Array(0..<128 * 8) + (0..<600).map({ _ in random.integer(below: 8 * bytes.count) }) {
      var damaged = bytes
      damaged[bit / 8] ^= 1 << (bit % 8)
      #expect(isRefused(damaged), "bit \(bit)")
    }
    for length in Array(0..<100) + (0..<100).map({ _ in random.integer(below: bytes.count) }) {
      #expect(isRefused(Array(bytes.prefix(length))), "\(length) bytes")
    }
    #expect(isRefused(bytes + [0]))
  }

  /// Mutations that the checksum cannot see: a stage refuses them, or runs on with what they say.
  @Test func survivesAnyBytes() throws {
    let bytes = try Self.bytes(after: 80, Self.segmenter())
    let state = try RunState(bytes, of: Self.identity)
    var random = RandomSource(seed: 7)
    var (refused, used) = (0, 0)
    for _ in 0..<300 {
      var mutated = state
      let part = [RunState.Part.background, .segmentation, .progress][random.integer(below: 3)]
      var bytes = mutated[part]
      // Most of a part is planes of numbers of which any will do: its ends are hit more often.
      let reach = [64, 4000, bytes.count][random.integer(below: 3)]
      for _ in 0...random.integer(below: 4) {
        let place = random.integer(below: min(reach, bytes.count))
        let index = random.integer(below: 2) == 0 ? place : bytes.count - 1 - place
        bytes[index] = [0, 1, 0x7F, 0x80, 0xFF, UInt8(random.integer(below: 256))][random.integer(below: 6)]
      }
      if random.integer(below: 10) == 0 { bytes.removeLast(random.integer(below: bytes.count)) }
      mutated[part] = bytes
      do {
        try Self.resume(mutated, Self.segmenter(), sinks: [])
        used += 1
      } catch is StateFault { refused += 1 }
    }
    #expect(refused > 50 && used > 50, "\(refused) refused, \(used) used")
  }

  @Test func saysHowOldItIs() throws {
    let state = try RunState(try Self.bytes(after: 80, Self.segmenter()), of: Self.identity)
    #expect(abs(Date().timeIntervalSince1970 - state.time) < 60)
  }

  @Test(arguments: [ComponentTracker() as any MaskTracker, SORTTracker()])
  func baselinesGoOn(_ tracker: any MaskTracker) throws {
    let state = try RunState(try Self.bytes(after: 90, Segmenters.components(tracker)), of: Self.identity)
    let (whole, rest) = (RecordingSink(), RecordingSink())
    try Self.resume(state, Segmenters.components(tracker), sinks: [rest])
    let input = try PipeInput(SquareClip.y4m(frames: state.frames + 4))
    _ = try SegmentationRun(
      reader: input.reader, segmenter: Segmenters.components(tracker), background: BackgroundConfiguration(),
      sinks: [whole]
    ).run { _ in }
    #expect(rest.frames.map(\.index) == whole.frames.suffix(4).map(\.index))
    #expect(rest.frames.map(\.labels) == whole.frames.suffix(4).map(\.labels))
    #expect(rest.frames.map(\.objects) == whole.frames.suffix(4).map(\.objects))
    #expect(whole.frames.last!.objects.count == 1)
  }
}
