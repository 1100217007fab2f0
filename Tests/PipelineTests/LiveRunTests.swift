import Background
import Foundation
import Masks
import NEM
import Pipeline
import Testing
import VideoIO

/// Sources at their own pace, and pictures that change.
@Suite struct LiveRunTests {
  private func run(_ reader: VideoReader, _ sink: RecordingSink, _ segmenter: any Segmenter) throws -> RunResult {
    try SegmentationRun(
      reader: reader, segmenter: segmenter, background: BackgroundConfiguration(), sinks: [sink]
    ).run { _ in }
  }

  @Test func whoFallsBehindDropsTheOldestOfALiveSourceOnly() throws {
    for isLive in [true, false] {
      let sink = RecordingSink(delay: 0.005)
      let input = try PipeInput(SquareClip.y4m(frames: 300), isLive: isLive)
      let result = try run(input.reader, sink, Segmenters.components())
      #expect(result.decoded == 300 && result.frames == sink.frames.count)
      #expect(result.dropped + result.frames == 300)
      #expect((result.dropped > 50) == isLive)
      // The frames that are left keep their numbers and times.
      let indices = sink.frames.map(\.index)
      #expect(zip(indices, indices.dropFirst()).allSatisfy { $0 < $1 } && indices.last == 299)
      #expect(sink.frames.allSatisfy { abs($0.pts - 0.04 * Double($0.index)) < 1e-4 })
    }
  }

  /// A slow pipe: the first answer must not wait for 60 frames, which is two minutes here.
  @Test(.timeLimit(.minutes(1))) func aSlowLiveSourceIsAnsweredSoon() throws {
    let flag = InterruptFlag()
    let slow = SquareClip.y4m(frames: 8, rate: "1:2")
    let input = try PipeInput(slow, staysOpen: true, isLive: true, interrupt: flag)
    let sink = RecordingSink()
    let result = try SegmentationRun(
      reader: input.reader, segmenter: Segmenters.components(), background: BackgroundConfiguration(), sinks: [sink]
    ).run { if $0.frames == 8 { flag.set() } }
    #expect(result.frames == 8)
  }

  /// The same clip twice, the second time in other proportions: each object ends with the first picture, and has another
  /// number in the second.
  @Test(arguments: [true, false]) func anotherPictureBeginsAnew(_ isBaseline: Bool) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("nem-stream-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("both.ts").path
    try SquareClip.y4m(frames: 80).write(to: folder.appendingPathComponent("clip.y4m"))
    let line = """
      cd \(folder.path)
      for s in 96x64 192x64; do
        ffmpeg -nostdin -v error -y -i clip.y4m -vf scale=${s%x*}:${s#*x},format=yuv420p -c:v mpeg2video -q:v 2 -f mpegts -
      done > both.ts
      """
    let shell = try Process.run(URL(fileURLWithPath: "/bin/sh"), arguments: ["-c", line])
    shell.waitUntilExit()
    let reader = try VideoReader(path)
    let sink = RecordingSink()
    let segmenter =
      isBaseline
      ? Segmenters.components() : Segmenters.objectCentred(TrackerConfiguration(), predictor: nil, seed: 1)
    let result = try run(reader, sink, segmenter)
    #expect(result.source.pictureChanges == 1 && result.source.clockJumps == 1)
    let change = sink.frames.count / 2
    func ids(_ frames: ArraySlice<SegmentedFrame>) -> Set<Int> { Set(frames.flatMap(\.objects).map(\.id)) }
    let (first, second) = (ids(sink.frames[..<change]), ids(sink.frames[change...]))
    #expect(!first.isEmpty && !second.isEmpty && first.isDisjoint(with: second))
    #expect(sink.frames[change].ended.contains { $0.reason == .restart && first.contains($0.id) })
    #expect(sink.frames.allSatisfy { $0.labels.width == 96 && $0.labels.height == 64 })
    #expect(zip(sink.frames, sink.frames.dropFirst()).allSatisfy { abs($1.pts - $0.pts - 0.04) < 1e-3 })
  }
}
