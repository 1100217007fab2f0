import Background
import Daemon
import Foundation
import Kernels
import Masks
import NEM
import Neural
import Pipeline
import VideoIO

/// One run over a video: opens what the settings name, segments, and says how it went.
struct VideoRun {
  /// Frames in which something must have moved before it is worth a word that no object was found.
  private static let fewFrames = 10
  let address: SourceAddress
  let settings: Settings
  let companions: RunCompanions
  /// Whether the command line has other inputs: messages name this one then.
  let isOneOfMany: Bool

  /// Runs to the end of the input. Throws where it is truncated or the user stops the run, after writing what decoded.
  func perform() throws {
    setTensorThreads(1)
    var background = BackgroundConfiguration()
    background.learningRate = settings.learningRate.map(Float.init)
    try background.validate()
    let options = try readerOptions()
    guard let beginning = try begin(options, background) else {
      return Console.log.note(.info, "result", "\(settings.masks ?? "") is complete already")
    }
    let (reader, chosen) = (beginning.reader, beginning.chosen)
    companions.metrics?.note(slots: chosen.slots)
    describe(reader.info, chosen)
    let watchers = try checkOutputs(beginning)
    let ground = beginning.resumed == nil ? try groundFrames(options, atMost: background.primingFrames) : []
    let sinks = try openSinks(beginning, watchers)
    let run = SegmentationRun(
      reader: reader, segmenter: chosen.segmenter, background: background, watched: beginning.watched, sinks: sinks,
      observer: companions.metrics, checkpoints: beginning.checkpoints, resumed: beginning.resumed,
      first: beginning.first, ground: ground)
    var progress = ProgressLine(progressForm, name: isOneOfMany ? address.stem : nil, reader.info, options.selection)
    do {
      let result = try run.run { progress.show($0) }
      progress.finish()
      try conclude(result, progress, slots: chosen.slots, canGoOn: beginning.checkpoints != nil)
    } catch VideoError.readerGone {
      // As `head -1` does to any filter: whoever asked has seen enough.
      progress.finish()
    }
  }

  private func readerOptions() throws -> VideoReaderOptions {
    if settings.logLevel == .debug { VideoLog.setVerbose(true) }
    var options = try settings.readerOptions()
    options.monitor = companions.monitor
    options.recorder = settings.clipRecorder(address)
    return options
  }

  private var progressForm: ProgressForm {
    settings.progress == .line && (settings.logLevel == .error || settings.logFormat == .json)
      ? .off : settings.progress
  }

  private func describe(_ info: VideoInfo, _ chosen: ChosenSegmenter) {
    let frames = info.expectedFrames.map { "\($0) frames" } ?? "unknown length"
    let rate = info.frameRate.map { String(format: "%.5g fps", $0.value) } ?? "variable rate"
    // A journal shows that a service has begun.
    Console.log.note(
      settings.service ? .info : .debug, nil,
      "input: \(info.container), \(info.codec), \(info.width)×\(info.height), \(rate), \(frames)")
    let model = chosen.modelRecord.map { "model \($0.name)" } ?? "no model"
    Console.log.note(
      .debug, nil, "segmenter: \(settings.segmenter.rawValue), \(model), at most \(chosen.slots) objects")
  }

  private func conclude(_ result: RunResult, _ progress: ProgressLine, slots: Int, canGoOn: Bool) throws {
    Console.log.note(
      .info, "result",
      (isOneOfMany ? "\(address): " : "")
        + "\(result.frames) frames, \(result.objects) objects, \(progress.speed(frames: result.frames))",
      ["frames": .whole(result.frames), "objects": .whole(result.objects)])
    if result.unassigned > 0 {
      Console.note("\(result.unassigned) times a new object found all \(slots) slots taken; raise --slots")
    }
    if result.objects == 0, result.small.frames >= Self.fewFrames {
      // The grid shows its size to some cells: half of it is found for certain.
      Console.note(
        "in \(result.small.frames) frames something moved that is too small for an object, some \(result.small.pixels) "
          + "pixels at most; --min-area \(max(result.small.pixels / 2, 1)) finds it")
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
      let goesOn = canGoOn && settings.exec == nil && settings.overlay == nil
      throw CommandFault.interrupted("\(result.frames) frames are written" + (goesOn ? "; --resume goes on" : ""))
    }
  }
}
