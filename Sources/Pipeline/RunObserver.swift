/// A stage of a run.
public enum RunStage: String, Sendable, CaseIterable {
  /// From bytes to frames.
  case decode
  /// From a frame to what moves in it.
  case background
  /// From what moves to objects.
  case segment
  /// From objects to files.
  case write
}

/// What waits in a run.
public struct RunLoad: Sendable {
  /// Frames that wait before each stage.
  public var waiting: [RunStage: Int]

  /// Frames of a live source that were dropped to keep up.
  public var dropped: Int

  /// What waits before each stage, and what did not wait long enough.
  package init(waiting: [RunStage: Int], dropped: Int) { (self.waiting, self.dropped) = (waiting, dropped) }
}

/// Sees how a run's stages do; called from their threads.
public protocol RunObserver: Sendable {
  /// The run begins; `load` may be asked at any time, also after its end.
  func begin(load: @escaping @Sendable () -> RunLoad)
  /// A stage has worked on a frame for so long; waiting for other stages does not count.
  func note(_ stage: RunStage, seconds: Double)
}

extension (any RunObserver)? {
  /// Does a stage's work on a frame and notes its time.
  func time<Result>(_ stage: RunStage, _ work: () throws -> Result) rethrows -> Result {
    guard let self else { return try work() }
    let clock = ContinuousClock()
    let start = clock.now
    defer { self.note(stage, seconds: (clock.now - start) / .seconds(1)) }
    return try work()
  }
}
