import Foundation
import Kernels
import Testing
import VideoIO

/// Clips of a source: of a file that can be read again, or taken while it is read, by a thread that is ahead of the one
/// that asks for them.
@Suite struct ClipTests {
  private let folder: ScratchFolder

  init() throws { folder = try ScratchFolder() }

  /// A moving picture with sound: 150 frames, a key frame every 10th.
  private func source(_ name: String, showing picture: String = "testsrc") throws -> String {
    let path = folder.path(name)
    let picture = ["-f", "lavfi", "-i", "\(picture)=s=160x96:r=25", "-f", "lavfi", "-i", "sine", "-t", "6"]
    let codecs = ["-c:v", "libx264", "-g", "10", "-bf", "2", "-pix_fmt", "yuv420p", "-c:a", "aac"]
    _ = try Tool.run("ffmpeg", ["-nostdin", "-v", "error"] + picture + codecs + [path])
    return path
  }

  private func frames(_ path: String, isWhole: Bool = true) throws -> [(pts: Double, luma: Image<UInt8>)] {
    let reader = try VideoReader(path)
    var frames: [(pts: Double, luma: Image<UInt8>)] = []
    while let frame = try reader.next() { frames.append((frame.pts, frame.luma())) }
    #expect(reader.outcome == .complete || !isWhole, "\(path)")
    return frames
  }

  /// Reads a file through a recorder, and tells it each frame `lag` frames later. `body` is called with each frame told.
  private func read(
    _ path: String, _ recorder: ClipRecorder, lag: Int = 40, _ body: (Int, Double) -> Void
  ) throws -> [ClipRecorder.Outcome] {
    var options = VideoReaderOptions()
    options.recorder = recorder
    let reader = try VideoReader(path, options: options)
    try recorder.check(path)
    var (times, told): ([Double], Int) = ([], 0)
    var outcomes: [ClipRecorder.Outcome] = []
    func tell() {
      body(told, times[told])
      outcomes += recorder.advance(to: times[told], before: 0.5)
      told += 1
    }
    while let frame = try reader.next() {
      times.append(frame.pts)
      if times.count > told + lag { tell() }
    }
    while told < times.count { tell() }
    return outcomes + recorder.close()
  }

  /// Checks that a clip holds the source's frames without a gap, from a key frame on; returns their numbers.
  private func expectCopy(_ path: String, of source: [(pts: Double, luma: Image<UInt8>)]) throws -> Range<Int> {
    let clip = try frames(path)
    let first = try #require(clip.first)
    let start = try #require(source.firstIndex { $0.luma == first.luma }, "\(path)")
    for (mine, theirs) in zip(clip, source[start...]) {
      #expect(mine.luma == theirs.luma && abs(mine.pts - (theirs.pts - source[start].pts)) < 0.0011, "\(path)")
    }
    #expect(start % 10 == 0 && first.pts == 0 && clip.count <= source.count - start, "\(path)")
    return start..<start + clip.count
  }

  @Test(arguments: [("mkv", 64 << 20), ("ts", 64 << 20), ("ts", 100_000)]) func clipsAreWholeCopies(
    _ container: String, _ byteLimit: Int
  ) throws {
    let path = try source("in.\(container)")
    let source = try frames(path)
    let recorder = ClipRecorder(byteLimit: byteLimit)
    let outcomes = try read(path, recorder) { index, seconds in
      for (id, start, end) in [(1, 60, 90), (2, 70, 140), (3, 1, 149)] {
        if index == start { recorder.begin(id, at: seconds) { [folder] _ in folder.path("\(id).mkv") } }
        if index == end { recorder.end(id, at: seconds + 0.2) }
      }
    }
    #expect(outcomes.map(\.id).sorted() == [1, 2, 3] && outcomes.allSatisfy { $0.fault == nil })
    for (id, start, end) in [(1, 60, 90), (2, 70, 140), (3, 1, 149)] {
      let shown = try expectCopy(folder.path("\(id).mkv"), of: source)
      // Memory that is too small for the time before an object gives up some of that, and nothing else.
      if byteLimit > 100_000 { #expect(shown.lowerBound == max(0, (start - 13) / 10 * 10), "\(id): \(shown)") }
      #expect(shown.lowerBound <= start + 50)
      // Where memory is small, more of the time after it is written than is wanted.
      let last = byteLimit > 100_000 ? min(end + 9, 150) : 150
      #expect((min(end + 6, 150)...last).contains(shown.upperBound), "\(id): \(shown)")
    }
    let sound = try Tool.run(
      "ffprobe", ["-v", "error", "-show_entries", "stream=codec_type", folder.path("1.mkv")])
    #expect(String(decoding: sound, as: UTF8.self).contains("audio"))
  }

  /// A recording that was put together of two, whose clock goes back between them.
  @Test func clipsOfAClockThatGoesBackShowTheirFrames() throws {
    let parts = try ["testsrc", "testsrc2"].map { picture in
      try Data(contentsOf: URL(fileURLWithPath: source("\(picture).ts", showing: picture)))
    }
    let path = try folder.write(parts[0] + parts[1], as: "both.ts")
    let reader = try VideoReader(path)
    while try reader.next() != nil {}
    #expect(reader.counters.source.clockJumps == 1)
    let (whole, cutter) = (try frames(path, isWhole: false), try ClipCutter(SourceAddress(path), places: reader.places))
    for (start, end) in [(61, 90), (135, 165), (212, 240)] {
      let clip = folder.path("\(start).mkv")
      #expect(try cutter.cut(from: whole[start].pts, to: whole[end].pts, into: clip))
      let shown = try expectCopy(clip, of: whole)
      #expect(shown.lowerBound == start / 10 * 10 && (end + 1...end + 3).contains(shown.upperBound), "\(shown)")
    }
  }

  @Test func whatIsNoLongerInMemoryHasNoFile() throws {
    let path = try source("in.ts")
    let recorder = ClipRecorder(byteLimit: 5_000)
    let outcomes = try read(path, recorder, lag: 100) { [folder] index, seconds in
      if index == 5 { recorder.begin(1, at: seconds) { _ in folder.path("1.mkv") } }
      if index == 8 { recorder.end(1, at: seconds) }
    }
    #expect(outcomes.map(\.id) == [1] && outcomes[0].path == nil && outcomes[0].fault == nil)
  }

  @Test func memoryHasABound() throws {
    let path = try source("in.ts")
    let recorder = ClipRecorder(byteLimit: 30_000)
    var most = 0
    _ = try read(path, recorder, lag: 1000) { _, _ in most = max(most, recorder.byteCount) }
    #expect(most > 10_000 && most <= 30_000)
    // Of one that keeps up, hardly more is kept than what comes before.
    let quick = ClipRecorder()
    most = 0
    _ = try read(path, quick, lag: 1) { index, _ in most = index > 50 ? max(most, quick.byteCount) : 0 }
    let size = try Data(contentsOf: URL(fileURLWithPath: path)).count
    #expect(most < 2 * size / 3, "\(most) of \(size)")
  }

  @Test func whatCannotBeWrittenIsTakenBack() throws {
    let path = try source("in.ts")
    let recorder = ClipRecorder()
    let outcomes = try read(path, recorder) { [folder] index, seconds in
      guard index == 10 else { return }
      for (id, name) in [(1, "none/1.mkv"), (2, "2.mkv")] {
        recorder.begin(id, at: seconds) { _ in folder.path(name) }
      }
    }
    #expect(outcomes.first { $0.id == 1 }?.fault != nil && outcomes.first { $0.id == 2 }?.fault == nil)
    #expect(try expectCopy(folder.path("2.mkv"), of: frames(path)) == 0..<150)
  }

  @Test func rawPicturesAreRefused() throws {
    let path = folder.path("in.y4m")
    let picture = ["-f", "lavfi", "-i", "testsrc=s=64x48", "-t", "1", "-pix_fmt", "yuv420p"]
    _ = try Tool.run("ffmpeg", ["-nostdin", "-v", "error"] + picture + [path])
    #expect { try read(path, ClipRecorder()) { _, _ in } } throws: {
      ($0 as? VideoError)?.reason.contains("rawvideo") == true
    }
  }
}
