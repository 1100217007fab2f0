import Kernels
import VideoIO

/// Keeps what is known of each object that lives.
package struct TrackBook {
  /// An object, and where it was seen last.
  package struct Entry: Sendable {
    /// What is known so far.
    package fileprivate(set) var track: TrackRecord
    /// The smallest rectangle that held its pixels in the last frame it was seen in.
    package fileprivate(set) var bounds: PixelRect
    fileprivate var areaSum = 0
    fileprivate var path = WalkedPath()
  }

  /// What a frame changes.
  package struct Changes: Sendable {
    /// Objects that have ended before it.
    package var ended: [Entry] = []
    /// Objects that are seen for the first time.
    package var begun: [Entry] = []
  }

  private var live: [Int: Entry] = [:]

  /// The objects that live.
  package var ids: Dictionary<Int, Entry>.Keys { live.keys }

  /// A book without objects.
  package init() {}

  /// Takes the next frame's objects and ends.
  package mutating func note(_ frame: SegmentedFrame) -> Changes {
    Changes(ended: end(frame.ended), begun: note(FrameRecord(frame)))
  }

  /// Takes the next frame's objects, and returns those that are seen for the first time.
  mutating func note(_ frame: FrameRecord) -> [Entry] {
    frame.objects.compactMap { object in
      let wasSeen = (live[object.id]?.track.framesSeen ?? 0) > 0
      let entry = seen(object, frame)
      live[object.id] = entry
      return wasSeen || entry.track.framesSeen == 0 ? nil : entry
    }
  }

  /// Ends those of the objects that live.
  mutating func end(_ ended: [EndedObject]) -> [Entry] { ended.compactMap { end($0.id, $0.reason) } }

  /// Ends all objects that still live, the oldest first.
  package mutating func endAll(_ reason: EndReason) -> [Entry] { live.keys.sorted().compactMap { end($0, reason) } }

  private func seen(_ object: ObjectRecord, _ frame: FrameRecord) -> Entry {
    var entry =
      live[object.id]
      ?? Entry(
        track: TrackRecord(
          id: object.id, firstFrame: frame.frame, lastFrame: frame.frame, firstPTS: frame.pts, lastPTS: frame.pts,
          framesSeen: 0, meanArea: 0, maxArea: 0, pathLength: 0, ended: .lost), bounds: object.bounds)
    guard object.area > 0 else { return entry }
    entry.bounds = object.bounds
    entry.track.lastFrame = frame.frame
    entry.track.lastPTS = frame.pts
    entry.track.framesSeen += 1
    entry.areaSum += object.area
    entry.track.meanArea = Double(entry.areaSum) / Double(entry.track.framesSeen)
    entry.track.maxArea = max(entry.track.maxArea ?? 0, object.area)
    entry.path.move(to: SIMD2(object.centroidX, object.centroidY), area: object.area)
    entry.track.pathLength = entry.path.length
    return entry
  }

  private mutating func end(_ id: Int, _ reason: EndReason) -> Entry? {
    var entry = live.removeValue(forKey: id)
    entry?.track.ended = reason
    return entry
  }
}

extension TrackBook: Checkpointed {
  /// Carries the objects that live.
  package mutating func carry(_ archive: inout StateArchive) throws(StateFault) {
    var entries = live.values.sorted { $0.track.id < $1.track.id }
    try archive.carry(list: &entries, blank: .blank) { (entry, archive) throws(StateFault) in
      try entry.carry(&archive)
    }
    live = Dictionary(entries.map { ($0.track.id, $0) }) { first, _ in first }
  }
}

extension TrackBook.Entry {
  /// To be read into.
  fileprivate static let blank = TrackBook.Entry(track: .blank, bounds: PixelRect(x: 0, y: 0, width: 0, height: 0))

  fileprivate mutating func carry(_ archive: inout StateArchive) throws(StateFault) {
    try track.carry(&archive)
    try archive.carry(&areaSum, in: 0...(1 << 60))
    var box = [bounds.x, bounds.y, bounds.width, bounds.height]
    try archive.carry(&box, eachIn: 0...(1 << 30))
    bounds = PixelRect(x: box[0], y: box[1], width: box[2], height: box[3])
    try path.carry(&archive)
  }
}
