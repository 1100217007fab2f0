import Daemon
import Foundation
import Masks
import Pipeline
import VideoIO

extension VideoRun {
  /// Throws where something is in the way of what the settings ask for, before anything that is there is replaced. The
  /// watchers are still to be opened; nil where the run goes on with those that it had.
  func checkOutputs(_ beginning: RunBeginning) throws -> EventWatchers? {
    var watchers: EventWatchers?
    if beginning.events == nil {
      let replaces = beginning.replacesFiles || settings.overwrite
      for file in [settings.overlay, settings.report].compactMap({ $0 }) {
        try checkFile(file, overwrite: replaces)
        try OutputFile.checkFolder(of: file, made: settings.madeFolders)
      }
      watchers = try EventWatchers(settings, address, beginning.reader, overwrite: replaces)
    }
    // Opening the folder tells it too, but only after the ground has been read.
    guard settings.learn != nil, let masks = settings.masks, masks != Settings.standardOutput, settings.segment == 0,
      beginning.directory == nil, !beginning.replacesOutput, !settings.overwrite
    else { return watchers }
    try MaskDirectory.checkFree(masks)
    return watchers
  }

  /// Opens what the settings ask for; where one of them cannot be made, no folder is left behind. The last sink reports
  /// what has been written.
  func openSinks(_ beginning: RunBeginning, _ watchers: EventWatchers?) throws -> [any FrameSink] {
    let info = beginning.reader.info
    let isPiped = settings.masks == Settings.standardOutput
    // The folder comes first: the overlay may lie in it.
    let directory = settings.segment > 0 || isPiped ? nil : try settings.masks.map { try open($0, beginning) }
    var sinks: [any FrameSink] = []
    if isPiped { sinks.append(MaskLineSink(MaskLines(file: STDOUT_FILENO, name: "standard output"))) }
    if let directory { sinks.append(MaskFolderSink(directory)) }
    if let masks = settings.masks, settings.segment > 0 { sinks.append(try segments(in: masks, beginning)) }
    do {
      if let overlay = settings.overlay {
        sinks.append(
          OverlaySink(
            try OverlayWriter(
              path: overlay, width: info.width, height: info.height, timeBase: info.timeBase,
              frameRate: info.frameRate, appearance: info.appearance)))
      }
      try beginning.events?.settle()
      sinks.append(try beginning.events ?? EventSink(watchers?.open() ?? []))
      if settings.preview { sinks += preview() }
    } catch {
      directory?.discard()
      throw error
    }
    return sinks + [HealthSink(companions.health)]
  }

  private func segments(in root: String, _ beginning: RunBeginning) throws -> SegmentedMasks {
    try SegmentedMasks(
      root: root, settings: companions.settings, health: companions.health, log: Console.log,
      outOfSpace: { [retention = companions.retention] in retention?.wake() }
    ) { path, segment throws(VideoError) in try open(path, segment, beginning) }
  }

  /// The one folder of a run, new or gone on with.
  private func open(_ path: String, _ beginning: RunBeginning) throws -> MaskDirectory {
    if let directory = beginning.directory {
      try directory.settle()
      return directory
    }
    let (info, checkpoints) = (beginning.reader.info, beginning.checkpoints)
    return try MaskDirectory(
      path: path, manifest: manifest(beginning), timeBase: info.timeBase, frameRate: info.frameRate,
      formats: settings.format, overwrite: beginning.replacesOutput || settings.overwrite,
      begin: checkpoints.map { checkpoints in { checkpoints.begin() } })
  }

  private func open(
    _ path: String, _ segment: Manifest.Segment, _ beginning: RunBeginning
  ) throws(VideoError) -> MaskDirectory {
    let info = beginning.reader.info
    var manifest = manifest(beginning)
    manifest.segment = segment
    // What the whole input holds says nothing of a part.
    manifest.frames.expected = nil
    return try MaskDirectory(
      path: path, manifest: manifest, timeBase: info.timeBase, frameRate: info.frameRate, formats: settings.format,
      overwrite: settings.overwrite)
  }

  private func preview() -> [any FrameSink] {
    if let sink = PreviewSink() { return [sink] }
    Console.note("there is no preview: standard error is no terminal with colours")
    return []
  }

  private func checkFile(_ path: String, overwrite: Bool) throws {
    var (target, source) = (stat(), stat())
    guard stat(path, &target) == 0 else { return }
    if address.path.map({ stat($0, &source) == 0 }) ?? (settings.input == "-" && fstat(STDIN_FILENO, &source) == 0),
      (target.st_dev, target.st_ino) == (source.st_dev, source.st_ino)
    {
      throw VideoError.cannotCreate(path, reason: "it is the input")
    }
    try OutputFile.check(path, overwrite: overwrite)
    if target.st_mode & S_IFMT == S_IFDIR {
      throw VideoError.cannotCreate(path, reason: String(cString: strerror(EISDIR)))
    }
  }

  func manifest(_ beginning: RunBeginning) -> Manifest {
    let (info, chosen) = (beginning.reader.info, beginning.chosen)
    return Manifest(
      input: address.description, width: info.width, height: info.height, settings: recorded(chosen),
      identities: beginning.identities, model: chosen.modelRecord,
      versions: ["nem-stream": NEMStream.version, "libavcodec": MediaLibraries.codecVersion],
      frames: .init(expected: info.expectedFrames))
  }

  /// What decides the masks, for the manifest; threads are not among it.
  func recorded(_ chosen: ChosenSegmenter) -> [String: Manifest.Setting] {
    var record: [String: Manifest.Setting] = [
      "segmenter": .text(settings.segmenter.rawValue), "slots": .whole(chosen.slots), "seed": .whole(settings.seed),
      "format": .text(settings.format.map(\.rawValue).joined(separator: ",")),
    ]
    // Of the part that was read, and of how it was looked at, what differs from the default.
    for name in Setting.ofReading + ["min_area", "learn", "learning_rate"] {
      let setting = Setting.required(name)
      let value = setting.value(in: settings)
      if value != setting.defaultValue { record[name] = value }
    }
    return record
  }
}

extension Setting {
  /// What decides which frames are read, when they are, and which of their pixels.
  static let ofReading = [
    "raw_video", "capture_size", "capture_rate", "start", "duration", "end", "every", "region", "mask_image",
    "downscale",
  ]
}
