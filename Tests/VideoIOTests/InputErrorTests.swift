import Foundation
import Testing
import VideoIO

/// Inputs that hold no video: each gets the error that its exit code needs, in one line that names it.
@Suite struct InputErrorTests {
  private func error(_ path: String) -> VideoError? {
    do throws(VideoError) {
      _ = try VideoReader(path)
      return nil
    } catch {
      #expect(!error.description.contains("\n"))
      return error
    }
  }

  @Test func missingFile() throws {
    let path = try ScratchFolder().path("none.mp4")
    #expect(error(path) == .notFound(path))
    #expect(error("file://" + path) == .notFound(path))
    #expect(error("") == .notFound(""))
  }

  @Test func directory() throws {
    let folder = try ScratchFolder()
    guard case .cannotRead(let subject, let reason) = error(folder.url.path) else {
      Issue.record("a directory was read")
      return
    }
    #expect(subject == folder.url.path)
    #expect(reason.contains("directory"))
  }

  @Test func notAVideo() throws {
    let folder = try ScratchFolder()
    var noise = SystemRandomNumberGenerator()
    let inputs: [(String, Data)] = [
      ("empty.mp4", Data()),
      ("notes.txt", Data(String(repeating: "This is a text, not a video.\n", count: 300).utf8)),
      ("text.mp4", Data("short".utf8)),
      ("zeros.bin", Data(count: 100_000)),
      ("noise.bin", Data((0..<100_000).map { _ in UInt8.random(in: 0...255, using: &noise) })),
      ("list.ffconcat", Data("ffconcat version 1.0\nfile /dev/null\n".utf8)),
    ]
    for (name, data) in inputs {
      let path = try folder.write(data, as: name)
      guard case .cannotOpen(path, _) = error(path) else {
        Issue.record("\(name): \(String(describing: error(path)))")
        continue
      }
    }
  }

  @Test func soundWithoutPicture() throws {
    let folder = try ScratchFolder()
    let path = folder.path("sound.wav")
    try Tool.ffmpeg(["-f", "lavfi", "-i", "sine=d=0.2", path])
    #expect(error(path) == .cannotOpen(path, reason: "it has no video stream"))
  }

  @Test func emptyPipe() {
    #expect(throws: VideoError.cannotOpen("stdin", reason: "it is empty")) { try readThroughPipe(Data()) }
  }

  @Test func secretsInURLsAreNotShown() throws {
    let shown = try #require(error("rtsp://user:secret@127.0.0.1:1/stream")).description
    #expect(shown == "cannot reach rtsp://user:***@127.0.0.1:1/stream: Connection refused")
  }

  @Test func fileURL() throws {
    let folder = try ScratchFolder()
    let path = folder.path("a clip: 100%.mkv")
    try Tool.ffmpeg(["-f", "lavfi", "-i", "testsrc2=s=32x32:d=0.2", "-c:v", "ffv1", "file:" + path])
    #expect(try Reading(path).times.count == 5)
    #expect(try Reading("file:" + path).times.count == 5)
    #expect(try Reading(URL(fileURLWithPath: path).absoluteString).times.count == 5)
  }

  @Test func rawFormats() throws {
    let parsed = try RawVideoFormat(parsing: "641x359:nv12@30000/1001")
    #expect(parsed.width == 641)
    #expect(parsed.height == 359)
    #expect(parsed.pixelFormat == .nv12)
    #expect(parsed.rate == Rational(numerator: 30000, denominator: 1001))
    for (text, rate) in [("29.97", (2997, 100)), ("12.5", (125, 10)), ("23.97602", (2_397_602, 100_000))] {
      let expected = Rational(numerator: rate.0, denominator: rate.1)
      #expect(try RawVideoFormat(parsing: "8x8:gray@\(text)").rate == expected)
    }
    for text in [
      "", "640x480", "640x480:gray", "640x480@25", "640:gray@25", "0x480:gray@25", "640x20000:gray@25",
      "640x480:yuv@25", "640x480:gray@0", "640x480:gray@1/0", "640x480:gray@-25", "640x480:gray@25/1/1",
      "640x480x3:gray@25", " 640x480:gray@25", "640x480:gray@2.", "640x480:gray@.5", "640x480:gray@1.2.3",
      "640x480:gray@2.5/1", "640x480:gray@23.976024", "640x480:gray@-2.5", "9999999999999999999x1:gray@25",
    ] {
      #expect(throws: VideoError.self, "\(text)") { try RawVideoFormat(parsing: text) }
    }
  }
}
