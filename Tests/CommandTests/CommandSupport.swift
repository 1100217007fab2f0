import Foundation
import Testing

/// How a command line ended.
struct Outcome {
  let status: Int32
  let output: String
  let errors: String

  /// Lines of standard error.
  var errorLines: [Substring] { errors.split(separator: "\n") }
}

/// A folder for one test, in which command lines run; removed when the test ends.
final class Workplace: Sendable {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("nem-stream-\(UUID().uuidString)")

  init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(at: folder) }

  func url(_ name: String) -> URL { folder.appendingPathComponent(name) }

  func write(_ data: Data, as name: String) throws { try data.write(to: url(name)) }

  /// Seconds after which a line counts as one that hangs, and is ended.
  private static let limit = "900"

  /// Shell that waits until a condition of shell holds, a minute at most.
  static func until(_ condition: String) -> String {
    "for i in $(seq 600); do \(condition) && break; sleep 0.1; done"
  }

  /// Shell that waits until process $p, a program of ours, catches SIGTERM: bit 14 of its mask.
  static let untilItCatches = until("grep -q 'SigCgt:.*[4-7c-f]...$' /proc/$p/status")

  /// Runs a line of shell as a user types it, with `nem-stream` on the path, `$CLIP` the bundled clip, `$MODEL` the
  /// default model, `$SMALL` the clip at 320×180 and `$SHORT` 90 frames of that, index at the end.
  @discardableResult
  func run(_ line: String) throws -> Outcome {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    // Tests of pipes ignore SIGPIPE in this process, which programs would inherit and complain of what users never see.
    process.arguments = ["--default-signal=PIPE,HUP", "timeout", Self.limit, "/bin/sh", "-c", line]
    process.currentDirectoryURL = folder
    var environment = ProcessInfo.processInfo.environment
    environment["PATH"] = Program.folder.path + ":" + (environment["PATH"] ?? "/usr/bin:/bin")
    environment["CLIP"] = Clips.bundled.path
    environment["MODEL"] = Package.defaultModel.path
    if line.contains("$SMALL") { environment["SMALL"] = try Clips.small.get().path }
    if line.contains("$SHORT") { environment["SHORT"] = try Clips.short.get().path }
    process.environment = environment
    // Files, not pipes: processes that run at the same time would inherit the pipes' ends.
    let name = UUID().uuidString
    let (output, errors) = (url(name + ".out"), url(name + ".err"))
    for file in [output, errors] { try Data().write(to: file) }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    process.waitUntilExit()
    defer { for file in [output, errors] { try? FileManager.default.removeItem(at: file) } }
    return Outcome(
      status: process.terminationStatus, output: String(decoding: try Data(contentsOf: output), as: UTF8.self),
      errors: String(decoding: try Data(contentsOf: errors), as: UTF8.self))
  }

  /// Runs a line that must succeed.
  @discardableResult
  func succeed(_ line: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> Outcome {
    let outcome = try run(line)
    #expect(outcome.status == 0, "\(line): \(outcome.errors)", sourceLocation: sourceLocation)
    return outcome
  }

  /// Runs a training of m.safetensors in the folder named like `signal`, which stops it after its first checkpoint.
  func stopTraining(_ line: String, by signal: String) throws -> Outcome {
    try run(
      """
      cd \(signal); \(line) & p=$!
      until [ -e m.safetensors.checkpoint ]; do sleep 0.01; done
      kill -\(signal) $p; wait $p
      """)
  }

  /// Runs a line that must end with `status` and say one line of our own on standard error.
  func fail(
    _ line: String, _ status: Int32, saying words: String = "", sourceLocation: SourceLocation = #_sourceLocation
  )
    throws
  {
    let outcome = try run(line)
    #expect(outcome.status == status, "\(line): \(outcome.errors)", sourceLocation: sourceLocation)
    #expect(outcome.errorLines.count == 1, "\(line): \(outcome.errors)", sourceLocation: sourceLocation)
    #expect(outcome.errors.hasPrefix("nem-stream: "), "\(line): \(outcome.errors)", sourceLocation: sourceLocation)
    #expect(
      words.isEmpty || outcome.errors.contains(words), "\(line): \(outcome.errors)", sourceLocation: sourceLocation)
    #expect(!outcome.errors.contains("NSCocoa"), "\(line): \(outcome.errors)", sourceLocation: sourceLocation)
  }
}

/// The built program, which lies beside the test bundle.
enum Program {
  static let folder: URL = {
    let runner = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    let beside = runner.appendingPathComponent("nem-stream")
    if FileManager.default.isExecutableFile(atPath: beside.path) { return runner }
    return Package.root.appendingPathComponent(".build/release")
  }()
}

/// The source tree.
enum Package {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  static let defaultModel = root.appendingPathComponent("Models/default.safetensors")
}

/// Real video.
enum Clips {
  static let bundled = Package.root.appendingPathComponent("Examples/traffic_camera.mp4")

  /// 90 frames of 320×180 with B-frames, the index at the end; made once for all tests.
  static let short: Result<URL, any Error> = Result {
    try place.get().make("short.mp4", "-frames:v 90 -vf scale=320:180 -pix_fmt yuv420p -bf 2")
  }

  /// The bundled clip at 320×180; made once for all tests.
  static let small: Result<URL, any Error> = Result {
    try place.get().make("small.mp4", "-vf scale=320:180 -preset ultrafast -qp 12")
  }

  /// Where they are made.
  private static let place: Result<Workplace, any Error> = Result {
    atexit { if let place = try? Clips.place.get() { try? FileManager.default.removeItem(at: place.folder) } }
    return try Workplace()
  }
}

extension Workplace {
  /// Makes a clip from the bundled one.
  fileprivate func make(_ name: String, _ options: String) throws -> URL {
    try succeed("ffmpeg -nostdin -v error -i $CLIP -an \(options) \(name)")
    return url(name)
  }
}
