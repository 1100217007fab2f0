import Background
import Daemon
import Foundation
import Masks
import NEM
import Neural
import Pipeline
import VideoIO

/// One run over a video: opens what the settings name, segments, and says how it went.
struct VideoRun {
  let address: SourceAddress
  let settings: Settings
  let companions: RunCompanions

  /// Runs to the end of the input. Throws where it is truncated or the user stops the run, after writing what decoded.
  func perform() throws {
    setTensorThreads(1)
    var background = BackgroundConfiguration()
    background.learningRate = settings.learningRate.map(Float.init)
    try background.validate()
    let chosen = try ChosenSegmenter(
      settings.segmenter, model: settings.model, slots: settings.slots, seed: UInt64(settings.seed))
    companions.metrics?.note(slots: chosen.slots)
    let reader = try openReader()
    for note in reader.info.notes { Console.note("nem-stream: \(note)") }
    describe(reader.info, chosen)
    let run = SegmentationRun(
      reader: reader, segmenter: chosen.segmenter, background: background,
      sinks: try openSinks(reader.info, chosen), observer: companions.metrics)
    let showsProgress = settings.logLevel != .error && settings.logFormat == .text
    var progress = ProgressLine(frameRate: reader.info.frameRate?.value, isShown: showsProgress)
    do {
      let result = try run.run { progress.show($0) }
      progress.finish()
      try conclude(result, progress, slots: chosen.slots)
    } catch VideoError.readerGone {
      // As `head -1` does to any filter: whoever asked has seen enough.
      progress.finish()
    }
  }

  private func openReader() throws -> VideoReader {
    let raw = try settings.rawVideo.map { try RawVideoFormat(parsing: $0) }
    let options = VideoReaderOptions(
      rawVideo: raw, spoolLimit: settings.spoolLimit,
      threads: settings.threads ?? ProcessInfo.processInfo.activeProcessorCount, source: settings.sourceOptions,
      monitor: companions.monitor, interrupt: Interruption.flag)
    if settings.logLevel == .debug { VideoLog.setVerbose(true) }
    return try Interruption.reading("no frame was read") { try VideoReader(address, options: options) }
  }

  private func describe(_ info: VideoInfo, _ chosen: ChosenSegmenter) {
    let frames = info.expectedFrames.map { "\($0) frames" } ?? "unknown length"
    let rate = info.frameRate.map { String(format: "%.5g fps", $0.value) } ?? "variable rate"
    Console.log.note(
      .debug, nil, "input: \(info.container), \(info.codec), \(info.width)×\(info.height), \(rate), \(frames)")
    let model = chosen.modelRecord.map { "model \($0.name)" } ?? "no model"
    Console.log.note(
      .debug, nil, "segmenter: \(settings.segmenter.rawValue), \(model), at most \(chosen.slots) objects")
  }

  private func conclude(_ result: RunResult, _ progress: ProgressLine, slots: Int) throws {
    Console.log.note(
      .info, "result",
      "\(result.frames) frames, \(result.objects) objects, \(progress.speed(frames: result.frames))",
      ["frames": .whole(result.frames), "objects": .whole(result.objects)])
    if result.unassigned > 0 {
      Console.note("\(result.unassigned) times a new object found all \(slots) slots taken; raise --slots")
    }
    if result.dropped > 0 { Console.note("\(result.dropped) frames were dropped to keep up with \(address)") }
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
