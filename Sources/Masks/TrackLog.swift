import VideoIO

/// Writes an object's line in `tracks.jsonl` when it ends.
final class TrackLog {
  private let lines: LineFile
  private var book = TrackBook()

  /// Creates the file.
  init(_ path: String) throws(VideoError) { lines = try LineFile(path) }

  /// Takes the next frame's objects and ends.
  func write(_ frame: SegmentedFrame) throws(VideoError) {
    for entry in book.note(frame).ended { try lines.append { entry.track.append(to: &$0) } }
  }

  /// Ends all objects that still live. Goes on after an error, and throws the first at the end.
  func close(_ reason: EndReason) throws(VideoError) {
    var failure: VideoError?
    for entry in book.endAll(reason) {
      do throws(VideoError) { try lines.append { entry.track.append(to: &$0) } } catch { failure = failure ?? error }
    }
    if let failure { throw failure }
  }
}
