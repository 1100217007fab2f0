import Foundation
import Testing
import VideoIO

/// Every shared clip, held against FFmpeg's own tools.
@Suite(.serialized) struct InputClipTests {
  /// Clips that are damaged; everything else must read as complete.
  static let damaged: Set<String> = ["decord/corrupted.mp4"]

  struct Reference {
    var times: [Double]
    var checksums: [UInt32]

    init(_ path: String, format: String) throws {
      times = try Tool.lines(
        "ffprobe",
        [
          "-v", "error", "-select_streams", "v:0", "-show_entries", "frame=best_effort_timestamp_time", "-of",
          "csv=p=0", path,
        ]
      ).map { Double($0.prefix { $0 != "," }) ?? .nan }
      let arguments = [
        "-nostdin", "-v", "error", "-i", path, "-map", "0:v:0", "-vsync", "passthrough", "-pix_fmt", format, "-c:v",
        "rawvideo", "-f", "framecrc", "-",
      ]
      checksums = try Tool.lines("ffmpeg", arguments).filter { !$0.hasPrefix("#") }.map {
        UInt32($0.split(separator: ",")[5].dropFirst(3), radix: 16)!
      }
    }
  }

  @Test(.enabled(if: SharedData.isPresent, SharedData.absence), arguments: SharedData.allClips)
  func dump(_ clip: String) throws {
    let reading = try Reading(SharedData.clip(clip))
    let reference = try Reference(SharedData.clip(clip), format: "yuv420p")
    print(
      clip, reading.times.count, reading.outcome, reading.counters, reading.info,
      reading.times.count == reference.times.count,
      zip(reading.times, reference.times).map { abs($0 - $1) }.max() ?? -1,
      reading.checksums == reference.checksums)
  }
}
