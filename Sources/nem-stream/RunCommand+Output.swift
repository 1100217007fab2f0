import Foundation
import Masks
import Pipeline
import VideoIO

extension RunCommand {
  /// Opens what the options ask for; where one output cannot be made, none is left behind.
  func openSinks(_ info: VideoInfo, _ chosen: ChosenSegmenter) throws -> [any FrameSink] {
    var sinks: [any FrameSink] = []
    if let overlay { sinks.append(try openOverlay(overlay, info)) }
    guard let masks else { return sinks }
    do {
      let directory = try MaskDirectory(
        path: masks, manifest: manifest(info, chosen), timeBase: info.timeBase, frameRate: info.frameRate,
        format: format, overwrite: overwrite)
      sinks.insert(MaskFolderSink(directory), at: 0)
    } catch {
      if let overlay { unlink(overlay) }
      throw error
    }
    return sinks
  }

  private func openOverlay(_ path: String, _ info: VideoInfo) throws -> OverlaySink {
    guard overwrite || !FileManager.default.fileExists(atPath: path) else {
      throw VideoError.cannotCreate(path, reason: "it exists; --overwrite replaces it")
    }
    return OverlaySink(
      try OverlayWriter(
        path: path, width: info.width, height: info.height, timeBase: info.timeBase, frameRate: info.frameRate))
  }

  private func manifest(_ info: VideoInfo, _ chosen: ChosenSegmenter) -> Manifest {
    Manifest(
      input: input, width: info.width, height: info.height, settings: settings(chosen), model: chosen.modelRecord,
      versions: ["nem-stream": NEMStream.version, "libavcodec": MediaLibraries.codecVersion],
      frames: .init(expected: info.expectedFrames))
  }

  /// What decides the masks, for the manifest; threads are not among it.
  private func settings(_ chosen: ChosenSegmenter) -> [String: Manifest.Setting] {
    var settings: [String: Manifest.Setting] = [
      "segmenter": .text(segmenter.rawValue), "slots": .whole(chosen.slots), "seed": .whole(Int(clamping: seed)),
      "format": .text(format.rawValue),
    ]
    if let learningRate { settings["learning_rate"] = .number(Double(learningRate)) }
    if let rawVideo { settings["raw_video"] = .text(rawVideo) }
    return settings
  }
}
