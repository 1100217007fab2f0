import Background
import Foundation
import Kernels
import Masks
import NEM
import Pipeline
import Testing
import VideoIO

@Suite struct SegmentationRunTests {
  private func run(
    _ input: PipeInput, _ segmenter: any Segmenter, _ sink: RecordingSink,
    progress: (RunProgress) -> Void = { _ in }
  ) throws -> RunResult {
    try SegmentationRun(
      reader: input.reader, segmenter: segmenter, background: BackgroundConfiguration(), sinks: [sink]
    ).run(progress: progress)
  }

  @Test(arguments: [false, true]) func measuresWhatItDelivers(_ isBaseline: Bool) throws {
    let segmenter =
      isBaseline
      ? Segmenters.components() : Segmenters.objectCentred(TrackerConfiguration(), predictor: nil, seed: 1)
    let sink = RecordingSink()
    var progress: [Int] = []
    let result = try run(PipeInput(SquareClip.y4m(frames: 80)), segmenter, sink) { progress.append($0.frames) }
    #expect(result.outcome == .complete && result.frames == 80 && result.objects >= 1)
    #expect(progress == Array(1...80))
    #expect(sink.frames.map(\.index) == Array(0..<80))
    #expect(sink.closings == [.complete] && sink.decoded == 80)
    var visible = 0
    for frame in sink.frames {
      #expect((frame.labels.width, frame.labels.height) == (SquareClip.width, SquareClip.height))
      for object in frame.objects {
        expectMeasures(object, frame.labels)
        if object.area > 0 { visible += 1 }
      }
      let listed = Set(frame.objects.map { Int32($0.id) })
      #expect(frame.labels.pixels.allSatisfy { $0 == 0 || listed.contains($0) })
    }
    #expect(visible > 30, "the square is found")
  }

  /// Counts the object's pixels one by one.
  private func expectMeasures(_ object: ObjectRecord, _ labels: Image<Int32>) {
    var (area, sumX, sumY) = (0, 0, 0)
    var (left, top, right, bottom) = (Int.max, Int.max, -1, -1)
    for y in 0..<labels.height {
      for x in 0..<labels.width where labels[x, y] == Int32(object.id) {
        area += 1
        (sumX, sumY) = (sumX + x, sumY + y)
        (left, right, top, bottom) = (min(left, x), max(right, x), min(top, y), max(bottom, y))
      }
    }
    #expect(object.area == area)
    guard area > 0 else { return }
    #expect(object.bounds == PixelRect(x: left, y: top, width: right - left + 1, height: bottom - top + 1))
    #expect(abs(object.centroidX - Double(sumX) / Double(area)) < 1e-9)
    #expect(abs(object.centroidY - Double(sumY) / Double(area)) < 1e-9)
  }

  @Test func aFailingSinkEndsTheRun() throws {
    let sink = RecordingSink(failsAt: 5)
    let input = try PipeInput(SquareClip.y4m(frames: 80))
    #expect(throws: RecordingSink.Failure.self) { _ = try run(input, Segmenters.components(), sink) }
    #expect(sink.frames.count == 5)
    #expect(sink.closings == [.failed])
  }

  @Test(.timeLimit(.minutes(1))) func aFailingSinkDoesNotWaitForASilentPipe() throws {
    let sink = RecordingSink(failsAt: 5)
    let input = try PipeInput(SquareClip.y4m(frames: 80), staysOpen: true)
    #expect(throws: RecordingSink.Failure.self) { _ = try run(input, Segmenters.components(), sink) }
    #expect(sink.closings == [.failed])
  }

  @Test(.timeLimit(.minutes(1))) func anInterruptionEndsTheRun() throws {
    let flag = InterruptFlag()
    let sink = RecordingSink()
    let input = try PipeInput(SquareClip.y4m(frames: 100), staysOpen: true, interrupt: flag)
    let result = try run(input, Segmenters.components(), sink) { if $0.frames == 10 { flag.set() } }
    #expect(result.outcome == .interrupted)
    #expect(result.frames >= 10 && sink.frames.count == result.frames)
    #expect(sink.closings == [.interrupted])
  }

  @Test func theGridKeepsThePicturesProportions() throws {
    let spy = SpySegmenter(.columns(24))
    let result = try run(PipeInput(SquareClip.y4m(frames: 35)), spy, RecordingSink())
    #expect(result.unassigned == 35 && result.objects == 0)
    #expect(spy.frames.allSatisfy { ($0.width, $0.height) == (24, 16) })
    #expect(spy.frames.allSatisfy { $0.cb.isEmpty && $0.cr.isEmpty })
    // A cell is the mean of its 4 × 4 pixels; cells where nothing moves are left at 0.
    #expect(spy.frames.contains { $0.foreground.contains { $0 > 0 } })
    for (frame, luma) in zip(spy.frames, (0..<35).map(SquareClip.luma)) {
      for y in 0..<16 {
        for x in 0..<24 {
          let isMoving = frame.foreground[y * 24 + x] > 0
          var sum = 0
          for v in 0..<4 { for u in 0..<4 { sum += Int(luma[4 * x + u, 4 * y + v]) } }
          let expected = isMoving ? Float(sum) / (16 * 255) : 0
          #expect(abs(frame.luma[y * 24 + x] - expected) < 0.005)
        }
      }
    }
  }

  @Test func anExactGridIsExact() throws {
    let spy = SpySegmenter(.exact(width: 28, height: 28))
    _ = try run(PipeInput(SquareClip.y4m(frames: 3)), spy, RecordingSink())
    #expect(spy.frames.count == 3)
    #expect(spy.frames.allSatisfy { ($0.width, $0.height) == (28, 28) && $0.luma.count == 784 })
  }
}
