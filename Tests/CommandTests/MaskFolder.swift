import Foundation
import Kernels
import Masks
import Testing
import VideoIO

/// Reads what a run has written, as any other program would.
struct MaskFolder {
  let url: URL

  init(_ place: Workplace, _ name: String) { url = place.url(name) }

  private func path(_ name: String) -> String { url.appendingPathComponent(name).path }

  /// The lines of a file; each must end in a newline.
  private func lines(_ name: String) throws -> [Data] {
    let data = try Data(contentsOf: url.appendingPathComponent(name))
    #expect(data.isEmpty || data.last == UInt8(ascii: "\n"), "\(name) ends in half a line")
    return data.split(separator: UInt8(ascii: "\n"))
  }

  func frames() throws -> [FrameRecord] {
    try lines("frames.jsonl").map { try JSONDecoder().decode(FrameRecord.self, from: $0) }
  }

  func tracks() throws -> [TrackRecord] {
    try lines("tracks.jsonl").map { try JSONDecoder().decode(TrackRecord.self, from: $0) }
  }

  func manifest() throws -> Manifest {
    try JSONDecoder().decode(Manifest.self, from: Data(contentsOf: url.appendingPathComponent("manifest.json")))
  }

  func objectPath(_ id: Int) -> String { path(String(format: "objects/%04d.mkv", id)) }

  var baselinePath: String { path("baseline/foreground.mkv") }

  /// The mask videos of all objects, by name.
  func objectNames() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path("objects")).filter { $0.hasSuffix(".mkv") }.sorted()
  }

  /// Every mask of a stream with its time in seconds.
  static func masks(_ path: String) throws -> [(pts: Double, mask: Image<UInt8>)] {
    let reader = try VideoReader(path)
    var masks: [(pts: Double, mask: Image<UInt8>)] = []
    while let frame = try reader.next() { masks.append((frame.pts, frame.luma())) }
    return masks
  }

  /// Checks that all streams of a folder hold what its lines say.
  func expectConsistent(sourceLocation: SourceLocation = #_sourceLocation) throws {
    let frames = try frames()
    let tracks = try tracks()
    #expect(frames.map(\.frame) == Array(0..<frames.count), sourceLocation: sourceLocation)
    let seen = Set(frames.flatMap(\.objects).map(\.id))
    #expect(Set(tracks.map(\.id)) == seen, "one line for each object", sourceLocation: sourceLocation)
    #expect(tracks.count == seen.count, "one line for each object", sourceLocation: sourceLocation)
    #expect(try objectNames().count == seen.count, sourceLocation: sourceLocation)
    for track in tracks {
      let expected = frames.filter { $0.objects.contains { $0.id == track.id } }
      let visible = expected.flatMap(\.objects).filter { $0.id == track.id && $0.area > 0 }
      let masks = try Self.masks(objectPath(track.id))
      #expect(masks.count == expected.count, "object \(track.id)", sourceLocation: sourceLocation)
      #expect(track.framesSeen == visible.count, "object \(track.id)", sourceLocation: sourceLocation)
      #expect(track.firstFrame == expected.first?.frame, "object \(track.id)", sourceLocation: sourceLocation)
      for (frame, mask) in zip(expected, masks) {
        let object = frame.objects.first { $0.id == track.id }!
        let area = mask.mask.pixels.reduce(0) { $0 + ($1 == 255 ? 1 : 0) }
        #expect(area == object.area, "object \(track.id), frame \(frame.frame)", sourceLocation: sourceLocation)
        #expect(abs(mask.pts - frame.pts) <= 0.001, "object \(track.id)", sourceLocation: sourceLocation)
      }
    }
  }

  /// Checks that two folders hold the same objects in the same pixels; times may differ by a millisecond.
  func expectSame(as other: MaskFolder, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let (mine, theirs) = (try frames(), try other.frames())
    #expect(mine.map(\.objects) == theirs.map(\.objects), sourceLocation: sourceLocation)
    for (a, b) in zip(mine, theirs) { #expect(abs(a.pts - b.pts) <= 0.001, sourceLocation: sourceLocation) }
    #expect(try objectNames() == other.objectNames(), sourceLocation: sourceLocation)
    for name in try objectNames().map({ "objects/" + $0 }) + ["baseline/foreground.mkv"] {
      let (a, b) = (try Self.masks(path(name)), try Self.masks(other.path(name)))
      #expect(a.map(\.mask) == b.map(\.mask), "\(name)", sourceLocation: sourceLocation)
    }
  }
}
