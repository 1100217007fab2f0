import Foundation
import Masks
import VideoIO

extension TrackRecord {
  /// The order of lists: the longest seen first.
  func isListed(before other: TrackRecord) -> Bool { (other.framesSeen, id) < (framesSeen, other.id) }
}

/// What a folder of masks holds, in words.
struct OutputSummary {
  /// What the run says of itself.
  let manifest: Manifest
  /// The objects that have ended, in that order, and then the others.
  let tracks: [TrackRecord]
  private let frames: Int
  private let folder: String

  /// Reads a folder. Throws `notFound` or `damaged` where it is no output of a run.
  init(folder: String) throws {
    self.folder = folder
    let reader = try MaskDirectoryReader(path: folder)
    (frames, manifest) = (reader.frameCount, reader.manifest)
    tracks = try TrackRecord.read(in: folder, isOpen: manifest.status == .running)
  }

  /// The times of the first and the last frame in seconds.
  func span() throws -> ClosedRange<Double> {
    let lines = try Data(contentsOf: URL(fileURLWithPath: folder + "/frames.jsonl"), options: .alwaysMapped)
    func time(_ line: Data?) -> Double? { line.flatMap { try? JSONDecoder().decode(FrameRecord.self, from: $0).pts } }
    let newline = UInt8(ascii: "\n")
    let first = time(lines.split(separator: newline, maxSplits: 1).first.map { Data($0) }) ?? 0
    let whole = lines.lastIndex(of: newline).map { lines[..<$0] }
    let start = whole?.lastIndex(of: newline).map { $0 + 1 } ?? lines.startIndex
    let last = time(whole.map { Data($0[start...]) }) ?? first
    return min(first, last)...max(first, last)
  }

  /// The summary, with at most so many objects.
  func lines(objects: Int) -> [String] {
    let goingOn = tracks.count { $0.ended == .continues }
    let written = manifest.frames.decoded &- manifest.frames.dropped
    let expected = manifest.frames.expected.map { " of \($0)" } ?? ""
    var lines = [
      "input    \(manifest.input), \(manifest.width)×\(manifest.height)",
      "status   \(manifest.status.rawValue), \(frames)\(expected) frames"
        + (manifest.frames.dropped > 0 ? ", \(manifest.frames.dropped) dropped" : ""),
      "model    " + (manifest.model.map { "\($0.name), SHA-256 \($0.sha256.prefix(12))…" } ?? "none"),
      "settings "
        + manifest.settings.sorted { $0.key < $1.key }.map { "\($0.key) \(Self.text($0.value))" }
        .joined(separator: ", "),
      "objects  \(tracks.count - goingOn) ended"
        + (goingOn == 0
          ? "" : ", \(goingOn) " + (manifest.status == .running ? "may go on" : "go on in the next folder")),
    ]
    if [.complete, .truncated].contains(manifest.status) && frames < written {
      lines.insert("         \(folder)/frames.jsonl was cut: the run wrote \(written) lines", at: 2)
    }
    if let missed = manifest.unassigned, missed > 0 { lines.append("         \(missed) times all slots were taken") }
    let listed = tracks.sorted { $0.isListed(before: $1) }.prefix(max(0, objects))
    if !listed.isEmpty { lines.append("    id   first s    last s  frames     area  ended") }
    lines += listed.map { track in
      String(
        format: "%6d %9.2f %9.2f %7d %8.0f  ", track.id, track.firstPTS, track.lastPTS, track.framesSeen, track.meanArea
      )
        + track.ended.rawValue
    }
    if listed.count < tracks.count {
      lines.append("and \(tracks.count - listed.count) more; --report FILE.csv has all")
    }
    return lines
  }

  private static func text(_ setting: Manifest.Setting) -> String {
    switch setting {
    case .text(let text): text
    case .whole(let number): String(number)
    case .number(let number): String(format: "%g", number)
    case .flag(let flag): String(flag)
    }
  }
}
