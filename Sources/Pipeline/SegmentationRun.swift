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
  /// Frames in which something moved that was too small for an object, and the pixels of the largest; since the last start.
  public private(set) var small = (frames: 0, pixels: 0)
  /// Frames that came out of the decoder.
  public var decoded = 0
  /// Frames of a live source that were passed over to keep up.
  public var dropped = 0
  /// What happened to the source.
  public var source = SourceCounters()
  /// Whether frames came at their own pace.
  public var isLive = false

  init() { (outcome, frames, objects, unassigned) = (.complete, 0, 0, 0) }

  mutating func note(small pixels: Int) {
    guard pixels > 0 else { return }
    small = (small.frames + 1, max(small.pixels, pixels))
  }
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
  /// One queue, and one picture in the hands of each of the two stages that see it.
  static let picturesInFlight = segmentedLength + 2
  /// Frames of a live source that may wait: so many come at once when it is opened.
  private static let liveQueueLength = 50
  /// Most memory of the frames that wait.
  private static let queueBytes = 64 << 20
  /// Stream time after which a live source's background is started from what is there.
  static let livePrimingSeconds = 2.0
  /// Frames after which the background hears of an object that stands: always the same number, and more than can be on
  /// their way between the two stages, so that the background need not wait.
  static let feedbackLag = 8
  let reader: VideoReader
  let segmenter: any Segmenter
  let background: BackgroundConfiguration
  let watched: Image<UInt8>?
  let sinks: [any FrameSink]
  let observer: (any RunObserver)?
  let checkpoints: Checkpoints?
  let resumed: ResumedRun?
  let first: VideoFrame?
  /// Let go once the background has begun.
  var ground: [VideoFrame]
  private let failure = FirstFailure()

  /// A run from an open reader through a segmenter into sinks; `observer` is told how its stages do. `watched` has the
  /// reader's size and is 255 where something may be found, nil for everywhere. The run's state is saved as `checkpoints`
  /// say, and `resumed` is where it begins. `first` was read already and comes before what the reader has. The background
  /// starts from `ground`, frames that the reader will give or might have given, or if there are none from the first ones.
  public init(
    reader: VideoReader, segmenter: any Segmenter, background: BackgroundConfiguration,
    watched: Image<UInt8>? = nil, sinks: [any FrameSink], observer: (any RunObserver)? = nil,
    checkpoints: Checkpoints? = nil, resumed: ResumedRun? = nil, first: VideoFrame? = nil,
    ground: [VideoFrame] = []
  ) {
    self.reader = reader
    self.segmenter = segmenter
    self.background = background
    self.watched = watched
    self.sinks = sinks
    self.observer = observer
    self.checkpoints = checkpoints
    self.resumed = resumed
    self.first = first
    self.ground = ground
  }

  /// Two queues, one mask in the hands of each of the three stages that see it, and those that wait for a decision.
  static func masksInFlight(_ segmenter: any Segmenter) -> Int {
    evidentLength + segmentedLength + 3 + segmenter.confirmationDelay
  }

  /// Runs to the end of the input, or until the reader is interrupted; sinks are closed in any case.
  ///
  /// Throws the first error of a stage; what was complete before it stays readable.
  public func run(progress: (RunProgress) -> Void) throws -> RunResult {
    let isLive = reader.info.isLive
    let decoded = BoundedQueue<VideoFrame>(
      capacity: isLive ? Self.liveQueueLength : Self.decodedLength, byteLimit: Self.queueBytes, isLive: isLive,
      byteCount: { $0.byteCount })
    let evident = BoundedQueue<Passage<EvidentFrame>>(capacity: Self.evidentLength)
    let segmented = BoundedQueue<Passage<SegmentedPicture>>(capacity: Self.segmentedLength)
    let standing = BoundedQueue<StandingObjects?>(capacity: Self.feedbackLag + 1)
    for known in resumed?.segmentation.feedback ?? Array(repeating: nil, count: Self.feedbackLag) {
      _ = standing.push(known)
    }
    observer?.begin {
      RunLoad(
        waiting: [.background: decoded.waiting, .segment: evident.waiting, .write: segmented.waiting],
        dropped: decoded.dropped)
    }
    let decoding = stage("decode") { [self] in try decode(into: decoded) }
    let observing = stage("background") { [self] in try observe(decoded, standing, into: evident) }
    let writing = stage("write") { [self] in try write(segmented) }
    var result = resumed?.result ?? RunResult()
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
    if failure.error == nil && (status == .complete || status == .truncated) { checkpoints?.remove() }
  }
}

/// What travels down the queues: frames, and between two of them a state that each stage adds its part to.
enum Passage<Frame: Sendable>: Sendable {
  case frame(Frame)
  case checkpoint(RunState)
}

/// A frame with its foreground mask, 255 where something moves.
package struct EvidentFrame: Sendable {
  package var frame: VideoFrame
  package var foreground: Image<UInt8>
  /// Whether nothing is known of what moves in it.
  var isBlind = false
}

/// A segmented frame with the picture it came from.
struct SegmentedPicture: Sendable {
  var frame: VideoFrame
  var segmented: SegmentedFrame
}
