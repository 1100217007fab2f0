import Daemon
import Foundation
import Masks
import Pipeline
import VideoIO

extension VideoRun {
  /// Opens what the options ask for; where the overlay cannot be made, no folder is left behind.
  func openSinks(_ info: VideoInfo, _ chosen: ChosenSegmenter) throws -> [any FrameSink] {
    if let overlay = settings.overlay { try checkOverlay(overlay) }
    // The folder comes first: the overlay may lie in it.
    let directory = try settings.masks.map { path in
      try MaskDirectory(
        path: path, manifest: manifest(info, chosen), timeBase: info.timeBase, frameRate: info.frameRate,
        format: settings.format, overwrite: settings.overwrite)
    }
    var sinks: [any FrameSink] = []
    if let directory { sinks.append(MaskFolderSink(directory)) }
    guard let overlay = settings.overlay else { return sinks }
    do {
      let writer = try OverlayWriter(
        path: overlay, width: info.width, height: info.height, timeBase: info.timeBase, frameRate: info.frameRate)
      return sinks + [OverlaySink(writer)]
    } catch {
      directory?.discard()
      throw error
    }
  }

  private func checkOverlay(_ path: String) throws {
    var (target, source) = (stat(), stat())
    guard stat(path, &target) == 0 else { return }
    if input == "-" ? fstat(STDIN_FILENO, &source) == 0 : stat(input, &source) == 0,
      (target.st_dev, target.st_ino) == (source.st_dev, source.st_ino)
    {
      throw VideoError.cannotCreate(path, reason: "it is the input")
    }
    guard settings.overwrite else { throw VideoError.cannotCreate(path, reason: "it exists; --overwrite replaces it") }
  }

  private func manifest(_ info: VideoInfo, _ chosen: ChosenSegmenter) -> Manifest {
    Manifest(
      input: input, width: info.width, height: info.height, settings: recorded(chosen), model: chosen.modelRecord,
      versions: ["nem-stream": NEMStream.version, "libavcodec": MediaLibraries.codecVersion],
      frames: .init(expected: info.expectedFrames))
  }

  /// What decides the masks, for the manifest; threads are not among it.
  private func recorded(_ chosen: ChosenSegmenter) -> [String: Manifest.Setting] {
    var record: [String: Manifest.Setting] = [
      "segmenter": .text(settings.segmenter.rawValue), "slots": .whole(chosen.slots), "seed": .whole(settings.seed),
      "format": .text(settings.format.rawValue),
    ]
    if let rate = settings.learningRate { record["learning_rate"] = .number(rate) }
    if let rawVideo = settings.rawVideo { record["raw_video"] = .text(rawVideo) }
    return record
  }
}
