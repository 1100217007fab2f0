import Foundation
import Testing
import VideoIO

/// Pipes, redirected files, temporary files and raw frames.
@Suite struct InputPipeTests {
  private func makeClip(_ name: String, _ arguments: [String], in folder: ScratchFolder) throws -> Data {
    try Tool.ffmpeg(
      ["-f", "lavfi", "-i", "testsrc2=s=96x64:r=30000/1001:d=1"] + arguments + ["-bitexact", folder.path(name)])
    return try Data(contentsOf: URL(fileURLWithPath: folder.path(name)))
  }

  @Test func indexAtTheEndIsSpooled() throws {
    let folder = try ScratchFolder()
    let data = try makeClip("end.mp4", ["-c:v", "mpeg4"], in: folder)
    let file = try Reading(folder.path("end.mp4"))
    #expect(file.info.notes.isEmpty)
    let piped = try readThroughPipe(data)
    #expect(piped.info.notes.count == 1)
    #expect(piped.info.notes.first?.contains("\(data.count) bytes") == true)
    #expect(piped.checksums == file.checksums)
    #expect(piped.ticks == file.ticks)
    #expect(piped.outcome == .complete)
  }

  @Test func indexAtTheStartIsNotSpooled() throws {
    let folder = try ScratchFolder()
    let data = try makeClip("start.mp4", ["-c:v", "mpeg4", "-movflags", "+faststart"], in: folder)
    let piped = try readThroughPipe(data, options: VideoReaderOptions(spoolLimit: 0))
    #expect(piped.info.notes.isEmpty)
    #expect(piped.times.count == 30)
    #expect(piped.outcome == .complete)
  }

  @Test func spoolLimitIsKept() throws {
    let folder = try ScratchFolder()
    let data = try makeClip("end.mp4", ["-c:v", "mpeg4"], in: folder)
    #expect(throws: VideoError.spoolLimit("stdin", limit: data.count - 1)) {
      try readThroughPipe(data, options: VideoReaderOptions(spoolLimit: data.count - 1))
    }
    #expect(try readThroughPipe(data, options: VideoReaderOptions(spoolLimit: data.count)).outcome == .complete)
  }

  @Test func redirectedFileIsReadFromWhereItStands() throws {
    let folder = try ScratchFolder()
    let data = try makeClip("end.mp4", ["-c:v", "mpeg4"], in: folder)
    let path = try folder.write(Data("preamble".utf8) + data, as: "shifted")
    let handle = try #require(FileHandle(forReadingAtPath: path))
    try handle.seek(toOffset: 8)
    let reading = try Reading(VideoReader(descriptor: handle.fileDescriptor, name: "stdin"))
    #expect(reading.info.notes.isEmpty)
    #expect(reading.checksums == (try Reading(folder.path("end.mp4")).checksums))
    #expect(reading.outcome == .complete)
  }

  @Test func yuv4mpegHasTheSameFrames() throws {
    let folder = try ScratchFolder()
    _ = try makeClip("clip.mp4", ["-c:v", "mpeg4"], in: folder)
    let data = try Tool.run(
      "ffmpeg", ["-nostdin", "-v", "error", "-i", folder.path("clip.mp4"), "-f", "yuv4mpegpipe", "-"])
    let (clip, piped) = (try Reading(folder.path("clip.mp4")), try readThroughPipe(data))
    #expect(piped.checksums == clip.checksums)
    #expect(zip(piped.times, clip.times).allSatisfy { abs($0 - $1) < 1e-9 })
    #expect(piped.outcome == .complete)
  }

  @Test(arguments: [("gray", "gray"), ("yuv420p", "yuv420p"), ("nv12", "yuv420p"), ("rgb24", "yuvj444p")])
  func rawFrames(_ format: String, _ delivered: String) throws {
    let folder = try ScratchFolder()
    _ = try makeClip("clip.mkv", ["-c:v", "ffv1", "-pix_fmt", "yuv420p"], in: folder)
    let arguments = ["-nostdin", "-v", "error", "-i", folder.path("clip.mkv"), "-pix_fmt", format]
    let data = try Tool.run("ffmpeg", arguments + ["-f", "rawvideo", "-"])
    let raw = try RawVideoFormat(parsing: "96x64:\(format)@30000/1001")
    let piped = try readThroughPipe(data, options: VideoReaderOptions(rawVideo: raw))
    #expect(piped.times.count == 30)
    #expect(piped.ffmpegFormat == delivered)
    #expect(piped.outcome == .complete)
    #expect(abs(piped.times[29] - 29 * 1001.0 / 30000) < 1e-9)
    if delivered == "yuv420p" { #expect(piped.checksums == (try Reading(folder.path("clip.mkv")).checksums)) }
  }

  @Test func interruptEndsAWaitingRead() throws {
    let folder = try ScratchFolder()
    let data = try makeClip("clip.y4m", ["-pix_fmt", "gray"], in: folder)
    let pipe = Pipe()
    let writer = Thread { try? pipe.fileHandleForWriting.write(contentsOf: data) }
    writer.start()
    let reader = try VideoReader(descriptor: pipe.fileHandleForReading.fileDescriptor, name: "stdin")
    // The writer keeps the pipe open, so that reading past its frames waits for ever.
    var frames = 0
    while let frame = try reader.next() {
      frames += 1
      if frame.index == 10 { reader.interrupt.set() }
    }
    #expect(frames == 11)
    #expect(reader.outcome == .interrupted)
    withExtendedLifetime(pipe) {}
  }
}
