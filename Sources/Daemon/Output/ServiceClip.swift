import Foundation
import Masks
import VideoIO

/// A clip of a service, with the day and the moment it was begun: ROOT/YYYY-MM-DD/HH-MM-SS±zzzz_0001.mkv.
package struct ServiceClip: Retainable {
  package let path: String
  package let start: Date

  /// A path for the clip of an object that begins at `date`; makes the folder of the day.
  package static func newPath(in root: String, id: Int, at date: Date) throws(VideoError) -> String {
    let stem = OutputSegment.stem(in: root, at: date)
    do throws(VideoError) {
      try OutputLayout.makeFolder((stem as NSString).deletingLastPathComponent)
    } catch {
      // The disk, which may have room later.
      throw .writeFailed(stem, reason: error.reason)
    }
    return "\(stem)_\(OutputLayout.digits(id, 4)).mkv"
  }

  /// The clips in a folder, also those that a kill has left unfinished. Anything else there is somebody else's.
  package static func list(in root: String) -> [ServiceClip] {
    OutputSegment.entries(in: root).compactMap { day, name in
      guard let match = name.wholeMatch(of: /(.*)_\d{4,}\.mkv(\.part)?/),
        let start = OutputSegment.date("\(day)/\(match.output.1)")
      else { return nil }
      return ServiceClip(path: "\(root)/\(day)/\(name)", start: start)
    }
  }

  package var size: Int { OutputSegment.size(of: path) }

  package func remove() throws {
    guard unlink(path) == 0 else { throw VideoError.cannotCreate(path, reason: AtomicFile.systemReason) }
    rmdir((path as NSString).deletingLastPathComponent)
  }
}
