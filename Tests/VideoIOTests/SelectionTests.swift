import Foundation
import Kernels
import Testing
import VideoIO

/// Which frames of a video are read.
@Suite struct SelectionTests {
  /// What tells a frame: its time and all its pixels.
  private struct Seen: Equatable {
    var timestamp: Int64
    var pixels: Int
  }

  private static func read(_ path: String, _ selection: FrameSelection = FrameSelection()) throws -> (
    frames: [Seen], outcome: ReadOutcome, info: VideoInfo
  ) {
    var options = VideoReaderOptions(threads: 1)
    options.selection = selection
    let reader = try VideoReader(path, options: options)
    var frames: [Seen] = []
    while let frame = try reader.next() {
      #expect(frame.index == frames.count)
      frames.append(Seen(timestamp: frame.timestamp, pixels: frame.luma().pixels.hashValue))
    }
    return (frames, reader.outcome, reader.info)
  }

  private static func selection(_ start: Moment, _ length: Moment? = nil, every: Int = 1) -> FrameSelection {
    var selection = FrameSelection()
    (selection.start, selection.length, selection.every) = (start, length, every)
    return selection
  }

  /// Long distances between key frames, B-frames, and group of pictures that refer to the one before.
  @Test(arguments: [
    "-c:v libx264 -bf 3 -g 40 a.mp4", "-c:v libx264 -bf 3 -g 12 -x264-params open-gop=1 a.mkv",
    "-c:v libx265 -x265-params log-level=none:open-gop=1:keyint=12 a.mp4", "-c:v mpeg4 -bf 2 -g 30 a.avi",
    "-c:v libx264 -g 20 -output_ts_offset 7 a.ts", "-c:v libvpx-vp9 -g 25 -cpu-used 8 a.webm",
  ])
  func timesAreExactToTheFrame(_ encoding: String) throws {
    let folder = try ScratchFolder()
    let path = folder.path(String(encoding.split(separator: " ").last!))
    let words = encoding.split(separator: " ").dropLast().map(String.init)
    try Self.ffmpeg(["-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=5", "-pix_fmt", "yuv420p"] + words + [path])
    let whole = try Self.read(path)
    #expect(whole.frames.count == 125 && whole.outcome == .complete)
    let origin = whole.frames[0].timestamp
    let base = whole.info.timeBase.value
    for start in [0.0, 0.04, 0.5, 1.59, 1.6, 1.61, 2.44, 3.99, 4.9] {
      let expected = whole.frames.filter { Double($0.timestamp - origin) * base >= start - 1e-6 }
      let part = try Self.read(path, Self.selection(.seconds(start)))
      #expect(part.frames == expected, "\(encoding) from \(start) s")
      #expect(part.outcome == .complete, "\(encoding) from \(start) s")
      let second = try Self.read(path, Self.selection(.seconds(start), .frames(10), every: 3))
      #expect(second.frames == stride(from: 0, to: min(10, expected.count), by: 3).map { expected[$0] })
      #expect(second.outcome == .complete, "\(encoding) from \(start) s")
    }
    #expect(try Self.read(path, Self.selection(.frames(31), .frames(7))).frames == Array(whole.frames[31..<38]))
    var ending = Self.selection(.frames(100))
    ending.end = .seconds(4.4)
    #expect(try Self.read(path, ending).frames == Array(whole.frames[100..<110]))
    #expect(throws: VideoError.self) { try VideoReader(path, options: Self.options(Self.selection(.seconds(5)))) }
  }

  private static func options(_ selection: FrameSelection) -> VideoReaderOptions {
    var options = VideoReaderOptions(threads: 1)
    options.selection = selection
    return options
  }

  private static func ffmpeg(_ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["ffmpeg", "-nostdin", "-v", "error", "-y"] + arguments
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "ffmpeg \(arguments.joined(separator: " "))")
  }

  /// Damage behind the chosen part is of no concern; a file that is cut short inside it is.
  @Test func onlyTheChosenPartHasToBeWhole() throws {
    let folder = try ScratchFolder()
    let (whole, cut) = (folder.path("whole.mkv"), folder.path("cut.mkv"))
    try Self.ffmpeg(["-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=8", "-c:v", "libx264", "-g", "25", whole])
    let data = try Data(contentsOf: URL(fileURLWithPath: whole))
    try data.prefix(data.count / 2).write(to: URL(fileURLWithPath: cut))
    #expect(try Self.read(cut, Self.selection(.seconds(1), .seconds(1))).outcome == .complete)
    #expect(try Self.read(cut, Self.selection(.seconds(1), .seconds(1))).frames.count == 25)
    guard case .truncated = try Self.read(cut, Self.selection(.seconds(1))).outcome else {
      Issue.record("the end is missing")
      return
    }
  }

  @Test(.enabled(if: SharedData.isPresent, SharedData.absence))
  func realClipsAreExactToo() throws {
    for name in SharedData.allClips.filter({ $0.hasSuffix(".mp4") || $0.hasSuffix(".mkv") || $0.hasSuffix(".webm") }) {
      let path = SharedData.clip(name)
      guard let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int,
        size < 1 << 20 || name.contains("vfr"),
        let whole = try? Self.read(path), whole.frames.count > 20, whole.outcome == .complete
      else { continue }
      let base = whole.info.timeBase.value
      let origin = whole.frames[0].timestamp
      for share in [3, 2] {
        let target = whole.frames[whole.frames.count * (share - 1) / share]
        let start = Double(target.timestamp - origin) * base
        let part = try Self.read(path, Self.selection(.seconds(start), .frames(5)))
        #expect(part.frames == Array(whole.frames[(whole.frames.count * (share - 1) / share)...].prefix(5)), "\(name)")
      }
    }
  }

  @Test func momentsAreWrittenInThreeWays() {
    #expect(Moment("250") == .frames(250))
    #expect(Moment("12.5s") == .seconds(12.5))
    #expect(Moment("01:02:03.25") == .seconds(3723.25))
    #expect(Moment("1:30") == .seconds(90))
    for text in ["", "-1", "1.5", "1:60", "61:00", "1:2:3:4", "s", "1 s", "1h"] {
      #expect(Moment(text) == nil, "\(text)")
    }
  }

  @Test func theExpectedNumberOfFramesIsThatOfTheSelection() throws {
    var selection = Self.selection(.frames(10), .frames(30), every: 7)
    #expect(try Self.count(selection) == 5)
    selection.length = .frames(300)
    #expect(try Self.count(selection) == 13)
    #expect(try Self.count(Self.selection(.seconds(1))) == nil)
  }

  private static func count(_ selection: FrameSelection) throws -> Int? {
    let folder = try ScratchFolder()
    let path = folder.path("a.mp4")
    try ffmpeg(["-f", "lavfi", "-i", "testsrc2=s=32x32:r=25:d=4", path])
    let read = try read(path, selection)
    if let expected = read.info.expectedFrames { #expect(expected == read.frames.count) }
    return read.info.expectedFrames
  }
}
