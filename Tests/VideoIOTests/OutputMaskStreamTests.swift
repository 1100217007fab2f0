import Foundation
import Kernels
import Testing
import VideoIO

@Suite(.enabled(if: Judge.isInstalled, "ffmpeg and ffprobe are needed as judges"))
struct OutputMaskStreamTests {
  private func writer(_ path: String, _ width: Int, _ height: Int, timeBase: Int = 25) throws -> MaskStreamWriter {
    try MaskStreamWriter(
      path: path, width: width, height: height, timeBase: Rational(numerator: 1, denominator: timeBase), frameRate: nil,
      title: "object 1")
  }

  @Test(arguments: [(64, 48), (641, 359), (1280, 720)])
  func ffmpegDecodesWhatWasWritten(width: Int, height: Int) throws {
    let folder = try OutputFolder()
    let stream = try writer(folder.file("a.mkv"), width, height)
    var random = RandomSource(seed: 1)
    var written: [UInt8] = []
    for index in 0..<12 {
      var mask = disc(width, height, frame: index * 5, value: index % 3 == 0 ? 128 : 255)
      if index == 4 { mask = Image(width: width, height: height, fill: 0) }
      if index == 5 { for i in mask.pixels.indices { mask.pixels[i] = UInt8(random.integer(below: 256)) } }
      try stream.write(mask, timestamp: Int64(index))
      written += mask.pixels
    }
    try stream.close()
    #expect(try Judge.decodeGray(folder.file("a.mkv")) == written)
  }

  @Test func timesAreTheSources() throws {
    let folder = try OutputFolder()
    let stream = try writer(folder.file("late.mkv"), 64, 48, timeBase: 90_000)
    let seconds = [12.0, 12.04, 12.08, 12.5, 13.7, 20.002]
    for time in seconds { try stream.write(disc(64, 48, frame: 0), timestamp: Int64((time * 90_000).rounded())) }
    try stream.close()
    let found = try Judge.times(folder.file("late.mkv"))
    #expect(found.count == seconds.count)
    #expect(zip(found, seconds).allSatisfy { abs($0 - $1) <= 0.0005 }, "\(found)")
  }

  @Test func timesInOneMillisecondKeepTheirFrames() throws {
    let folder = try OutputFolder()
    let stream = try writer(folder.file("fast.mkv"), 64, 48, timeBase: 10_000)
    for index in 0..<8 { try stream.write(disc(64, 48, frame: index), timestamp: Int64(index)) }
    try stream.close()
    #expect(try Judge.times(folder.file("fast.mkv")).count == 8)
  }

  @Test func aKilledStreamPlaysToItsLastHalfSecond() throws {
    let folder = try OutputFolder()
    let stream = try writer(folder.file("live.mkv"), 320, 240)
    for index in 0..<100 {
      try stream.write(disc(320, 240, frame: index), timestamp: Int64(index))
      guard index % 33 == 32 else { continue }
      // What a kill at this moment would leave.
      let copy = folder.file("killed\(index).mkv")
      try FileManager.default.copyItem(atPath: folder.file("live.mkv"), toPath: copy)
      let last = try #require(try Judge.times(copy).last)
      #expect(last >= Double(index) / 25 - 0.5)
      let frames = try Judge.decodeGray(copy).count / (320 * 240)
      #expect(frames > index - 13)
    }
    try stream.close()
    #expect(try Judge.times(folder.file("live.mkv")).count == 100)
  }

  @Test func sameMasksGiveTheSameFile() throws {
    let folder = try OutputFolder()
    for name in ["a.mkv", "b.mkv"] {
      let stream = try writer(folder.file(name), 100, 80)
      for index in 0..<30 { try stream.write(disc(100, 80, frame: index), timestamp: Int64(index)) }
      try stream.close()
    }
    #expect(FileManager.default.contentsEqual(atPath: folder.file("a.mkv"), andPath: folder.file("b.mkv")))
  }

  @Test func libavcodecWritesTheSameFileWhereOursCannotBeUsed() throws {
    let folder = try OutputFolder()
    for (name, forced) in [("a.mkv", false), ("b.mkv", true)] {
      let stream = try MaskStreamWriter(
        path: folder.file(name), width: 101, height: 77, timeBase: Rational(numerator: 1, denominator: 25),
        frameRate: Rational(numerator: 25, denominator: 1), title: "object 1", forcingReference: forced)
      for index in 0..<30 { try stream.write(disc(101, 77, frame: index), timestamp: Int64(index)) }
      try stream.close()
    }
    #expect(FileManager.default.contentsEqual(atPath: folder.file("a.mkv"), andPath: folder.file("b.mkv")))
  }

  @Test func aFullDiskIsReported() throws {
    #expect {
      let stream = try writer("/dev/full", 640, 480)
      for index in 0..<200 { try stream.write(disc(640, 480, frame: index), timestamp: Int64(index)) }
      try stream.close()
    } throws: { error in
      if case VideoError.writeFailed = error { true } else { false }
    }
    #expect(!AtomicFile.isReplaceable("/dev/full"), "the device is no longer there")
    #expect(throws: VideoError.self) { try AtomicFile.write([1], to: "/dev/full") }
  }

  @Test func seekPointsThinOutAsAStreamGrows() {
    var points = SeekPoints()
    let weekOfFrames = stride(from: Int64(0), to: 7 * 86_400_000, by: 400)
    var chosen: [Int64] = []
    for time in weekOfFrames where points.isDue(at: time) { chosen.append(time) }
    #expect(chosen[0] == 0 && chosen[1] == 800 && chosen.count < 6_000)
    #expect(zip(chosen, chosen.dropFirst()).allSatisfy { $1 - $0 <= max(500, $0 / 512) + 400 })
  }

  @Test func badPlacesAndClosedStreamsAreReported() throws {
    let folder = try OutputFolder()
    #expect {
      _ = try writer(folder.file("missing/a.mkv"), 64, 48)
    } throws: { error in
      if case VideoError.cannotCreate = error { true } else { false }
    }
    let stream = try writer(folder.file("a:b.mkv"), 64, 48)
    try stream.close()
    try stream.close()
    #expect {
      try stream.write(disc(64, 48, frame: 0), timestamp: 0)
    } throws: { error in
      if case VideoError.writeFailed = error { true } else { false }
    }
  }
}
