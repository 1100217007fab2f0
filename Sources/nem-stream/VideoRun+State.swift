import Background
import Daemon
import Events
import Foundation
import Kernels
import Masks
import NEM
import Pipeline
import VideoIO

/// What a run begins with.
struct RunBeginning {
  let reader: VideoReader
  let chosen: ChosenSegmenter
  /// 255 where something may be found; nil for everywhere.
  let watched: Image<UInt8>?
  /// What the files that are read are known again by.
  let identities: [String: String]
  /// Whether frames were taken from the reader, and the one that was taken and comes first.
  var isRead = false
  var first: VideoFrame?
  /// The stages of the run that it goes on with, and that run's folder.
  var resumed: ResumedRun?
  var directory: MaskDirectory?
  var events: EventSink?
  /// Whether the output of a run that did not come to its end is replaced, and what that run wrote beside it.
  var replacesOutput = false
  var replacesFiles = false
  var checkpoints: Checkpoints?
}

extension VideoRun {
  /// Seconds after which a service does not trust a state any more: the light has changed, and the objects are gone.
  private static let greatestAge = 600.0

  /// Opens the input, and takes up the saved state if the settings ask for that and there is one. Where it cannot be used
  /// that is said, and the run begins anew. Nil where the output is complete already.
  func begin(_ options: VideoReaderOptions, _ background: BackgroundConfiguration) throws -> RunBeginning? {
    var beginning = try open(options)
    guard let masks = try stateFolder(beginning.reader.info) else { return beginning }
    if settings.resume && settings.clips != nil && !settings.service && !address.canBeReadAgain {
      throw CommandFault(
        description: "cannot resume clips of \(address): they are copied while it is read; unset clips or resume",
        exitCode: 64)
    }
    let path = OutputLayout.state(in: masks)
    let identity = identity(beginning)
    let checkpoints = Checkpoints(
      path: path, identity: identity, interval: settings.checkpointInterval, request: Interruption.checkpoint
    ) { Console.log.note(.warning, "state", "the run's state is not saved: \($0)") }
    beginning.checkpoints = checkpoints
    guard settings.resume else { return beginning }
    if !settings.service && isWhole(Manifest.read(in: masks), beginning) {
      // A kill may have come between the end and this.
      checkpoints.remove()
      try checkEvents(besides: masks)
      return nil
    }
    do {
      if let state = try RunState.read(path, of: identity) { try take(state, masks, background, &beginning) }
    } catch let fault where Self.isOfState(fault) {
      if Interruption.flag.isSet { throw CommandFault.interrupted("the saved state is as it was") }
      Console.log.note(.warning, "state", "\(path) is not used: \(fault); beginning anew")
      beginning = try anew(beginning, options)
      beginning.checkpoints = checkpoints
      beginning.replacesOutput = Manifest.read(in: masks)?.status != .complete
    }
    return renumbered(beginning, masks)
  }

  /// Throws where complete masks have no events beside them, which would not be made.
  private func checkEvents(besides masks: String) throws {
    if let report = settings.report, !FileManager.default.fileExists(atPath: report) {
      throw CommandFault(
        description: "\(masks) is complete already, without \(report); "
          + "nem-stream inspect \(masks) --report \(report) makes it", exitCode: 64)
    }
    if let clips = settings.clips, ClipFolder.clips(in: clips).isEmpty, try !TrackRecord.read(in: masks).isEmpty {
      throw CommandFault(
        description: "\(masks) is complete already, without clips in \(clips); "
          + "a run with --clips alone makes them, or one with --overwrite instead of --resume", exitCode: 64)
    }
  }

  /// The folder of the run's state; nil where the run has none. Throws where the settings ask for one nevertheless.
  private func stateFolder(_ info: VideoInfo) throws -> String? {
    if let masks = settings.masks, masks != Settings.standardOutput,
      settings.service || (settings.segment == 0 && !info.isLive)
    {
      return masks
    }
    if settings.resume && !settings.service { throw CommandFault.liveResume(address.description) }
    if settings.checkpointInterval > 0 && !settings.service {
      Console.note("checkpoint_interval has no effect: only a service, or a file into one folder, can go on")
    }
    return nil
  }

  /// Whether a fault is one of the state or of the output that belongs to it.
  private static func isOfState(_ fault: any Error) -> Bool {
    if case .damaged = fault as? VideoError { return true }
    return fault is StateFault
  }

  private func take(
    _ state: RunState, _ masks: String, _ background: BackgroundConfiguration, _ beginning: inout RunBeginning
  ) throws {
    let (reader, segmenter) = (beginning.reader, beginning.chosen.segmenter)
    if settings.service {
      guard state.frames > 0 else { return }
      let age = Date().timeIntervalSince1970 - state.time
      guard 0...Self.greatestAge ~= age else { throw StateFault("it is not of the last ten minutes") }
      beginning.first = try reader.next()
      guard let first = beginning.first else { return }
      guard !reader.spreadsValues else { throw StateFault("its grays were made of 16 bits in another way") }
      beginning.resumed = try ResumedRun(
        warming: state, first: first, segmenter, background, watched: beginning.watched)
    } else if state.frames == 0 {
      (beginning.replacesOutput, beginning.replacesFiles) = (true, true)
    } else {
      var archive = state.output
      let directory = try MaskDirectory(
        continuing: &archive, path: masks, manifest: manifest(beginning),
        timeBase: reader.info.timeBase, frameRate: reader.info.frameRate, formats: settings.format)
      beginning.events = try EventSink(
        continuing: &archive,
        EventWatchers(settings, address, reader, overwrite: false).open(isContinued: true))
      try archive.finish()
      beginning.isRead = true
      beginning.resumed = try ResumedRun(
        continuing: state, reader, segmenter, background, watched: beginning.watched)
      beginning.directory = directory
    }
    Console.log.note(.info, "state", "going on after \(state.frames) frames", ["frames": .whole(state.frames)])
  }

  /// A beginning with nothing known; what was read of a file is read again.
  private func anew(_ beginning: RunBeginning, _ options: VideoReaderOptions) throws -> RunBeginning {
    guard beginning.isRead else {
      // The segmenter may have taken over a part of the state.
      return RunBeginning(
        reader: beginning.reader, chosen: try choose(), watched: beginning.watched, identities: beginning.identities,
        first: beginning.first)
    }
    guard address.canBeReadAgain else {
      throw CommandFault(
        description: "\(address) cannot be read again; start without --resume, with --overwrite", exitCode: 65)
    }
    return try open(options, isAgain: true)
  }

  private func open(_ options: VideoReaderOptions, isAgain: Bool = false) throws -> RunBeginning {
    let chosen = try choose()
    let reader = try Interruption.reading("no frame was read") { try VideoReader(address, options: options) }
    if !isAgain {
      for note in reader.info.notes { Console.note("nem-stream: \(note)") }
      if let mask = settings.maskImage, let concealed = options.concealed { describe(concealed, mask) }
    }
    return RunBeginning(
      reader: reader, chosen: chosen, watched: try settings.watchedPixels(reader.info, concealed: options.concealed),
      identities: options.identities(of: address))
  }

  /// Says where a mask image conceals all or nothing, which nobody can mean.
  private func describe(_ concealed: Image<UInt8>, _ path: String) {
    if !concealed.pixels.contains(where: { $0 != 0 }) { Console.note("\(path) is black: nothing is concealed") }
    if !concealed.pixels.contains(0) { Console.note("\(path) is nowhere black: the whole picture is concealed") }
  }

  /// Whether a folder holds all that this run would write.
  private func isWhole(_ earlier: Manifest?, _ beginning: RunBeginning) -> Bool {
    let own = manifest(beginning)
    guard let earlier, earlier.status == .complete else { return false }
    return earlier.input == own.input && earlier.identities == own.identities && earlier.settings == own.settings
      && earlier.model == own.model && earlier.versions == own.versions
  }

  /// Objects of a service get numbers that none of its segments has, even if the state is older than those.
  private func renumbered(_ beginning: RunBeginning, _ masks: String) -> RunBeginning {
    if settings.service {
      beginning.chosen.segmenter.skipIds(through: Int32(clamping: OutputSegment.highestObject(in: masks)))
    }
    return beginning
  }

  private func choose() throws -> ChosenSegmenter {
    try ChosenSegmenter(
      settings.segmenter, model: settings.model, slots: settings.slots, seed: UInt64(settings.seed),
      smallest: settings.minArea)
  }

  private func identity(_ beginning: RunBeginning) -> RunIdentity {
    let (info, chosen) = (beginning.reader.info, beginning.chosen)
    var decisive = recorded(chosen)
    if settings.service {
      // A service goes on with new folders.
      decisive["format"] = nil
    }
    for name in settings.service ? [] : ["report", "clips", "clip_before", "clip_after"] {
      decisive[name] = Setting.required(name).value(in: settings)
    }
    if let concealed = beginning.identities["mask_image"] { decisive["mask_image"] = .text(concealed) }
    let file = settings.service ? nil : beginning.identities["input"]
    return RunIdentity(
      program: NEMStream.version, input: file ?? address.description, width: info.width, height: info.height,
      settings: decisive, model: chosen.modelRecord?.sha256)
  }
}

extension CommandFault {
  static func liveResume(_ source: String) -> CommandFault {
    CommandFault(
      description: "cannot resume \(source): only a service, or a file into one folder of masks, can be gone on with",
      exitCode: 64)
  }
}
