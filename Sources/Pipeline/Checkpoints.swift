import Foundation
import Synchronization
import VideoIO

/// A request for a checkpoint that a signal handler may make.
public final class CheckpointRequest: Sendable {
  private let flag = Atomic<Bool>(false)

  /// No request yet.
  public init() {}

  /// Makes the request.
  public func make() { flag.store(true, ordering: .relaxed) }

  fileprivate func take() -> Bool { flag.exchange(false, ordering: .relaxed) }
}

/// Says when a run's state is saved, and writes it. One thread asks, another one writes.
public final class Checkpoints: Sendable {
  private let path: String
  private let identity: RunIdentity
  private let interval: Double
  private let request: CheckpointRequest
  private let failed: @Sendable (any Error) -> Void
  private let last = Atomic<UInt64>(DispatchTime.now().uptimeNanoseconds)

  /// Checkpoints into the file at `path`, every `interval` seconds (0: never by itself) and on request; one at the end of
  /// a run that is stopped comes in any case.
  ///
  /// - Parameter failed: is told why a state could not be written; the run goes on.
  public init(
    path: String, identity: RunIdentity, interval: Int, request: CheckpointRequest,
    failed: @escaping @Sendable (any Error) -> Void
  ) {
    (self.path, self.identity, self.interval) = (path, identity, Double(interval))
    (self.request, self.failed) = (request, failed)
  }

  /// Whether it is time for one; if so, the time begins anew.
  func take() -> Bool {
    let now = DispatchTime.now().uptimeNanoseconds
    let isDue = interval > 0 && Double(now &- last.load(ordering: .relaxed)) * 1e-9 >= interval
    guard request.take() || isDue else { return false }
    last.store(now, ordering: .relaxed)
    return true
  }

  /// Saves that a run begins, so that one that is killed before its first checkpoint can be continued from its start.
  public func begin() { save(RunState()) }

  /// Replaces the file by a newer state.
  func save(_ state: RunState) {
    var state = state
    state.time = Date().timeIntervalSince1970
    do {
      let pieces = try state.encoded(identity)
      try AtomicFile.write(to: path, synced: true) { put throws(VideoError) in
        for piece in pieces { try put(piece[...]) }
      }
    } catch { failed(error) }
  }

  /// Removes the file, after a run that needs no other.
  public func remove() { unlink(path) }
}
