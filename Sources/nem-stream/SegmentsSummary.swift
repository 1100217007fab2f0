import Daemon
import Events
import Foundation
import Masks
import VideoIO

/// What the folders of a long run hold together, in words.
struct SegmentsSummary {
  private let folder: String
  private var manifests: [Manifest] = []
  private var frames = 0
  private var span: (first: Date, last: Date)?
  private var tracks = SegmentedTracks()

  /// Whether a file was read: its times say when something was, and not those of the reading.
  var isOfFile: Bool { manifests.last.map { SourceAddress($0.input).canBeReadAgain } ?? false }

  /// The objects, those first that have ended.
  var objects: [SegmentedTracks.Entry] { tracks.entries }

  /// Reads all folders; those that cannot be read are left out, with a note.
  init(folder: String, _ segments: [OutputSegment]) {
    self.folder = folder
    for segment in segments {
      guard let manifest = Manifest.read(in: segment.path), let part = manifest.segment else { continue }
      do throws(VideoError) {
        // Names tell seconds only.
        let found = try TrackRecord.read(in: segment.path, isOpen: manifest.status == .running)
        tracks.add(found, of: part, start: part.start ?? segment.start)
      } catch {
        Console.note("\(segment.path) is left out: \(error)")
        continue
      }
      manifests.append(manifest)
      frames &+= Self.frames(in: segment.path, manifest)
      span = (span?.first ?? segment.start, segment.start)
    }
  }

  /// What is open, or was when the run was killed, has its counts only in the lines of its frames.
  private static func frames(in folder: String, _ manifest: Manifest) -> Int {
    guard manifest.status == .running else { return manifest.frames.decoded &- manifest.frames.dropped }
    return (try? MaskDirectoryReader(path: folder))?.frameCount ?? 0
  }

  /// The sum over all folders; no manifest is trusted not to overflow it.
  private func total(_ count: (Manifest) -> Int?) -> Int { manifests.reduce(0) { $0 &+ (count($1) ?? 0) } }

  /// The summary, with at most so many objects.
  func lines(objects count: Int) -> [String] {
    guard let last = manifests.last, let span else { return ["folder   \(folder), nothing in it can be read"] }
    let all = objects
    let goingOn = all.count { $0.track.ended == .continues }
    let (lost, unassigned) = (total { $0.source?.reconnects }, total(\.unassigned))
    var lines = [
      "input    \(last.input), \(last.width)×\(last.height)",
      "folders  \(manifests.count), begun \(Timecode.text(span.first)) to \(Timecode.text(span.last)): \(statuses)",
      "frames   \(frames) written, \(total(\.frames.dropped)) dropped"
        + (lost > 0 ? "; the source was lost and came back \(lost == 1 ? "once" : "\(lost) times")" : ""),
      "objects  \(all.count - goingOn) ended" + (goingOn > 0 ? ", \(goingOn) of which no more is known yet" : ""),
    ]
    if unassigned > 0 { lines.append("         \(unassigned) times all slots were taken") }
    let listed = all.sorted { $0.track.isListed(before: $1.track) }.prefix(max(0, count))
    if !listed.isEmpty { lines.append("    id  appeared                   seconds  frames     area  ended") }
    lines += listed.map { entry in
      let track = entry.track
      return String(format: "%6d  ", track.id)
        + (isOfFile ? Timecode.text(track.firstPTS) : Timecode.text(entry.appeared)).padding(
          toLength: 25, withPad: " ", startingAt: 0)
        + String(
          format: "  %8.2f %7d %8.0f  ", track.lastPTS - track.firstPTS, track.framesSeen, track.meanArea)
        + track.ended.rawValue
    }
    if listed.count < all.count { lines.append("and \(all.count - listed.count) more; --report FILE.csv has all") }
    return lines
  }

  private var statuses: String {
    let counts = Dictionary(grouping: manifests, by: \.status).mapValues(\.count)
    return counts.sorted { ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue) }
      .map { "\($0.value) \($0.key.rawValue)" }.joined(separator: ", ")
  }
}
