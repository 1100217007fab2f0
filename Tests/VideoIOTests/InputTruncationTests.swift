import Foundation
import Testing
import VideoIO

/// Files cut short: what decodes is delivered, and the outcome says that something is missing.
@Suite struct InputTruncationTests {
  static let containers: [(name: String, arguments: [String])] = [
    ("faststart.mp4", ["-c:v", "mpeg4", "-movflags", "+faststart"]),
    ("fragmented.mp4", ["-c:v", "mpeg4", "-g", "10", "-movflags", "+frag_keyframe+empty_moov"]),
    ("clip.mkv", ["-c:v", "mpeg4"]),
    // As it is written to a pipe: nothing in it says how long it is.
    ("live.mkv", ["-c:v", "mpeg4", "-live", "1"]),
    ("clip.avi", ["-c:v", "mpeg4"]),
    ("clip.ts", ["-c:v", "mpeg2video"]),
    ("clip.y4m", ["-pix_fmt", "yuv420p"]),
    ("clip.gif", []),
  ]

  private func make(_ name: String, _ arguments: [String], in folder: ScratchFolder) throws -> Data {
    let path = folder.path(name)
    try Tool.ffmpeg(["-f", "lavfi", "-i", "testsrc2=s=160x120:r=25:d=2"] + arguments + ["-bitexact", path])
    return try Data(contentsOf: URL(fileURLWithPath: path))
  }

  private func isTruncated(_ outcome: ReadOutcome) -> Bool {
    if case .truncated = outcome { true } else { false }
  }

  @Test(arguments: containers.indices) func wholeFilesAreComplete(_ index: Int) throws {
    let (name, arguments) = Self.containers[index]
    let folder = try ScratchFolder()
    let data = try make(name, arguments, in: folder)
    let reading = try Reading(folder.path(name))
    #expect(reading.times.count == 50)
    #expect(reading.outcome == .complete)
    let piped = try readThroughPipe(data)
    #expect(piped.checksums == reading.checksums)
    #expect(piped.outcome == .complete)
  }

  @Test(arguments: containers.indices, [0.5, 0.9]) func cutFilesKeepWhatDecodes(_ index: Int, _ part: Double) throws {
    let (name, arguments) = Self.containers[index]
    let folder = try ScratchFolder()
    let data = try make(name, arguments, in: folder)
    let whole = try Reading(folder.path(name))
    // Not a multiple of a transport packet, so that the cut never falls between two frames by chance.
    let cut = data.prefix(Int(Double(data.count) * part) / 188 * 188 + 77)
    for reading in [try Reading(folder.write(cut, as: "cut-" + name)), try readThroughPipe(cut)] {
      #expect(isTruncated(reading.outcome), "\(name): \(reading.outcome)")
      #expect(reading.times.count > Int(Double(50) * part * 0.5))
      #expect(reading.times.count < 50)
      // The frame that was cut may come out patched; those before it are the same.
      let sound = reading.checksums.count - 2
      #expect(reading.checksums.prefix(sound) == whole.checksums.prefix(sound))
    }
  }

  @Test(arguments: ["clip.avi", "clip.mkv", "live.mkv", "faststart.mp4", "fragmented.mp4"])
  func oneMissingByteIsNoticed(_ name: String) throws {
    let arguments = try #require(Self.containers.first { $0.name == name }).arguments
    let folder = try ScratchFolder()
    let data = try make(name, arguments, in: folder)
    let cut = try folder.write(data.dropLast(1), as: "cut-" + name)
    #expect(isTruncated(try Reading(cut).outcome))
    #expect(isTruncated(try readThroughPipe(data.dropLast(1)).outcome))
  }

  @Test func overwrittenBytesAreNoticed() throws {
    let folder = try ScratchFolder()
    var data = try make("clip.mkv", ["-c:v", "mpeg4"], in: folder)
    let middle = data.count / 2
    data.replaceSubrange(middle..<middle + 200, with: Data(repeating: 0x5A, count: 200))
    let reading = try Reading(folder.write(data, as: "damaged.mkv"))
    #expect(isTruncated(reading.outcome))
    #expect(reading.counters.corruptFrames > 0)
    #expect(reading.times.count >= 49)
  }

  @Test(arguments: [1, 5000, 160 * 120 * 3 / 2 - 1]) func partialRawFrameIsNoticed(_ rest: Int) throws {
    let frame = 160 * 120 * 3 / 2
    let data = Data((0..<3 * frame + rest).map { UInt8(truncatingIfNeeded: $0 / 7) })
    let options = VideoReaderOptions(rawVideo: try RawVideoFormat(parsing: "160x120:yuv420p@25"))
    let folder = try ScratchFolder()
    for reading in [
      try Reading(folder.write(data, as: "raw"), options: options), try readThroughPipe(data, options: options),
    ] {
      #expect(reading.times.count == 3)
      #expect(isTruncated(reading.outcome))
    }
  }

  @Test func aReadFaultIsNotTheEnd() throws {
    let folder = try ScratchFolder()
    let path = folder.path("clip.y4m")
    try Tool.ffmpeg(["-f", "lavfi", "-i", "testsrc2=s=320x240:r=25:d=2", "-pix_fmt", "gray", path])
    let (file, directory) = (open(path, O_RDONLY), open(folder.url.path, O_RDONLY))
    defer {
      close(file)
      close(directory)
    }
    let reader = try VideoReader(descriptor: file, name: "clip")
    // From here on reading fails with EISDIR.
    #expect(dup2(directory, file) == file)
    var frames = 0
    while try reader.next() != nil { frames += 1 }
    #expect(1..<50 ~= frames)
    #expect(reader.outcome == .truncated(reason: "reading stopped early: Is a directory"))
  }
}
