import VideoIO

/// Keeps what is known of each object that lives, and writes its line in `tracks.jsonl` when it ends.
final class TrackLog {
  private struct Live {
    var record: TrackRecord
    var areaSum = 0
  }

  private let lines: LineFile
  private var live: [Int: Live] = [:]

  /// Creates the file.
  init(_ path: String) throws(VideoError) { lines = try LineFile(path) }

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
