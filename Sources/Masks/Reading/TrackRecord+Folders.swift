import Foundation
import VideoIO

extension TrackRecord {
  /// The records in a folder of output. Throws `notFound` or `damaged`.
  package static func read(in folder: String) throws(VideoError) -> [TrackRecord] {
    let path = OutputLayout(root: folder).tracks
    guard let lines = FileManager.default.contents(atPath: path) else { throw .notFound(path) }
    do {
      return try lines.split(separator: UInt8(ascii: "\n")).map { try JSONDecoder().decode(Self.self, from: $0) }
    } catch {
      throw .damaged(path, reason: "a line is no record of an object")
    }
  }

  /// The same, and where the folder is open or was left so by a kill, the objects that had not ended, from `frames.jsonl`.
  package static func read(in folder: String, isOpen: Bool) throws(VideoError) -> [TrackRecord] {
    let ended = try read(in: folder)
    guard isOpen, let reader = try? MaskDirectoryReader(path: folder) else { return ended }
    var book = TrackBook()
    while let frame = try? reader.nextRecord() { _ = book.note(frame) }
    let known = Set(ended.map(\.id))
    return ended + book.endAll(.continues).map(\.track).filter { !known.contains($0.id) }
  }

  /// The same object with what a later folder says of it.
  package func joined(with later: TrackRecord) -> TrackRecord {
    var whole = later
    (whole.firstFrame, whole.firstPTS) = (firstFrame, firstPTS)
    if later.framesSeen == 0 { (whole.lastFrame, whole.lastPTS) = (lastFrame, lastPTS) }
    whole.framesSeen &+= framesSeen
    let pixels = meanArea * Double(framesSeen) + later.meanArea * Double(later.framesSeen)
    whole.meanArea = (pixels / Double(max(whole.framesSeen, 1)) * 100).rounded() / 100
    whole.maxArea = maxArea.flatMap { own in later.maxArea.map { max(own, $0) } }
    whole.pathLength = pathLength.flatMap { own in later.pathLength.map { own + $0 } }
    return whole
  }
}
