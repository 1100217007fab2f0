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
  /// Frames that came out of the decoder.
  public var decoded = 0
  /// Frames of a live source that were passed over to keep up.
  public var dropped = 0
  /// What happened to the source.
  public var source = SourceCounters()
  /// Whether frames came at their own pace.
  public var isLive = false

  init() { (outcome, frames, objects, unassigned) = (.complete, 0, 0, 0) }
}

/// The way of a frame: decode → background → segment → write, each stage on a thread of its own, joined by short queues.
///
/// The stages see the frames in order and share nothing else, so the result of a file does not depend on their speed. Of
/// a live source the oldest frames that wait are dropped when the stages fall behind.
public final class SegmentationRun {
  /// Pictures that may wait for each stage. The first two even out frames that take long; the last holds the largest.
  private static let decodedLength = 6
  private static let evidentLength = 5
  private static let segmentedLength = 3
  /// Frames of a live source that may wait: so many come at once when it is opened.
  private static let liveQueueLength = 50
  /// Most memory of the frames that wait.
  private static let queueBytes = 64 << 20
  /// Stream time after which a live source's background is started from what is there.
  private static let livePrimingSeconds = 2.0
  /// Frames after which the background hears of an object that stands: always the same number, and more than can be on
  /// their way between the two stages, so that the background need not wait.
  private static let feedbackLag = 8
  private let reader: VideoReader
  private let segmenter: any Segmenter
  private let background: BackgroundConfiguration
  private let watched: Image<UInt8>?
  private let sinks: [any FrameSink]
  private let observer: (any RunObserver)?
  private let failure = FirstFailure()

  /// A run from an open reader through a segmenter into sinks; `observer` is told how its stages do. `watched` has the
  /// reader's size and is 255 where something may be found, nil for everywhere.
  public init(
    reader: VideoReader, segmenter: any Segmenter, background: BackgroundConfiguration,
    watched: Image<UInt8>? = nil, sinks: [any FrameSink], observer: (any RunObserver)? = nil
  ) {
    self.reader = reader
    self.segmenter = segmenter
    self.background = background
    self.watched = watched
    self.sinks = sinks
    self.observer = observer
  }

  /// Runs to the end of the input, or until the reader is interrupted; sinks are closed in any case.
  ///
  /// Throws the first error of a stage; what was complete before it stays readable.
  public func run(progress: (RunProgress) -> Void) throws -> RunResult {
    let isLive = reader.info.isLive
    let decoded = BoundedQueue<VideoFrame>(
      capacity: isLive ? Self.liveQueueLength : Self.decodedLength, byteLimit: Self.queueBytes, isLive: isLive,
      byteCount: { $0.byteCount })
    let evident = BoundedQueue<EvidentFrame>(capacity: Self.evidentLength)
    let segmented = BoundedQueue<SegmentedPicture>(capacity: Self.segmentedLength)
    let standing = BoundedQueue<StandingObjects?>(capacity: Self.feedbackLag + 1)
    for _ in 0..<Self.feedbackLag { _ = standing.push(nil) }
    observer?.begin {
      RunLoad(
        waiting: [.background: decoded.waiting, .segment: evident.waiting, .write: segmented.waiting],
        dropped: decoded.dropped)
    }
    let decoding = stage("decode") { [reader, observer] in try Self.decode(reader, into: decoded, observer) }
    let observing = stage("background") { [background, watched, observer, delay = segmenter.confirmationDelay] in
      try Self.observe(decoded, standing, into: evident, background, watched, isLive: isLive, delay: delay, observer)
    }
    let writing = stage("write") { [sinks, observer] in try Self.write(segmented, into: sinks, observer) }
    var result = RunResult()
    segment(evident, into: segmented, standing, &result, progress)
    // The decoder may be waiting for a pipe that stays silent.
    if failure.error != nil { reader.interrupt.set() }
    decoding.wait()
    observing.wait()
    writing.wait()
    complete(&result, dropped: decoded.dropped)
    close(result)
    if let error = failure.error { throw error }
    return result
  }

  /// Adds what the reader knows at the end.
  private func complete(_ result: inout RunResult, dropped: Int) {
    result.outcome = reader.outcome
    result.decoded = reader.counters.decodedFrames
    result.source = reader.counters.source
    (result.dropped, result.isLive) = (dropped, reader.info.isLive)
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
    _ input: BoundedQueue<VideoFrame>, _ feedback: BoundedQueue<StandingObjects?>,
    into output: BoundedQueue<EvidentFrame>, _ configuration: BackgroundConfiguration, _ watched: Image<UInt8>?,
    isLive: Bool, delay: Int,
    _ observer: (any RunObserver)?
  ) throws {
    defer {
      input.cancel()
      feedback.cancel()
      output.finish()
    }
    var nextScene = input.pop()
    while let first = nextScene {
      nextScene = nil
      func next() -> VideoFrame? {
        guard nextScene == nil, let frame = input.pop() else { return nil }
        if frame.scene == first.scene { return frame }
        nextScene = frame
        return nil
      }
      // Two queues, one mask in the hands of each of the three stages that see it, and those that wait for a decision.
      // Its memory is made ready while the first frames are decoded.
      var stage = try BackgroundStage(
        first, configuration, watched: watched, inFlight: evidentLength + segmentedLength + 3 + delay)
      var held = BackgroundStage.firstFrames(
        first, configuration, seconds: isLive ? livePrimingSeconds : .infinity, next: next)
      stage.prime(held)
      held.reverse()
      var age = 0
      while let frame = held.popLast() ?? next(), let standing = feedback.pop() {
        // What stood before the scene changed is of no concern.
        let known = age < feedbackLag ? nil : standing
        if !output.push(observer.time(.background) { stage.observe(frame, standing: known) }) { return }
        age += 1
      }
    }
  }

  private func segment(
    _ input: BoundedQueue<EvidentFrame>, into output: BoundedQueue<SegmentedPicture>,
    _ feedback: BoundedQueue<StandingObjects?>, _ result: inout RunResult, _ progress: (RunProgress) -> Void
  ) {
    defer {
      input.cancel()
      feedback.cancel()
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
    var scene = 0
    while let evident = input.pop() {
      if evident.frame.scene != scene, stage != nil {
        while let picture = stage!.finish() {
          if !pass(picture) { return }
        }
        stage!.restart()
      }
      scene = evident.frame.scene
      // One queue, and one picture in the hands of each of the two stages that see it.
      if stage == nil { stage = SegmentationStage(segmenter, evident.frame, inFlight: Self.segmentedLength + 2) }
      let picture = observer.time(.segment) { stage!.segment(evident) }
      _ = feedback.push(stage!.standing(after: Self.feedbackLag))
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
        case .truncated, .lost: .truncated
        case .interrupted, .reading: .interrupted
        }
      }
    for sink in sinks {
      do {
        try sink.close(status, result)
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
