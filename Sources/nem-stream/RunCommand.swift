import ArgumentParser
import Background
import Foundation
import Masks
import NEM
import Neural
import Pipeline
import VideoIO

/// `nem-stream INPUT --masks DIR`: segments one video.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Segment a video into one mask stream per moving object (the default command).",
    discussion: """
      Examples:
        nem-stream input.mp4 --masks out/
        ffmpeg -i camera.ts -f yuv4mpegpipe - | nem-stream - --masks out/
        nem-stream rtsp://user@camera/stream --masks out/ --retry-for 60
      """)

  @Argument(
    help: "Video file, - for standard input, URL, /dev/video0 for a camera, or x11grab::0.0 for a screen.")
  var input: String?
  @OptionGroup(title: "Sources other than files") var source: SourceArguments
  @Option(help: ArgumentHelp("Folder for the mask streams.", valueName: "dir")) var masks: String?
  @Option(help: "How masks are stored: ffv1 or png.") var format = MaskDirectory.Format.ffv1
  @Option(help: ArgumentHelp("Video of coloured masks and ids on the source.", valueName: "file")) var overlay: String?
  @Option(help: "rnn-em, or a baseline on components: gmm (by overlap) or sort.") var segmenter = SegmenterChoice.rnnEM
  @Option(help: "Model file or name; none runs the tracker without a network.") var model = "default"
  @Option(help: "Most objects at a time (K).") var slots: Int?
  @Option(help: "Seed of whatever is random.") var seed: UInt64 = 1
  @Option(help: "Decoder threads; the result is the same for any number.")
  var threads = ProcessInfo.processInfo.activeProcessorCount
  @Option(help: "Fixed learning rate of the background, instead of a falling one.") var learningRate: Float?
  @Option(
    help: ArgumentHelp("Headerless frames, as 640x480:gray@25 (gray, rgb24, yuv420p, nv12).", valueName: "format"))
  var rawVideo: String?
  @Option(help: ArgumentHelp("Temporary space for a piped mp4 with its index at the end.", valueName: "bytes"))
  var spoolLimit = 4 << 30
  @Flag(help: "Replace earlier output.") var overwrite = false
  @Flag(name: .shortAndLong, help: "Errors only.") var quiet = false
  @Flag(name: .shortAndLong, help: "Say what is read and used.") var verbose = false

  func validate() throws {
    guard masks != nil || overlay != nil else {
      throw ValidationError("nothing to write: give --masks DIR, --overlay FILE or both")
    }
    for (name, value) in [("INPUT", input), ("--masks", masks), ("--overlay", overlay)] where value == "" {
      throw ValidationError("\(name) is empty; it must name a file or folder")
    }
    guard (1...256).contains(slots ?? 1) else { throw ValidationError("--slots is \(slots!); it must be 1…256") }
    guard (1...256).contains(threads) else { throw ValidationError("--threads is \(threads); it must be 1…256") }
    guard spoolLimit >= 0 else { throw ValidationError("--spool-limit is \(spoolLimit); it must not be negative") }
  }

  func run() throws {
    setTensorThreads(1)
    var background = BackgroundConfiguration()
    background.learningRate = learningRate
    try background.validate()
    let chosen = try ChosenSegmenter(segmenter, model: model, slots: slots, seed: seed)
    let address = try source.address(input)
    let reader = try openReader(address)
    if !quiet { for note in reader.info.notes { Console.note("nem-stream: \(note)") } }
    if verbose && !quiet { describe(reader.info, chosen) }
    let run = SegmentationRun(
      reader: reader, segmenter: chosen.segmenter, background: background,
      sinks: try openSinks(reader.info, chosen, address))
    var progress = ProgressLine(frameRate: reader.info.frameRate?.value, isShown: !quiet)
    let result = try run.run { progress.show($0) }
    progress.finish()
    try conclude(result, progress, address, slots: chosen.slots)
  }

  private func openReader(_ address: SourceAddress) throws -> VideoReader {
    var raw: RawVideoFormat?
    if let rawVideo { raw = try RawVideoFormat(parsing: rawVideo) }
    let options = VideoReaderOptions(
      rawVideo: raw, spoolLimit: spoolLimit, threads: threads, source: source.options,
      monitor: SourceReport.monitor(name: address.description, isQuiet: quiet), interrupt: Interruption.flag)
    Interruption.install()
    if verbose { VideoLog.setVerbose(true) }
    return try Interruption.reading("no frame was read") { try VideoReader(address, options: options) }
  }

  private func describe(_ info: VideoInfo, _ chosen: ChosenSegmenter) {
    let frames = info.expectedFrames.map { "\($0) frames" } ?? "unknown length"
    let rate = info.frameRate.map { String(format: "%.5g fps", $0.value) } ?? "variable rate"
    Console.note("input: \(info.container), \(info.codec), \(info.width)×\(info.height), \(rate), \(frames)")
    let model = chosen.modelRecord.map { "model \($0.name)" } ?? "no model"
    Console.note("segmenter: \(segmenter.rawValue), \(model), at most \(chosen.slots) objects")
  }

  private func conclude(_ result: RunResult, _ progress: ProgressLine, _ address: SourceAddress, slots: Int) throws {
    if !quiet {
      Console.note("\(result.frames) frames, \(result.objects) objects, \(progress.speed(frames: result.frames))")
      if result.unassigned > 0 {
        Console.note("\(result.unassigned) times a new object found all \(slots) slots taken; raise --slots")
      }
      if result.dropped > 0 { Console.note("\(result.dropped) frames were dropped to keep up with \(address)") }
    }
    switch result.outcome {
    case .complete: return
    case .truncated(let reason):
      throw CommandFault(description: "\(address) is truncated: \(reason); what decoded is written", exitCode: 65)
    case .lost(let reason):
      throw CommandFault(
        description: "\(address) is lost: \(reason); \(result.frames) frames are written", exitCode: 69)
    case .interrupted, .reading:
      throw CommandFault.interrupted("\(result.frames) frames are written")
    }
  }
}

extension MaskDirectory.Format: ExpressibleByArgument {}

/// Which segmenter runs.
enum SegmenterChoice: String, ExpressibleByArgument, CaseIterable {
  case rnnEM = "rnn-em"
  case gmm
  case sort
}
