import Background
import Foundation
import Kernels
import Masks
import NEM
import VideoIO

/// How far a run is, for a progress line.
public struct RunProgress: Sendable {
  /// Frames segmented so far.
  public var frames: Int
  /// Frames in all, if the input says.
  public var expected: Int?
  /// Objects in the last frame.
  public var objects: Int

  /// Progress from its parts.
  public init(frames: Int, expected: Int?, objects: Int) {
    (self.frames, self.expected, self.objects) = (frames, expected, objects)
  }
}

/// How a run ended.
public struct RunResult: Sendable {
  /// Whether everything was decoded and written.
  public var outcome: ReadOutcome
  /// Frames written.
  public var frames: Int
  /// Objects found.
  public var objects: Int
  /// New objects that found no free slot, summed over frames.
  public var unassigned: Int
}

/// The way of a frame: decode → background → segment → write, each stage on a thread of its own, joined by short queues.
///
/// The stages see the frames in order and share nothing else, so the result does not depend on their speed.
public final class SegmentationRun {
  private static let queueLength = 3
  private let reader: VideoReader
  private let segmenter: any Segmenter
  private let background: BackgroundConfiguration
  private let sinks: [any FrameSink]
  private let observer: (any RunObserver)?
  private let failure = FirstFailure()

  /// A run from an open reader through a segmenter into sinks; `observer` is told how its stages do.
  public init(
    reader: VideoReader, segmenter: any Segmenter, background: BackgroundConfiguration, sinks: [any FrameSink],
    observer: (any RunObserver)? = nil
  ) {
    self.reader = reader
    self.segmenter = segmenter
    self.background = background
    self.sinks = sinks
    self.observer = observer
  }

  /// Runs to the end of the input, or until the reader is interrupted; sinks are closed in any case.
  ///
  /// Throws the first error of a stage; what was complete before it stays readable.
  public func run(progress: (RunProgress) -> Void) throws -> RunResult {
    let decoded = BoundedQueue<VideoFrame>(capacity: Self.queueLength)
    let evident = BoundedQueue<EvidentFrame>(capacity: Self.queueLength)
    let segmented = BoundedQueue<SegmentedPicture>(capacity: Self.queueLength)
    observer?.begin {
      RunLoad(waiting: [.background: decoded.waiting, .segment: evident.waiting, .write: segmented.waiting])
    }
    let decoding = stage("decode") { [reader, observer] in try Self.decode(reader, into: decoded, observer) }
    let observing = stage("background") { [background, observer, delay = segmenter.confirmationDelay] in
      try Self.observe(decoded, into: evident, background, delay: delay, observer)
    }
    let writing = stage("write") { [sinks, observer] in try Self.write(segmented, into: sinks, observer) }
    var result = RunResult(outcome: .complete, frames: 0, objects: 0, unassigned: 0)
    segment(evident, into: segmented, &result, progress)
    // The decoder may be waiting for a pipe that stays silent.
    if failure.error != nil { reader.interrupt.set() }
    decoding.wait()
    observing.wait()
    writing.wait()
    result.outcome = reader.outcome
    close(result)
    if let error = failure.error { throw error }
    return result
  }

  private func stage(_ name: String, _ body: @escaping () throws -> Void) -> StageThread {
    StageThread(name) { [failure] in
      do { try body() } catch { failure.note(error) }
    }
  }

  private static func decode(
    _ reader: VideoReader, into queue: BoundedQueue<VideoFrame>, _ observer: (any RunObserver)?
  ) throws {
    defer { queue.finish() }
    while let frame = try observer.time(.decode, reader.next), queue.push(frame) {}
  }

  private static func observe(
    _ input: BoundedQueue<VideoFrame>, into output: BoundedQueue<EvidentFrame>,
    _ configuration: BackgroundConfiguration, delay: Int, _ observer: (any RunObserver)?
  ) throws {
    defer {
      input.cancel()
      output.finish()
    }
    var held = BackgroundStage.firstFrames(configuration, next: input.pop)
    if held.isEmpty { return }
    // Two queues, one mask in the hands of each of the three stages that see it, and those that wait for a decision.
    var stage = try BackgroundStage(held, configuration, inFlight: 2 * queueLength + 3 + delay)
    held.reverse()
    while let frame = held.popLast() ?? input.pop() {
      if !output.push(observer.time(.background) { stage.observe(frame) }) { break }
    }
  }

  private func segment(
    _ input: BoundedQueue<EvidentFrame>, into output: BoundedQueue<SegmentedPicture>, _ result: inout RunResult,
    _ progress: (RunProgress) -> Void
  ) {
    defer {
      input.cancel()
      output.finish()
    }
    func pass(_ picture: SegmentedPicture) -> Bool {
      result.frames += 1
      result.objects = max(result.objects, picture.segmented.objects.map(\.id).max() ?? 0)
      guard output.push(picture) else { return false }
      progress(
        RunProgress(
          frames: result.frames, expected: reader.info.expectedFrames, objects: picture.segmented.objects.count))
      return true
    }
    var stage: SegmentationStage?
    while let evident = input.pop() {
      // One queue, and one picture in the hands of each of the two stages that see it.
      if stage == nil { stage = SegmentationStage(segmenter, evident.frame, inFlight: Self.queueLength + 2) }
      let picture = observer.time(.segment) { stage!.segment(evident) }
      result.unassigned += stage!.lastUnassigned
      if let picture, !pass(picture) { return }
    }
    while let picture = stage?.finish() {
      if !pass(picture) { return }
    }
  }

  private static func write(
    _ input: BoundedQueue<SegmentedPicture>, into sinks: [any FrameSink], _ observer: (any RunObserver)?
  ) throws {
    defer { input.cancel() }
    while let picture = input.pop() {
      try observer.time(.write) {
        for sink in sinks { try sink.write(picture.segmented, of: picture.frame) }
      }
    }
  }

  private func close(_ result: RunResult) {
    let status: Manifest.Status =
      if failure.error != nil {
        .failed
      } else {
        switch reader.outcome {
        case .complete: .complete
        case .truncated: .truncated
        case .interrupted, .reading: .interrupted
        }
      }
    for sink in sinks {
      do {
        try sink.close(status, decoded: reader.counters.decodedFrames, unassigned: result.unassigned)
      } catch { failure.note(error) }
    }
  }
}

/// A frame with its foreground mask, 255 where something moves.
struct EvidentFrame: Sendable {
  var frame: VideoFrame
  var foreground: Image<UInt8>
}

/// A segmented frame with the picture it came from.
struct SegmentedPicture: Sendable {
  var frame: VideoFrame
  var segmented: SegmentedFrame
}
