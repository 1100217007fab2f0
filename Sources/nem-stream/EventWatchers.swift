import Daemon
import Events
import VideoIO

/// Who is told of objects that appear and end, as the settings say.
struct EventWatchers {
  private let settings: Settings
  private let address: SourceAddress

  /// Watchers for a run over `address`.
  init(_ settings: Settings, _ address: SourceAddress) { (self.settings, self.address) = (settings, address) }

  /// Opens them; clips are there before others hear of them. Throws where a file cannot be made, or the source has
  /// nothing that clips could be copied from.
  func open(_ info: VideoInfo) throws -> [any EventWatcher] {
    var watchers: [any EventWatcher] = []
    let command = settings.exec.flatMap(CommandWords.words)
    if let command { try EventHook.check(command) }
    let clips = try settings.clips.map { try self.clips(in: $0, info) }
    if let clips { watchers.append(clips) }
    if let path = settings.report, let form = EventReport.Form(path: path) {
      watchers.append(try EventReport(path: path, form: form))
    }
    if let command {
      watchers.append(
        EventHook(
          command, timeout: Double(settings.execTimeout), input: address.description, clip: clips?.path,
          isStopped: { Interruption.flag.isSet }
        ) { Console.log.note(.warning, "exec", $0) })
    }
    return watchers
  }

  private func clips(in folder: String, _ info: VideoInfo) throws -> EventClips {
    try EventClips(
      folder, cutter: try ClipCutter(address), before: try seconds("clip_before", info),
      after: try seconds("clip_after", info), overwrite: settings.overwrite, source: address.path ?? ""
    ) { Console.log.note(.warning, "clips", $0) }
  }

  /// A setting's length of video in seconds.
  private func seconds(_ name: String, _ info: VideoInfo) throws -> Double {
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
