import Foundation
import Testing
import VideoIO

/// Streams that change in their middle, as broadcasts and cameras do.
@Suite struct InputChangeTests {
  private func part(_ name: String, _ source: String, _ arguments: [String], in folder: ScratchFolder) throws -> Data {
    try Tool.ffmpeg(["-f", "lavfi", "-i", "testsrc2=\(source):d=2"] + arguments + ["-f", "mpegts", folder.path(name)])
    return try Data(contentsOf: URL(fileURLWithPath: folder.path(name)))
  }

  private static let h264 = ["-c:v", "libx264", "-g", "25", "-pix_fmt", "yuv420p"]

  @Test(arguments: [("640x480", 0), ("640x360", 1)]) func anotherSize(_ size: String, _ scene: Int) throws {
    let folder = try ScratchFolder()
    let data = try part("a", "s=320x240", Self.h264, in: folder) + part("b", "s=\(size)", Self.h264, in: folder)
    let reader = try VideoReader(folder.write(data, as: "both.ts"))
    var scenes: [Int] = []
    while let frame = try reader.next() {
      #expect(frame.width == 320 && frame.height == 240)
      scenes.append(frame.scene)
    }
    #expect(scenes == Array(repeating: 0, count: 50) + Array(repeating: scene, count: 50))
    #expect(reader.counters.source.pictureChanges == 1)
  }

  /// A change of chroma resolution is brought to the first one; whoever reads the planes relies on it.
  @Test(arguments: [("yuv420p", "yuv444p"), ("yuv444p", "yuv420p"), ("gray", "yuv420p")])
  func anotherSampling(_ formats: (String, String)) throws {
    let folder = try ScratchFolder()
    let data = try [formats.0, formats.1].reduce(Data()) {
      try $0 + part($1, "s=320x240", ["-c:v", "libx264", "-pix_fmt", $1, "-profile:v", "high444"], in: folder)
    }
    let reader = try VideoReader(folder.write(data, as: "both.ts"))
    let first = try #require(try reader.next())
    var frames = 1
    while let frame = try reader.next() {
      frames += 1
      #expect(frame.isGray == first.isGray)
      #expect(frame.chromaShiftX == first.chromaShiftX && frame.chromaShiftY == first.chromaShiftY)
    }
    #expect(frames == 100)
  }

  /// The second half comes as another stream with another codec.
  @Test func anotherCodec() throws {
    let folder = try ScratchFolder()
    let other = ["-c:v", "mpeg2video", "-g", "5", "-mpegts_start_pid", "0x200", "-mpegts_pmt_start_pid", "0x1100"]
    let data = try part("a", "s=320x240", Self.h264, in: folder) + part("b", "s=320x240", other, in: folder)
    let reader = try VideoReader(folder.write(data, as: "both.ts"))
    var times: [Double] = []
    while let frame = try reader.next() { times.append(frame.pts) }
    // What the first half had no successor for is noticed after some packets.
    #expect((80...100).contains(times.count), "\(times.count)")
    #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 })
    #expect(reader.counters.source.clockJumps == 1)
  }

  /// The 33 bits of a transport stream's clock run out every 26.5 hours.
  @Test func aClockThatRunsOut() throws {
    let folder = try ScratchFolder()
    let start = ["-output_ts_offset", "95442", "-muxdelay", "0"]
    _ = try part("wrap.ts", "s=64x64", Self.h264 + start, in: folder)
    let reading = try Reading(folder.path("wrap.ts"), checksums: false)
    #expect(reading.times.count == 50)
    #expect(zip(reading.times, reading.times.dropFirst()).allSatisfy { abs($1 - $0 - 0.04) < 1e-6 })
  }
}
