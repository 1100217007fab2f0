import Foundation
import Testing
import VideoIO

/// Every shared clip, held against FFmpeg's own tools.
@Suite struct InputClipTests {
  /// Its bit stream has invalid NAL units: FFmpeg delivers 49 of 50 frames and complains.
  static let damaged = "decord/corrupted.mp4"
  /// The stream that is read where it is not the first video stream: the larger one, as ffmpeg chooses.
  static let chosenStream = ["torchcodec/nasa_13013.mp4": "v:1"]

  static func stream(_ clip: String) -> String { chosenStream[clip] ?? "v:0" }

  /// Small enough to compare every pixel.
  static let pixelClips = SharedData.allClips.filter { clip in
    let size = try? FileManager.default.attributesOfItem(atPath: SharedData.clip(clip))[.size] as? Int
    return (size ?? 0) < 700_000 && clip != damaged
  }

  @Test(.enabled(if: SharedData.isPresent, SharedData.absence), arguments: SharedData.allClips)
  func everyFrameComesWithItsTime(_ clip: String) throws {
    let reading = try Reading(SharedData.clip(clip), checksums: false)
    let fields = try Tool.lines(
      "ffprobe",
      [
        "-v", "error", "-select_streams", Self.stream(clip), "-count_frames", "-show_entries",
        "frame=best_effort_timestamp_time:stream=nb_read_frames", "-of", "flat", SharedData.clip(clip),
      ])
    let values = fields.map { $0.split(separator: "=")[1].trimmingCharacters(in: CharacterSet(charactersIn: "\"")) }
    #expect(reading.times.count == Int(try #require(values.last)))
    // "N/A" for the last frames of an AVI, whose packets were used up: those times are guessed by both.
    let expected = values.dropLast().map(Double.init)
    #expect(expected.count == reading.times.count)
    #expect(zip(reading.times, expected).allSatisfy { abs($0 - ($1 ?? $0)) < 1e-6 })
    #expect(zip(reading.ticks, reading.ticks.dropFirst()).allSatisfy { $0 < $1 })
    if clip == Self.damaged {
      #expect(reading.outcome == .truncated(reason: "it has damaged frames"))
    } else {
      #expect(reading.outcome == .complete)
      #expect(reading.counters == ReadCounters(decodedFrames: expected.count))
    }
  }

  @Test(.enabled(if: SharedData.isPresent, SharedData.absence), arguments: pixelClips)
  func everyPixelIsTheDecoders(_ clip: String) throws {
    let reading = try Reading(SharedData.clip(clip))
    let sizes = ["-map", "0:\(Self.stream(clip))"]
    let expected = try Tool.checksums(SharedData.clip(clip), sizes, format: reading.ffmpegFormat)
    #expect(reading.checksums == expected)
  }

  @Test(.enabled(if: SharedData.isPresent, SharedData.absence), arguments: [0, 90, 180, 270])
  func rotationIsApplied(_ degrees: Int) throws {
    let reader = try VideoReader(SharedData.clip("decord/video_\(degrees).mov"))
    let upright = degrees % 180 == 0
    #expect(reader.info.rotation == degrees)
    #expect(reader.info.width == (upright ? 568 : 320))
    #expect(reader.info.height == (upright ? 320 : 568))
    let frame = try #require(try reader.next())
    #expect(frame.planeSize(1).width == (upright ? 284 : 160))
  }

  @Test(.enabled(if: SharedData.isPresent, SharedData.absence))
  func lateStartKeepsItsTime() throws {
    let reader = try VideoReader(SharedData.clip("pyscenedetect/delayed_start.mp4"))
    let first = try #require(try reader.next())
    #expect(abs(first.pts - 1.075) < 1e-9)
    #expect(first.index == 0)
  }

  @Test(.enabled(if: SharedData.isPresent, SharedData.absence))
  func threadCountDoesNotShow() throws {
    let clip = SharedData.clip("torchcodec/nasa_13013.mp4")
    let readings = try [1, 2, 5].map { try Reading(clip, options: VideoReaderOptions(threads: $0)) }
    #expect(readings[0].checksums == readings[1].checksums)
    #expect(readings[0].checksums == readings[2].checksums)
    #expect(readings[0].ticks == readings[2].ticks)
    #expect(readings[0].info.notes.count == 1, "the choice between two video streams is worth a note")
  }
}
