import Masks
import VideoIO

/// A clip of each object of a source that is read only once, written while the object is there. Where the source is lost
/// meanwhile, the rest of the object is in a clip of its own.
public final class RecordedClips: EventWatcher {
  /// Are told of all events too, of an object's end when its clip is whole.
  public var followers: [any EventWatcher] = []
  private let recorder: ClipRecorder
  private let before: Double
  private let after: Double
  private let name: @Sendable (_ id: Int, _ seconds: Double) throws(VideoError) -> String
  private let warn: (String) -> Void
  private let failed: (VideoError) throws(VideoError) -> Void
  /// Objects whose clips are being written, and the end of those that have ended.
  private var open: [Int: Event?] = [:]
  private var paths: [Int: String] = [:]

  /// Clips of what a recorder sees.
  ///
  /// - Parameters:
  ///   - before, after: seconds of the source around the object's time.
  ///   - name: the path of the clip of an object that begins at a time in seconds; any thread may call it.
  ///   - warn: takes a sentence on a clip that could not be made.
  ///   - failed: takes the fault where a clip could not be written; throws to end the run.
  public init(
    _ recorder: ClipRecorder, before: Double, after: Double,
    name: @escaping @Sendable (_ id: Int, _ seconds: Double) throws(VideoError) -> String,
    warn: @escaping (String) -> Void, failed: @escaping (VideoError) throws(VideoError) -> Void
  ) {
    (self.recorder, self.before, self.after) = (recorder, before, after)
    (self.name, self.warn, self.failed) = (name, warn, failed)
  }

  /// The first clip of an object that has just ended; nil where it could not be made.
  public func path(_ track: TrackRecord) -> String? { paths[track.id] }

  /// Begins or ends a clip.
  public func note(_ event: Event) throws(VideoError) {
    let id = event.track.id
    switch event.kind {
    case .start:
      open[id] = .some(nil)
      recorder.begin(id, at: event.track.firstPTS) { [name] time throws(VideoError) in try name(id, time) }
      for follower in followers { try follower.note(event) }
    case .end:
      guard open[id] != nil else { return try pass(event) }
      open[id] = event
      recorder.end(id, at: event.track.lastPTS + after)
    }
  }

  /// Writes what belongs to the clips by now.
  public func advance(to seconds: Double) throws(VideoError) {
    try settle(recorder.advance(to: seconds, before: before))
    for follower in followers { try follower.advance(to: seconds) }
  }

  /// Ends all clips.
  public func close() throws(VideoError) {
    var failure: VideoError?
    do throws(VideoError) { try settle(recorder.close()) } catch { failure = error }
    for follower in followers {
      do throws(VideoError) { try follower.close() } catch { failure = failure ?? error }
    }
    if let failure { throw failure }
  }

  /// Goes on after an error, and throws the first at the end.
  private func settle(_ outcomes: [ClipRecorder.Outcome]) throws(VideoError) {
    var failure: VideoError?
    for outcome in outcomes {
      let end = open.removeValue(forKey: outcome.id) ?? nil
      do throws(VideoError) {
        paths[outcome.id] = outcome.path
        if case .unsuitable(_, let reason) = outcome.fault {
          warn("no clip of object \(outcome.id): \(reason)")
        } else if let fault = outcome.fault {
          try failed(fault)
        } else if outcome.path == nil {
          warn("no clip of object \(outcome.id): memory held no key frame to begin it with")
        }
        if let end { try pass(end) }
      } catch { failure = failure ?? error }
    }
    if let failure { throw failure }
  }

  private func pass(_ event: Event) throws(VideoError) {
    for follower in followers { try follower.note(event) }
    paths[event.track.id] = nil
  }
}
