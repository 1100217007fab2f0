import Daemon
import Foundation
import Masks
import Testing

@Suite struct SegmentedTracksTests {
  private let noon = Date(timeIntervalSince1970: 1_750_000_000)

  private func segment(_ firstFrame: Int) -> Manifest.Segment {
    Manifest.Segment(firstFrame: firstFrame, firstPTS: Double(firstFrame) / 25, start: noon)
  }

  /// An object seen in each frame of a range, or in none.
  private func track(_ id: Int, _ frames: Range<Int>, seen: Int? = nil, ended: EndReason) -> TrackRecord {
    TrackRecord(
      id: id, firstFrame: frames.lowerBound, lastFrame: frames.upperBound - 1,
      firstPTS: Double(frames.lowerBound) / 25, lastPTS: Double(frames.upperBound - 1) / 25,
      framesSeen: seen ?? frames.count, meanArea: 100, maxArea: 120, pathLength: 10, ended: ended)
  }

  @Test func anObjectOverABorderIsOne() {
    var tracks = SegmentedTracks()
    tracks.add([track(1, 5..<50, ended: .continues), track(2, 0..<9, ended: .left)], of: segment(0), start: noon)
    #expect(tracks.entries.map(\.track.id) == [2, 1] && tracks.entries[1].track.ended == .continues)
    // Hidden in all of the second folder, which then knows no last frame of its own.
    tracks.add([track(1, 50..<100, seen: 0, ended: .continues)], of: segment(50), start: noon + 2)
    #expect(tracks.entries[1].track.lastFrame == 49)
    tracks.add([track(1, 100..<110, ended: .lost)], of: segment(100), start: noon + 4)
    let whole = tracks.entries[1]
    #expect(whole.track.firstFrame == 5 && whole.track.lastFrame == 109 && whole.track.framesSeen == 55)
    #expect(whole.track.ended == .lost && whole.appeared == noon + 0.2)
  }

  @Test func aRestartDividesAnObject() {
    var tracks = SegmentedTracks()
    tracks.add([track(1, 0..<50, ended: .continues)], of: segment(0), start: noon)
    // A kill: the folder tells of no object. What comes after begins at 0, and the object later than it was last seen;
    // another one is not seen again.
    tracks.add([], of: segment(50), start: noon + 2)
    tracks.add(
      [track(2, 0..<1, seen: 0, ended: .lost), track(1, 70..<90, ended: .left)], of: segment(0), start: noon + 60)
    let rows = tracks.entries
    #expect(rows.map(\.track.ended) == [.continues, .left] && rows.map(\.track.framesSeen) == [50, 20])
    #expect(rows.map(\.appeared) == [noon, noon + 62.8])
  }
}
