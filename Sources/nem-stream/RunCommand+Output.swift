import Foundation
import Masks
import Pipeline
import VideoIO

extension RunCommand {
  /// Opens what the options ask for; where the overlay cannot be made, no folder is left behind.
  func openSinks(
    _ info: VideoInfo, _ chosen: ChosenSegmenter, _ address: SourceAddress
  ) throws -> [any FrameSink] {
    if let overlay { try checkOverlay(overlay, address) }
    // The folder comes first: the overlay may lie in it.
    let directory = try masks.map { path in
      try MaskDirectory(
        path: path, manifest: manifest(info, chosen, address), timeBase: info.timeBase, frameRate: info.frameRate,
        format: format, overwrite: overwrite)
    }
    var sinks: [any FrameSink] = []
    if let directory { sinks.append(MaskFolderSink(directory)) }
    guard let overlay else { return sinks }
    do {
      let writer = try OverlayWriter(
        path: overlay, width: info.width, height: info.height, timeBase: info.timeBase, frameRate: info.frameRate)
      return sinks + [OverlaySink(writer)]
    } catch {
      directory?.discard()
      throw error
    }
  }

  private func checkOverlay(_ path: String, _ address: SourceAddress) throws {
    var (target, source) = (stat(), stat())
    guard stat(path, &target) == 0 else { return }
    if address.path.map({ stat($0, &source) == 0 }) ?? (input == "-" && fstat(STDIN_FILENO, &source) == 0),
      (target.st_dev, target.st_ino) == (source.st_dev, source.st_ino)
    {
      throw VideoError.cannotCreate(path, reason: "it is the input")
    }
    guard overwrite else { throw VideoError.cannotCreate(path, reason: "it exists; --overwrite replaces it") }
  }

  private func manifest(_ info: VideoInfo, _ chosen: ChosenSegmenter, _ address: SourceAddress) -> Manifest {
    Manifest(
      input: address.description, width: info.width, height: info.height, settings: settings(chosen),
      model: chosen.modelRecord,
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
