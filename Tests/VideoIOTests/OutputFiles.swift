import Foundation
import Kernels

/// A folder for the files of one test, removed with this object.
final class OutputFolder: Sendable {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("nem-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }
}

/// FFmpeg's command line tools as an independent judge of what we write.
enum Judge {
  static let isInstalled = ["ffmpeg", "ffprobe"].allSatisfy {
    FileManager.default.isExecutableFile(atPath: "/usr/bin/" + $0)
  }

  /// What a tool writes to standard output.
  static func run(_ tool: String, _ arguments: [String]) throws -> Data {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/" + tool)
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return data
  }

  /// All frames of a gray video, one after the other.
  static func decodeGray(_ path: String) throws -> [UInt8] {
    let arguments = ["-nostdin", "-v", "error", "-err_detect", "explode", "-i", path, "-vsync", "passthrough"]
    return Array(try run("ffmpeg", arguments + ["-f", "rawvideo", "-pix_fmt", "gray", "-"]))
  }

  /// The presentation times in seconds of a video's frames.
  static func times(_ path: String) throws -> [Double] {
    let arguments = ["-v", "error", "-select_streams", "v", "-show_entries", "frame=pts_time", "-of", "csv=p=0", path]
    let text = String(decoding: try run("ffprobe", arguments), as: UTF8.self)
    return text.split(whereSeparator: { $0 == "\n" || $0 == "," }).compactMap { Double($0) }
  }
}

/// A disc that moves, on black.
func disc(_ width: Int, _ height: Int, frame: Int, value: UInt8 = 255) -> Image<UInt8> {
  var mask = Image<UInt8>(width: width, height: height, fill: 0)
  let (cx, cy, r) = (10 + 3 * frame % width, height / 2, min(width, height) / 5)
  for y in 0..<height {
    for x in 0..<width where (x - cx) * (x - cx) + (y - cy) * (y - cy) < r * r { mask[x, y] = value }
  }
  return mask
}
