import Daemon
import Events
import Foundation
import Masks
import VideoIO

/// Who is told of objects that appear and end, as the settings say.
struct EventWatchers {
  private let settings: Settings
  private let address: SourceAddress
  private let overwrite: Bool
  private let command: [String]?
  private let recorder: ClipRecorder?
  private let cutter: ClipCutter?
  /// Seconds of video before and after an object's time that its clip has too.
  private let before: Double, after: Double

  /// Watchers for a run over `address`, which `reader` reads; they may replace earlier output or not. Throws where there
  /// is no program to start, or where the source has nothing that clips could be copied from; makes nothing.
  init(_ settings: Settings, _ address: SourceAddress, _ reader: VideoReader, overwrite: Bool) throws {
    let info = reader.info
    (self.settings, self.address, self.overwrite) = (settings, address, overwrite)
    command = settings.exec.flatMap(CommandWords.words)
    if let command { try EventHook.check(command) }
    let hasClips = settings.clips != nil
    recorder = hasClips ? reader.recorder : nil
    try recorder?.check(info.name)
    cutter = hasClips && recorder == nil ? try ClipCutter(address, places: reader.places) : nil
    (before, after) =
      hasClips
      ? (try Self.seconds("clip_before", settings, info), try Self.seconds("clip_after", settings, info)) : (0, 0)
  }

  /// Opens them; clips are there before others hear of them. Throws where a file cannot be made. The files of a run that
  /// is gone on with stay as they are.
  func open(isContinued: Bool = false) throws -> [any EventWatcher] {
    var watchers: [any EventWatcher] = []
    let recorded = try settings.clips.flatMap { folder in try recorder.map { try clips(in: folder, $0) } }
    let copied = try settings.clips.flatMap { folder in try cutter.map { try clips(in: folder, $0, isContinued) } }
    if let copied { watchers.append(copied) }
    if let path = settings.report, let form = EventReport.Form(path: path) {
      watchers.append(try EventReport(path: path, form: form, isContinued: isContinued))
    }
    let hook = command.map { self.hook($0, clip: recorded.map { $0.path } ?? copied.map { $0.path }) }
    if let recorded {
      recorded.followers += [hook].compactMap(\.self)
      watchers.append(recorded)
    } else if let hook {
      watchers.append(hook)
    }
    return watchers
  }

  private func hook(_ command: [String], clip: ((TrackRecord) -> String?)?) -> EventHook {
    EventHook(
      command, timeout: Double(settings.execTimeout), input: address.description, clip: clip,
      isStopped: { Interruption.flag.isSet }
    ) { Console.log.note(.warning, "exec", $0) }
  }

  private func clips(in folder: String, _ cutter: ClipCutter, _ isContinued: Bool) throws -> EventClips {
    try EventClips(
      folder, cutter: cutter, before: before, after: after, overwrite: overwrite, isContinued: isContinued,
      source: address.path ?? "", warn: Self.warn)
  }

  private func clips(in folder: String, _ recorder: ClipRecorder) throws -> RecordedClips {
    guard settings.service else {
      let place = try ClipFolder(folder, overwrite: overwrite, source: address.path ?? "")
      return RecordedClips(
        recorder, before: before, after: after, name: { place.path($0, $1, pathExtension: "mkv") }, warn: Self.warn
      ) { fault throws(VideoError) in throw fault }
    }
    // The moment at which an object appears, not that of the source's clock.
    return RecordedClips(
      recorder, before: before, after: after,
      name: { id, _ throws(VideoError) in try ServiceClip.newPath(in: folder, id: id, at: Date()) }, warn: Self.warn
    ) { Console.log.note(.alert, "clips", "a clip is missing: \($0); tracking goes on") }
  }

  private static func warn(_ sentence: String) { Console.log.note(.warning, "clips", sentence) }

  /// A setting's length of video in seconds.
  private static func seconds(_ name: String, _ settings: Settings, _ info: VideoInfo) throws -> Double {
    switch Moment(Setting.required(name).text(in: settings)) {
    case .seconds(let seconds): return seconds
    case .frames(0), nil: return 0
    case .frames(let count):
      guard let rate = info.frameRate?.value, rate > 0 else {
        throw VideoError.unsuitable(info.name, reason: "it has no constant frame rate; give \(name) in seconds")
      }
      return Double(count) / (rate * Double(settings.every))
    }
  }
}
