import ClipFiles
import Daemon
import Foundation
import Masks
import NEM
import Neural
import VideoIO

// libFuzzer over the readers of untrusted files: `FUZZ_READER=yaml fuzz CORPUS…`. A reader may refuse what it gets, and
// must not crash, hang, or touch memory that is not its own. `fuzz --state` writes a state to begin from.

/// LLVM's entry for programs with a main function of their own.
@_silgen_name("LLVMFuzzerRunDriver")
private func runFuzzer(
  _ argumentCount: UnsafeMutablePointer<Int32>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32

/// A reader of one file format: takes the bytes, and the path of a file that holds them.
private let readers: [String: @Sendable (Data, String) throws -> Void] = [
  "safetensors": { data, path in _ = try Safetensors.decode(data, path: path) },
  "model": { _, path in _ = try Model(path: path) },
  "yaml": { _, path in _ = try EffectiveSettings(files: [path], environment: [:], flags: []) },
  "manifest": { data, _ in try SavedRun.shared.read(data, as: "manifest.json") },
  "frames": { data, _ in try SavedRun.shared.read(data, as: "frames.jsonl") },
  "tracks": { data, _ in
    for line in data.split(separator: UInt8(ascii: "\n")) { _ = try JSONDecoder().decode(TrackRecord.self, from: line) }
  },
  "state": { data, _ in try SavedRun.shared.resume(data) },
  "digits": { _, path in
    _ = try DigitFile.read(.training, in: URL(fileURLWithPath: path).deletingLastPathComponent().path)
  },
  "video": { _, path in
    let reader = try VideoReader(path, options: VideoReaderOptions(threads: 1))
    for _ in 0..<30 { if try reader.next() == nil { break } }
  },
  "raw": { _, path in
    let format = try RawVideoFormat(parsing: "33x17:yuv420p@25")
    let reader = try VideoReader(path, options: VideoReaderOptions(rawVideo: format, threads: 1))
    while try reader.next() != nil {}
  },
]

private let name = ProcessInfo.processInfo.environment["FUZZ_READER"] ?? ""
private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fuzz-\(getpid())")
/// Under the name that readers of folders look for.
private let file = folder.appendingPathComponent(DigitFile.Part.training.rawValue)
guard readers[name] != nil else { fatalError("FUZZ_READER is one of \(readers.keys.sorted())") }
try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
if CommandLine.arguments.dropFirst() == ["--state"] {
  FileHandle.standardOutput.write(try Data(contentsOf: URL(fileURLWithPath: SavedRun.shared.statePath)))
  exit(0)
}
// Made before the first input is timed.
if ["state", "manifest", "frames"].contains(name) { _ = SavedRun.shared }
var argumentCount = CommandLine.argc
var arguments = CommandLine.unsafeArgv
exit(
  runFuzzer(&argumentCount, &arguments) { bytes, count in
    let data = Data(UnsafeBufferPointer(start: bytes, count: count))
    do {
      try data.write(to: file)
      try readers[name]!(data, file.path)
    } catch {}
    return 0
  })
