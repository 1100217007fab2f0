import Foundation
import Masks

/// The objects of a segmented output, each whole: one that goes on in the next folder is one object, unless a restart lies
/// between.
package struct SegmentedTracks {
  /// An object and when it appeared, by the clock of the machine that wrote it.
  package struct Entry: Sendable, Equatable {
    /// Its record over all folders.
    package var track: TrackRecord
    /// The moment of its first frame.
    package let appeared: Date
  }

  private var ended: [Entry] = []
  private var open: [Int: Entry] = [:]
  /// Number of the first frame of the last folder.
  private var lastFirst = -1

  /// No objects yet.
  package init() {}

  /// Those that have ended, in that order, and then those of which no later folder tells; without what a run went on with
  /// after a restart and never saw.
  package var entries: [Entry] { (ended + living).filter { $0.track.framesSeen > 0 } }

  /// Adds the objects of the next folder, which was begun at `start`.
  package mutating func add(_ tracks: [TrackRecord], of segment: Manifest.Segment, start: Date) {
    // After a restart frames and time begin anew: what was known of the objects until then stands for itself.
    if segment.firstFrame <= lastFirst {
      ended += living
      open = [:]
    }
    lastFirst = segment.firstFrame
    for track in tracks {
      let entry =
        open.removeValue(forKey: track.id).map { Entry(track: $0.track.joined(with: track), appeared: $0.appeared) }
        ?? Entry(track: track, appeared: start.addingTimeInterval(track.firstPTS - segment.firstPTS))
      if track.ended == .continues { open[track.id] = entry } else { ended.append(entry) }
    }
  }

  private var living: [Entry] { open.values.sorted { $0.track.id < $1.track.id } }
}
