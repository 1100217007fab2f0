import Events
import Kernels
import Masks
import VideoIO

/// Tells watchers when objects appear and end.
public final class EventSink: FrameSink {
  private let watchers: [any EventWatcher]
  private var book = TrackBook()

  /// Tells each watcher of each event, in their order.
  public init(_ watchers: [any EventWatcher]) { self.watchers = watchers }

  /// Goes on where an earlier run's sink was when it saved `archive`. Nothing on the disk changes before `settle`. Throws
  /// `StateFault` or `damaged` where the disk does not hold what was saved.
  public init(continuing archive: inout StateArchive, _ watchers: [any EventWatcher]) throws {
    self.watchers = watchers
    try carry(&archive)
  }

  private func carry(_ archive: inout StateArchive) throws {
    try book.carry(&archive)
    for watcher in watchers { try watcher.carry(&archive) }
  }

  /// Adds the objects that live, and the state of the watchers.
  public func save(_ archive: inout StateArchive) {
    do { try carry(&archive) } catch { preconditionFailure("a state was not written: \(error)") }
  }

  /// Removes what came after the saved state.
  public func settle() throws {
    for watcher in watchers { try watcher.settle() }
  }

  /// Tells what the frame changes.
  public func write(_ segmented: SegmentedFrame, of frame: VideoFrame) throws {
    let changes = book.note(segmented)
    for entry in changes.ended { try tellEnd(of: entry) }
    for entry in changes.begun { try tell(Event(.start, entry.track, bounds: entry.bounds)) }
    for watcher in watchers { try watcher.advance(to: segmented.pts) }
  }

  /// Ends the objects that are still there. Goes on after an error, and throws the first at the end.
  public func close(_ status: Manifest.Status, _ result: RunResult) throws {
    var failure: (any Error)?
    for entry in book.endAll(.endOfStream) {
      do { try tellEnd(of: entry) } catch { failure = failure ?? error }
    }
    for watcher in watchers {
      do { try watcher.close() } catch { failure = failure ?? error }
    }
    if let failure { throw failure }
  }

  /// What was there before a restart, and not seen since, has no beginning.
  private func tellEnd(of entry: TrackBook.Entry) throws {
    if entry.track.framesSeen > 0 { try tell(Event(.end, entry.track, bounds: entry.bounds)) }
  }

  private func tell(_ event: Event) throws {
    for watcher in watchers { try watcher.note(event) }
  }
}
