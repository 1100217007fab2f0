import Events
import Foundation
import VideoIO

/// The settings of a running program, some of which may change while it runs.
public final class LiveSettings: @unchecked Sendable {
  private let lock = NSLock()
  private var effective: EffectiveSettings

  /// The settings that a program starts with.
  package init(_ effective: EffectiveSettings) { self.effective = effective }

  /// The values now in force.
  public var values: Settings { lock.withLock { effective.values } }

  /// Takes over what can change without a restart, and says what did and what cannot. A configuration that cannot be
  /// used changes nothing.
  package func reload(_ log: EventLog, from load: () throws(SettingFault) -> EffectiveSettings) {
    let next: EffectiveSettings
    do throws(SettingFault) {
      next = try load()
      try next.validate()
    } catch {
      return log.note(.error, "reload", "the configuration is not reloaded: \(error)")
    }
    let (reloaded, kept) = lock.withLock {
      let changes = effective.changes(to: next)
      effective = effective.reloaded(from: next)
      return changes
    }
    log.configure(next.values.logLevel, next.values.logFormat)
    for change in reloaded { log.note(.info, "reload", "reloaded \(change)", ["setting": .text(change.setting.name)]) }
    for change in kept {
      log.note(.warning, "reload", "\(change) needs a restart", ["setting": .text(change.setting.name)])
    }
    if reloaded.isEmpty && kept.isEmpty { log.note(.info, "reload", "the configuration is as it was") }
  }
}

extension Settings {
  /// The value of `masks` that stands for lines on standard output.
  package static let standardOutput = "-"

  /// Checks that the settings go together.
  package func validate() throws(SettingFault) {
    if let status, StatusAddress(status) == nil {
      throw .conflict(of: "status", "status is '\(status)'; allowed: unix:PATH, 127.0.0.1:PORT, [::1]:PORT")
    }
    if let rawVideo {
      do {
        _ = try RawVideoFormat(parsing: rawVideo)
      } catch {
        throw .conflict(of: "raw_video", "\(error)")
      }
    }
    if duration != nil && end != nil {
      throw .conflict(of: "duration", "duration and end both say where to stop; give one of them")
    }
    for (name, length) in [("duration", duration), ("end", end)] {
      if let length, let moment = Moment(length), moment == .frames(0) || moment == .seconds(0) {
        throw .conflict(of: name, "\(name) is '\(length)', which leaves no frame; allowed: more than 0")
      }
    }
    if let start = start.flatMap({ Moment($0) }), let end = end.flatMap({ Moment($0) }), !start.isBefore(end) {
      throw .conflict(of: "end", "end is '\(self.end!)' and start '\(self.start!)'; the end must come after the start")
    }
    if input != nil && inputCredential != nil {
      throw .conflict(of: "input_credential", "give INPUT or input_credential, and not both")
    }
    if overlay == Self.standardOutput {
      throw .conflict(of: "overlay", "overlay is -, and needs a file's name, as in overlay.mkv")
    }
    if let overlay, SourceAddress(overlay).isPicture {
      throw .conflict(
        of: "overlay", "overlay is \(overlay), a picture's name, and becomes a video; end it in .mp4 or .mkv")
    }
    if service && overlay != nil {
      throw .conflict(
        of: "overlay", "overlay: a service has no end at which the video could be finished; unset overlay or service")
    }
    if let report, EventReport.Form(path: report) == nil {
      throw .conflict(of: "report", "report is '\(report)'; its name must end in .csv or .json")
    }
    if service && report != nil {
      throw .conflict(
        of: "report",
        "report: a service has no end; its segments' tracks.jsonl have the same, and inspect --report makes tables of them"
      )
    }
    if clips != nil && maskImage != nil {
      throw .conflict(
        of: "clips", "clips: they are copies of the source, and would show what mask_image conceals; unset one of them")
    }
    if clips != nil && service && masks == nil {
      throw .conflict(of: "clips", "clips of a service are deleted as its segments are; set masks to their folder")
    }
    if preview && service {
      throw .conflict(of: "preview", "preview: nobody looks at a service's terminal; unset preview or service")
    }
    if format.contains(.none) && format.count > 1 {
      throw .conflict(
        of: "format", "format is '\(format.map(\.rawValue).joined(separator: ","))'; none goes with no other form")
    }
    if masks == Self.standardOutput && (service || segment > 0) {
      throw .conflict(
        of: "masks", "masks is -; a service and segments need a folder: set masks to one, or unset service and segment")
    }
    if service && segment == 0 && masks != nil {
      throw .conflict(
        of: "segment", "segment is off; a service needs segments, or its own output is in the way when it restarts")
    }
    if resume && !service { try validateResume() }
    if segment > 0 && overwrite {
      throw .conflict(
        of: "overwrite", "overwrite: segments never replace anything; unset overwrite, or set segment to off")
    }
    if segment == 0 && (retentionAge > 0 || retentionBytes > 0 || retentionFree > 0) {
      throw .conflict(of: "segment", "retention deletes segments, and segment is off; set segment, for example to 10m")
    }
  }

  /// Throws where the output is not of the kind that a run can go on with.
  private func validateResume() throws(SettingFault) {
    guard let masks else { throw .conflict(of: "resume", "resume: there is no folder of masks; set masks") }
    if masks == Self.standardOutput {
      throw .conflict(of: "resume", "resume: lines on standard output cannot be gone on with; set masks to a folder")
    }
    if segment > 0 || overlay != nil {
      throw .conflict(of: "resume", "resume goes on with one folder of masks; unset segment and overlay")
    }
    if exec != nil {
      throw .conflict(of: "resume", "resume: what was told of after the saved state would be told again; unset exec")
    }
  }
}
