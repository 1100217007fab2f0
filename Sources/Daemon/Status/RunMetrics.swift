import CoreMetrics
import Foundation
import Metrics
import Pipeline

/// The run's numbers, through swift-metrics: stages as they work, everything else when somebody asks.
public final class RunMetrics: RunObserver, @unchecked Sendable {
  private let factory: any MetricsFactory
  private let stages: [RunStage: Metrics.Timer]
  private let lock = NSLock()
  private var counted: [String: Int] = [:]
  private var load: (@Sendable () -> RunLoad)?

  /// Metrics of one run in a backend.
  public init(factory: any MetricsFactory) {
    self.factory = factory
    stages = Dictionary(
      uniqueKeysWithValues: RunStage.allCases.map {
        ($0, Metrics.Timer(label: "nem_stage_seconds", dimensions: [("stage", $0.rawValue)], factory: factory))
      })
  }

  /// Counts a stage's time.
  public func note(_ stage: RunStage, seconds: Double) {
    stages[stage]?.recordNanoseconds(Int64(seconds * 1e9))
  }

  /// Says how many objects there may be at a time.
  public func note(slots: Int) { meter("nem_slots", Double(slots)) }

  /// Remembers where to ask for what waits.
  public func begin(load: @escaping @Sendable () -> RunLoad) { lock.withLock { self.load = load } }

  /// Brings all values up to date.
  ///
  /// - Parameters:
  ///   - root: where the output lies, for its free space.
  func refresh(_ now: RunHealth.Snapshot, root: String?) {
    count("nem_frames_total", now.frames)
    count("nem_births_total", now.births)
    count("nem_deaths_total", now.deaths)
    count("nem_reconnects_total", now.source.reconnects)
    count("nem_dropped_frames_total", now.unwrittenFrames, [("reason", "unwritten")])
    meter("nem_frames_per_second", now.frameRate)
    meter("nem_last_frame_age_seconds", now.idleSeconds)
    meter("nem_source_waiting", now.isWaiting ? 1 : 0)
    meter("nem_output_writable", now.outputFault == nil ? 1 : 0)
    meter("nem_slots_used", Double(now.lastFrame?.objects.count ?? 0))
    if let free = root.flatMap(FileSystem.freeBytes) { meter("nem_free_bytes", Double(free)) }
    if let written = Self.writtenBytes() { count("nem_written_bytes_total", written) }
    guard let load = lock.withLock({ load })?() else { return }
    count("nem_dropped_frames_total", load.dropped, [("reason", "behind")])
    for (stage, waiting) in load.waiting { meter("nem_queue_frames", Double(waiting), [("before", stage.rawValue)]) }
  }

  private func meter(_ label: String, _ value: Double, _ dimensions: [(String, String)] = []) {
    Meter(label: label, dimensions: dimensions, factory: factory).set(value)
  }

  /// Brings a counter to `total`.
  private func count(_ label: String, _ total: Int, _ dimensions: [(String, String)] = []) {
    let key = label + dimensions.map(\.1).joined()
    let step = lock.withLock {
      defer { counted[key] = total }
      return total - (counted[key] ?? 0)
    }
    Counter(label: label, dimensions: dimensions, factory: factory).increment(by: max(0, step))
  }

  /// Bytes that this process has handed to the system in writes.
  private static func writtenBytes() -> Int? {
    guard let text = try? String(contentsOfFile: "/proc/self/io", encoding: .utf8) else { return nil }
    return text.split(separator: "\n").first { $0.hasPrefix("wchar: ") }.flatMap { Int($0.dropFirst(7)) }
  }
}
