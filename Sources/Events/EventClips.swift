import Masks
import VideoIO

/// A clip of each object that has ended, copied from the source: `0001_00-00-03.240.mp4` has the object's number and when
/// it appeared.
public final class EventClips: EventWatcher {
  private let folder: ClipFolder
  private let cutter: ClipCutter
  private let before: Double
  private let after: Double
  private let warn: (String) -> Void
  /// The last object whose clip could not be made.
  private var missing: Int?

  /// Clips into a folder, which is made if missing.
  ///
  /// - Parameters:
  ///   - before, after: seconds of the source around the object's time.
  ///   - overwrite: whether earlier clips in the folder may be removed; other files there are never touched.
  ///   - isContinued: whether earlier clips in the folder are this run's, and stay.
  ///   - source: the file that is read, which must not be removed as an earlier clip.
  ///   - warn: takes a sentence on a clip that could not be made.
  /// - Throws: `cannotCreate` where earlier clips are in the way or the system refuses the folder.
  public init(
    _ folder: String, cutter: ClipCutter, before: Double, after: Double, overwrite: Bool, isContinued: Bool = false,
    source: String, warn: @escaping (String) -> Void
  ) throws(VideoError) {
    (self.cutter, self.before, self.after, self.warn) = (cutter, before, after, warn)
    self.folder = try ClipFolder(folder, overwrite: overwrite, isContinued: isContinued, source: source)
  }

  /// The clip of an object, which is there once the object has ended; nil for the last one that could not be made.
  public func path(_ track: TrackRecord) -> String? { track.id == missing ? nil : name(track) }

  private func name(_ track: TrackRecord) -> String {
    folder.path(track.id, track.firstPTS, pathExtension: cutter.pathExtension)
  }

  /// Cuts where an object has ended.
  public func note(_ event: Event) throws(VideoError) {
    guard event.kind == .end else { return }
    let (start, end) = (event.track.firstPTS - before, event.track.lastPTS + after)
    do throws(VideoError) {
      if try cutter.cut(from: start, to: end, into: name(event.track)) { return }
      missing = event.track.id
      warn("no clip of object \(event.track.id): the source cannot be read at \(Timecode.text(start))")
    } catch .unsuitable(_, let reason) {
      missing = event.track.id
      warn("no clip of object \(event.track.id): \(reason)")
    }
  }

  /// Has nothing left to do.
  public func close() throws(VideoError) {}
}
