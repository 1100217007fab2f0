import ArgumentParser
import Background
import Foundation
import Masks
import NEM
import Neural
import Pipeline
import VideoIO

/// The speed of decoding, of each stage and of a whole run on this machine.
struct BenchRun: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clip", abstract: "Measure a run against only decoding (the default command).",
    usage: "nem-stream bench [<clip>] [<options>]",
    discussion: """
      Example: nem-stream bench clip.mp4 --json

      Decodes the clip alone, then segments it into a temporary folder, in turn. Stages run side by side, so their times \
      add up to more than the run's.
      """)

  @Argument(help: "Clip of a fixed camera; the bundled one where the source tree is there.") var clip: String?
  @Option(help: "Times that each is measured; medians are told.") var repeats = 3
  @Option(help: "Most objects at a time (K).") var slots: Int?
  @Option(help: "Model file or name, or none.") var model = "default"
  @Flag(help: "Print one JSON object.") var json = false

  func validate() throws {
    guard (1...100).contains(repeats) else { throw ValidationError("--repeats is \(repeats); it must be 1…100") }
    guard (1...256).contains(slots ?? 1) else { throw ValidationError("--slots is \(slots ?? 0); it must be 1…256") }
  }

  func run() throws {
    setTensorThreads(1)
    Interruption.install()
    let path = try clip ?? Self.bundledClip()
    guard SourceAddress(path).canBeReadAgain else {
      throw CommandFault(description: "\(path) can be read only once, and is needed again; save it first", exitCode: 64)
    }
    var (decoding, running): ([Double], [BenchedRun]) = ([], [])
    for _ in 0..<repeats {
      decoding.append(try decode(path))
      running.append(try segment(path))
    }
    let run = running.sorted { $0.seconds < $1.seconds }[repeats / 2]
    let report = BenchReport(clip: path, decodeSeconds: decoding.sorted()[repeats / 2], run)
    if case .truncated(let reason) = run.outcome { Console.note("\(path): \(reason); the rest was measured") }
    if json { try Console.printJSON(report) } else { print(report.lines.joined(separator: "\n")) }
  }

  private static func bundledClip() throws -> String {
    let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path
    let root = program.components(separatedBy: "/.build/").first ?? ""
    let path = root + "/Examples/traffic_camera.mp4"
    guard FileManager.default.fileExists(atPath: path) else {
      throw CommandFault(description: "give a clip of a fixed camera, as in nem-stream bench CLIP", exitCode: 64)
    }
    return path
  }

  private func reader(_ path: String) throws -> VideoReader {
    let threads = ProcessInfo.processInfo.activeProcessorCount
    return try Interruption.reading("nothing was measured") {
      try VideoReader(path, options: VideoReaderOptions(threads: threads, interrupt: Interruption.flag))
    }
  }

  private func decode(_ path: String) throws -> Double {
    let clock = ContinuousClock()
    return try clock.measure {
      let reader = try reader(path)
      while try reader.next() != nil {}
      if reader.outcome == .interrupted { throw CommandFault.interrupted("nothing was measured") }
    } / .seconds(1)
  }

  private func segment(_ path: String) throws -> BenchedRun {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("nem-stream-bench-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let chosen = try ChosenSegmenter(.rnnEM, model: model, slots: slots, seed: 1)
    let clock = ContinuousClock()
    let start = clock.now
    let reader = try reader(path)
    let masks = try MaskDirectory(
      path: folder.path, manifest: Manifest(input: path, width: reader.info.width, height: reader.info.height),
      timeBase: reader.info.timeBase, frameRate: reader.info.frameRate)
    let times = StageTimes()
    let run = SegmentationRun(
      reader: reader, segmenter: chosen.segmenter, background: BackgroundConfiguration(),
      sinks: [MaskFolderSink(masks)],
      observer: times)
    var seen = 0
    let result = try run.run { seen += $0.objects }
    if result.outcome == .interrupted { throw CommandFault.interrupted("nothing was measured") }
    return BenchedRun(
      info: reader.info, frames: result.frames, objectFrames: seen, slots: chosen.slots,
      seconds: (clock.now - start) / .seconds(1), stages: times.seconds, outcome: result.outcome)
  }
}

/// A measured run.
struct BenchedRun {
  let info: VideoInfo
  let frames: Int
  /// Objects, summed over frames.
  let objectFrames: Int
  let slots: Int
  let seconds: Double
  let stages: [RunStage: Double]
  let outcome: ReadOutcome
}

/// Adds up the working time of each stage.
private final class StageTimes: RunObserver, @unchecked Sendable {
  private let lock = NSLock()
  private var sums: [RunStage: Double] = [:]

  var seconds: [RunStage: Double] { lock.withLock { sums } }

  func begin(load: @escaping @Sendable () -> RunLoad) {}

  func note(_ stage: RunStage, seconds: Double) { lock.withLock { sums[stage, default: 0] += seconds } }
}
