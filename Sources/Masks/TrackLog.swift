import Foundation
import Kernels
import VideoIO

/// Writes an object's line in `tracks.jsonl` when it ends.
final class TrackLog: Continuable {
  private let lines: LineFile
  private var book = TrackBook()

  /// Creates the file, or goes on with it.
  init(_ path: String, isContinued: Bool = false) throws(VideoError) {
    lines = try LineFile(path, isContinued: isContinued)
  }

  /// Carries the objects that live.
  func carry(_ archive: inout StateArchive) throws {
    try lines.carry(&archive)
    try book.carry(&archive)
  }

  func settle() throws(VideoError) { try lines.settle() }

  /// The objects of a log that is gone on with: those that had ended, and those that live.
  func earlierObjects() throws(VideoError) -> Set<Int> {
    Set(try lines.earlierLines().compactMap(ObjectNumbers.first)).union(book.ids)
  }

  /// Takes the next frame's objects and ends.
  func write(_ frame: SegmentedFrame) throws(VideoError) {
    try append(book.note(frame).ended)
  }

  /// Ends those of the objects that live.
  func end(_ ended: [EndedObject]) throws(VideoError) {
    try append(book.end(ended))
  }

  /// Ends all objects that still live.
  func close(_ reason: EndReason) throws(VideoError) { try append(book.endAll(reason)) }

  /// Writes the lines of objects that have ended. Goes on after an error, and throws the first at the end.
  private func append(_ entries: [TrackBook.Entry]) throws(VideoError) {
    var failure: VideoError?
    for entry in entries {
      do throws(VideoError) { try lines.append { entry.track.append(to: &$0) } } catch { failure = failure ?? error }
    }
    if let failure { throw failure }
  }
}
