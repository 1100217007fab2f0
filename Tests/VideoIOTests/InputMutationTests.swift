import Foundation
import Kernels
import Testing
import VideoIO

/// Ten thousand damaged clips: no crash, no hang, and what was cut is never complete.
@Suite struct InputMutationTests {
  private static let mutations = 10_000
  private static let frames = 12
  /// Seconds after which reading a small clip counts as a hang.
  private static let limit = 60.0
  static let clips: [(name: String, arguments: [String])] = [
    ("faststart.mp4", ["-c:v", "libx264", "-movflags", "+faststart"]), ("clip.mp4", ["-c:v", "mpeg4"]),
    ("fragmented.mp4", ["-c:v", "libx264", "-g", "4", "-movflags", "+frag_keyframe+empty_moov"]),
    ("clip.mkv", ["-c:v", "libx264"]), ("clip.webm", ["-c:v", "libvpx"]), ("clip.avi", ["-c:v", "mjpeg"]),
    ("clip.ts", ["-c:v", "mpeg2video"]), ("clip.y4m", []), ("clip.gif", []), ("clip.mov", ["-c:v", "png"]),
  ]

  /// What became of a damaged clip.
  private enum Ending: Hashable { case refused, truncated, complete }

  /// The clip's bytes.
  private func make(_ index: Int, in folder: ScratchFolder) throws -> Data {
    let (name, arguments) = Self.clips[index]
    let source = "testsrc2=s=64x48:r=25:d=\(Double(Self.frames) / 25)"
    let path = folder.path(name)
    try Tool.ffmpeg(
      ["-f", "lavfi", "-i", source, "-pix_fmt", name.hasSuffix("gif") ? "pal8" : "yuv420p"] + arguments + [
        "-bitexact", path,
      ])
    return try Data(contentsOf: URL(fileURLWithPath: path))
  }

  /// Lengths at which nothing tells a cut from the end: before a frame, a transport packet, a fragment, or what may be
  /// left out.
  private func ends(of data: Data, _ name: String) -> Set<Int> {
    func places(_ word: String, after offset: Int) -> [Int] {
      var (places, rest) = ([Int](), data[...])
      while let found = rest.firstRange(of: Data(word.utf8)) {
        places.append(found.lowerBound - offset)
        rest = data[found.upperBound...]
      }
      return places
    }
    switch (name as NSString).pathExtension {
    case "y4m": return Set(places("FRAME", after: 0))
    case "ts": return Set(stride(from: 0, to: data.count, by: 188))
    case "mp4": return Set(places("moof", after: 4) + places("mfra", after: 4))
    default: return []
    }
  }

  /// Reads a file to its end.
  private func ending(_ path: String) -> Ending {
    let start = ContinuousClock().now
    defer { #expect(ContinuousClock().now - start < .seconds(Self.limit), "a hang") }
    guard let reader = try? VideoReader(path, options: VideoReaderOptions(threads: 1)) else { return .refused }
    do { while try reader.next() != nil {} } catch { return .refused }
    return reader.outcome == .complete ? .complete : .truncated
  }

  @Test(arguments: clips.indices) func whatWasCutIsNeverComplete(_ index: Int) throws {
    let folder = try ScratchFolder()
    let data = try make(index, in: folder)
    #expect(ending(folder.path(Self.clips[index].name)) == .complete)
    let ends = ends(of: data, Self.clips[index].name)
    var random = RandomSource(seed: UInt64(index))
    var endings: [Ending: Int] = [:]
    for _ in 0..<Self.mutations / Self.clips.count / 2 {
      let length = random.integer(below: data.count)
      if ends.contains(length) { continue }
      let result = ending(try folder.write(data.prefix(length), as: "cut-" + Self.clips[index].name))
      #expect(result != .complete, "\(length) of \(data.count) bytes")
      endings[result, default: 0] += 1
    }
    #expect(endings[.truncated, default: 0] + endings[.refused, default: 0] > 400)
  }

  @Test(arguments: clips.indices) func turnedBitsDoNoHarm(_ index: Int) throws {
    let folder = try ScratchFolder()
    let data = try make(index, in: folder)
    var random = RandomSource(seed: UInt64(100 + index))
    var endings: [Ending: Int] = [:]
    for _ in 0..<Self.mutations / Self.clips.count / 2 {
      var damaged = data
      for _ in 0...random.integer(below: 8) {
        let bit = random.integer(below: 8 * data.count)
        damaged[bit / 8] ^= 1 << (bit % 8)
      }
      endings[ending(try folder.write(damaged, as: "turned-" + Self.clips[index].name)), default: 0] += 1
    }
    #expect(endings[.refused, default: 0] + endings[.truncated, default: 0] > 0)
  }
}
