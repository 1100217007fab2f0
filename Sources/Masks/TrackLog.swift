import Foundation
import Kernels
import VideoIO

/// Keeps what is known of each object that lives, and writes its line in `tracks.jsonl` when it ends.
final class TrackLog: Continuable {
  private struct Live {
    var record: TrackRecord
    var areaSum = 0
  }

  private let lines: LineFile
  private var live: [Int: Live] = [:]

  /// Creates the file, or goes on with it.
  init(_ path: String, isContinued: Bool = false) throws(VideoError) {
    lines = try LineFile(path, isContinued: isContinued)
  }

  /// Carries the objects that live.
  func carry(_ archive: inout StateArchive) throws {
    try lines.carry(&archive)
    var items = live.values.sorted { $0.record.id < $1.record.id }
    try archive.carry(list: &items, blank: Live(record: .blank)) { (item, archive) throws(StateFault) in
      try item.record.carry(&archive)
      try archive.carry(&item.areaSum, in: 0...(1 << 60))
    }
    live = Dictionary(items.map { ($0.record.id, $0) }) { first, _ in first }
  }

  func settle() throws(VideoError) { try lines.settle() }

  /// The objects of a log that is gone on with: those that had ended, and those that live.
  func earlierObjects() throws(VideoError) -> Set<Int> {
    Set(try lines.earlierLines().compactMap(ObjectNumbers.first)).union(live.keys)
  }

  /// Takes the next frame's objects and ends.
  func write(_ frame: SegmentedFrame) throws(VideoError) {
    for ended in frame.ended { try end(ended.id, ended.reason) }
    for object in frame.objects { see(object, frame) }
  }

  /// Ends all objects that still live. Goes on after an error, and throws the first at the end.
  func close(_ reason: EndReason) throws(VideoError) {
    var failure: VideoError?
    for id in live.keys.sorted() {
      do throws(VideoError) { try end(id, reason) } catch { failure = failure ?? error }
    }
    if let failure { throw failure }
  }

  private func see(_ object: ObjectRecord, _ frame: SegmentedFrame) {
    var item =
      live[object.id]
      ?? Live(
        record: TrackRecord(
          id: object.id, firstFrame: frame.index, lastFrame: frame.index, firstPTS: frame.pts, lastPTS: frame.pts,
          framesSeen: 0, meanArea: 0, ended: .lost))
    if object.area > 0 {
      item.record.lastFrame = frame.index
      item.record.lastPTS = frame.pts
      item.record.framesSeen += 1
      item.areaSum += object.area
    }
    live[object.id] = item
  }

  private func end(_ id: Int, _ reason: EndReason) throws(VideoError) {
    guard let item = live.removeValue(forKey: id) else { return }
    var record = item.record
    record.ended = reason
    record.meanArea = record.framesSeen > 0 ? Double(item.areaSum) / Double(record.framesSeen) : 0
    try lines.append { record.append(to: &$0) }
  }
}
