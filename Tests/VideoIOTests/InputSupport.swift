import Foundation
import Testing
import VideoIO

/// Clips for development: `NEM_STREAM_DATA`, or `shared/data` beside the package.
enum SharedData {
  static let root: URL = {
    if let path = ProcessInfo.processInfo.environment["NEM_STREAM_DATA"] { return URL(fileURLWithPath: path) }
    let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return package.deletingLastPathComponent().appendingPathComponent("shared/data")
  }()

  static let clips = root.appendingPathComponent("clips")
  static let isPresent = FileManager.default.fileExists(atPath: clips.path)
  static let absence: Comment = "the shared clips are absent; set NEM_STREAM_DATA to the folder that holds clips/"

  static func clip(_ name: String) -> String { clips.appendingPathComponent(name).path }

  /// Every clip, as a path relative to `clips`.
  static let allClips: [String] = {
    guard let walk = FileManager.default.enumerator(atPath: clips.path) else { return [] }
    return walk.compactMap { $0 as? String }.filter { name in
      var isFolder: ObjCBool = false
      _ = FileManager.default.fileExists(atPath: clip(name), isDirectory: &isFolder)
      return !isFolder.boolValue
    }.sorted()
  }()
}

/// A folder that is removed when the test ends.
final class ScratchFolder: Sendable {
  let url = FileManager.default.temporaryDirectory.appendingPathComponent("nem-stream-\(UUID().uuidString)")

  init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(at: url) }

  func path(_ name: String) -> String { url.appendingPathComponent(name).path }

  func write(_ data: Data, as name: String) throws -> String {
    try data.write(to: URL(fileURLWithPath: path(name)))
    return path(name)
  }
}

/// A tool that failed.
struct ToolFailure: Error, CustomStringConvertible {
  let description: String
}

/// Runs FFmpeg's own tools, the reference for everything that is read here.
enum Tool {
  /// Standard output of `name arguments`; standard error is dropped.
  static func run(_ name: String, _ arguments: [String]) throws -> Data {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [name] + arguments
    process.standardInput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw ToolFailure(description: "\(name) \(arguments.joined(separator: " ")): exit \(process.terminationStatus)")
    }
    return data
  }

  static func lines(_ name: String, _ arguments: [String]) throws -> [String] {
    String(decoding: try run(name, arguments), as: UTF8.self).split(separator: "\n").map(String.init)
  }

  /// Adler-32 of each frame that ffmpeg decodes, in its own pixel format.
  static func checksums(_ path: String, _ arguments: [String] = [], format: String) throws -> [UInt32] {
    let conversion = ["-sws_flags", "bilinear+accurate_rnd+bitexact+full_chroma_int", "-pix_fmt", format]
    let output = ["-vsync", "passthrough", "-c:v", "rawvideo", "-f", "framecrc", "-"]
    let all = ["-nostdin", "-v", "error", "-i", path] + arguments + conversion + output
    return try lines("ffmpeg", all).filter { !$0.hasPrefix("#") }.map { line in
      UInt32(line.split(separator: ",")[5].dropFirst(3), radix: 16)!
    }
  }

  /// Runs ffmpeg quietly; the last argument names the output.
  static func ffmpeg(_ arguments: [String]) throws {
    _ = try run("ffmpeg", ["-nostdin", "-v", "error", "-y"] + arguments)
  }
}

/// Everything a reader delivers that can be kept without keeping its frames.
struct Reading {
  let info: VideoInfo
  let outcome: ReadOutcome
  let counters: ReadCounters
  var times: [Double] = []
  var ticks: [Int64] = []
  /// Adler-32 of each frame's planes, without padding.
  var checksums: [UInt32] = []

  /// FFmpeg's name of the pixel format of the frames.
  private(set) var ffmpegFormat = ""

  init(_ reader: VideoReader, checksums wanted: Bool = true) throws {
    info = reader.info
    while let frame = try reader.next() {
      ffmpegFormat = frame.ffmpegFormat
      #expect(frame.index == times.count)
      #expect(frame.width == info.width && frame.height == info.height)
      times.append(frame.pts)
      ticks.append(frame.timestamp)
      if wanted { checksums.append(frame.checksum) }
    }
    outcome = reader.outcome
    counters = reader.counters
  }

  init(_ path: String, options: VideoReaderOptions = VideoReaderOptions(), checksums: Bool = true) throws {
    try self.init(VideoReader(path, options: options), checksums: checksums)
  }
}

extension VideoFrame {
  var ffmpegFormat: String {
    if isGray { return "gray" }
    let names = [[0, 0]: "444p", [1, 1]: "420p", [1, 0]: "422p", [0, 1]: "440p", [2, 0]: "411p", [2, 2]: "410p"]
    return (isFullRange ? "yuvj" : "yuv") + names[[chromaShiftX, chromaShiftY], default: "?"]
  }

  /// Adler-32 as ffmpeg's framecrc computes it (starting from 0) over the tightly packed planes.
  var checksum: UInt32 {
    var (low, high): (UInt32, UInt32) = (0, 0)
    for plane in 0..<planeCount {
      let size = planeSize(plane)
      withPlane(plane) { pixels, stride in
        for y in 0..<size.height {
          var x = y * stride
          let end = x + size.width
          while x < end {
            // 5552 steps are the most that cannot overflow 32 bits.
            let stop = min(end, x + 4096)
            while x < stop {
              low &+= UInt32(pixels[x])
              high &+= low
              x += 1
            }
            low %= 65521
            high %= 65521
          }
        }
      }
    }
    return high << 16 | low
  }
}

/// Sends bytes through a pipe from another thread, as `cat file |` would, and reads the other end.
func readThroughPipe(_ data: Data, options: VideoReaderOptions = VideoReaderOptions()) throws -> Reading {
  let pipe = Pipe()
  let writer = Thread {
    signal(SIGPIPE, SIG_IGN)
    try? pipe.fileHandleForWriting.write(contentsOf: data)
    try? pipe.fileHandleForWriting.close()
  }
  writer.start()
  defer { try? pipe.fileHandleForReading.close() }
  let descriptor = pipe.fileHandleForReading.fileDescriptor
  return try Reading(VideoReader(descriptor: descriptor, name: "stdin", options: options))
}
