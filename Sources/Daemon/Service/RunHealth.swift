import Foundation
import Masks
import Pipeline
import VideoIO

/// How a run does, as its last stage sees it. Written by the run, read by the supervisor and the status page.
public final class RunHealth: @unchecked Sendable {
  /// A moment of the run.
  public struct Snapshot: Sendable {
    /// Frames through all stages.
    public var frames = 0
    /// Seconds since the last of them, or since the start.
    public var idleSeconds = 0.0
    /// Frames per second over the last ten seconds.
    public var frameRate = 0.0
    /// The last frame's number, time and objects.
    public var lastFrame: FrameRecord?
    /// Objects so far.
    public var births = 0
    /// Objects that have ended.
    public var deaths = 0
    /// Frames whose masks could not be written.
    public var unwrittenFrames = 0
    /// Why the output is not being written; nil while it is.
    public var outputFault: String?
    /// What has happened to the source.
    public var source = SourceCounters()
    /// Whether the source is lost or not yet reached, and the reader waits in good health to try again.
    public var isWaiting = false
  }

  private let lock = NSLock()
  private var current = Snapshot()
  private var lastChange = DispatchTime.now()
  private var rate = FrameRateMeter()
  private let sourceWaits: @Sendable () -> Bool
  private let source: @Sendable () -> SourceCounters

  /// The health of a run that has not begun; `sourceWaits` says whether the reader waits in good health for its source,
  /// `source` what has happened to that.
  public init(
    sourceWaits: @escaping @Sendable () -> Bool = { false },
    source: @escaping @Sendable () -> SourceCounters = { SourceCounters() }
  ) {
    (self.sourceWaits, self.source) = (sourceWaits, source)
  }

  /// How the run stands now.
  public var snapshot: Snapshot {
    let now = DispatchTime.now()
    let (isWaiting, source) = (sourceWaits(), source())
    return lock.withLock {
      var result = current
      result.idleSeconds = Self.seconds(from: lastChange, to: now)
      result.frameRate = rate.value(at: Self.seconds(now))
      (result.isWaiting, result.source) = (isWaiting, source)
      return result
    }
  }

  /// Counts a frame that has gone through all stages.
  package func note(_ frame: SegmentedFrame) {
    let now = DispatchTime.now()
    lock.withLock {
      current.frames += 1
      current.births = max(current.births, frame.objects.map(\.id).max() ?? 0)
      current.deaths += frame.ended.count
      current.lastFrame = FrameRecord(frame)
      lastChange = now
      rate.note(at: Self.seconds(now))
    }
  }

  /// Counts a frame whose masks could not be written.
  func noteUnwritten() { lock.withLock { current.unwrittenFrames += 1 } }

  /// Says why the output is not being written; nil when it is again.
  package func noteOutput(fault: String?) { lock.withLock { current.outputFault = fault } }

  private static func seconds(_ time: DispatchTime) -> Double { Double(time.uptimeNanoseconds) * 1e-9 }

  private static func seconds(from start: DispatchTime, to end: DispatchTime) -> Double {
    max(0, seconds(end) - seconds(start))
  }
}

/// Frames per second over the last ten whole seconds, or as many as there are, from counts of seconds.
package struct FrameRateMeter {
  private static let span = 10
  private var counts = [Int](repeating: 0, count: span + 1)
  private var first: Int?
  private var second = 0

  /// Nothing counted yet.
  package init() {}

  /// Counts a frame at a time in seconds.
  package mutating func note(at time: Double) {
    advance(to: Int(time))
    first = first ?? second
    counts[second % counts.count] += 1
  }

  /// Frames per second up to a time.
  package func value(at time: Double) -> Double {
    var meter = self
    meter.advance(to: Int(time))
    guard let first, meter.second > first else { return 0 }
    // The present second is not over yet.
    let counted = meter.counts.reduce(0, +) - meter.counts[meter.second % counts.count]
    return Double(counted) / Double(min(Self.span, meter.second - first))
  }

  private mutating func advance(to time: Int) {
    for passed in 0..<min(max(0, time - second), counts.count) { counts[(time - passed) % counts.count] = 0 }
    second = max(second, time)
  }
}

/// The last sink: what has come here has been written.
public final class HealthSink: FrameSink {
  private let health: RunHealth

  /// Reports to `health`.
  public init(_ health: RunHealth) { self.health = health }

  /// Counts the frame.
  public func write(_ segmented: SegmentedFrame, of frame: VideoFrame) { health.note(segmented) }

  /// Has nothing to end.
  public func close(_ status: Manifest.Status, _ result: RunResult) {}
}
