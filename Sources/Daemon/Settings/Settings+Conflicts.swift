import Events
import VideoIO

extension Settings {
  /// The value of `masks` that stands for lines on standard output.
  package static let standardOutput = "-"

  /// Checks that the settings go together; `source` is what a credential names.
  package func validate(on source: SourceAddress? = nil) throws(SettingFault) {
    try validatePart()
    try validateSource(source ?? input.map { SourceAddress($0) })
    try validateFiles()
    try validateService()
    try validateMasks()
    if resume && !service { try validateResume() }
  }

  /// Throws a fault of the setting to change where something is in its way.
  private func refuse(_ name: String, if isInTheWay: Bool, _ reason: @autoclosure () -> String) throws(SettingFault) {
    if isInTheWay { throw .conflict(of: name, reason()) }
  }

  private func validatePart() throws(SettingFault) {
    try refuse(
      "duration", if: duration != nil && end != nil, "duration and end both say where to stop; give one of them")
    for (name, length) in [("duration", duration), ("end", end), ("learn", learn)] {
      guard let length, let moment = Moment(length) else { continue }
      try refuse(
        name, if: moment == .frames(0) || moment == .seconds(0),
        "\(name) is '\(length)', which leaves no frame; allowed: more than 0")
    }
    if let start = start.flatMap({ Moment($0) }), let end = end.flatMap({ Moment($0) }) {
      try refuse(
        "end", if: !start.isBefore(end),
        "end is '\(self.end!)' and start '\(self.start!)'; the end must come after the start")
    }
  }

  private func validateSource(_ source: SourceAddress?) throws(SettingFault) {
    try refuse(
      "input_credential", if: input != nil && inputCredential != nil, "give INPUT or input_credential, and not both")
    if let rawVideo {
      do {
        _ = try RawVideoFormat(parsing: rawVideo)
      } catch {
        throw .conflict(of: "raw_video", "\(error)")
      }
    }
    if let allowProtocol { try validateProtocols(allowProtocol) }
    if learn != nil, let source, !source.canBeReadAgain {
      throw .conflict(
        of: "learn", "learn reads its part of the video twice, which only a file allows; \(source) is none")
    }
  }

  private func validateProtocols(_ names: String) throws(SettingFault) {
    let known = SourceAddress.protocols + MediaLibraries.protocols
    for name in names.split(separator: ",").map(String.init) where !known.contains(name) {
      let similar = mostSimilar(to: name, in: known).map { "; did you mean '\($0)'?" } ?? ""
      throw .conflict(
        of: "allow_protocol", "allow_protocol: this machine's FFmpeg has no protocol '\(name)'" + similar)
    }
  }

  private func validateFiles() throws(SettingFault) {
    try refuse(
      "overlay", if: overlay == Self.standardOutput, "overlay is -, and needs a file's name, as in overlay.mkv")
    if let overlay {
      try refuse(
        "overlay", if: SourceAddress(overlay).isPicture,
        "overlay is \(overlay), a picture's name, and becomes a video; end it in .mp4 or .mkv")
    }
    if let report {
      try refuse(
        "report", if: EventReport.Form(path: report) == nil,
        "report is '\(report)'; its name must end in .csv or .json")
    }
    try refuse(
      "clips", if: clips != nil && maskImage != nil,
      "clips: they are copies of the source, and would show what mask_image conceals; unset one of them")
  }

  private func validateMasks() throws(SettingFault) {
    try refuse(
      "format", if: format.contains(.none) && format.count > 1,
      "format is '\(format.map(\.rawValue).joined(separator: ","))'; none goes with no other form")
    try refuse(
      "masks", if: masks == Self.standardOutput && (service || segment > 0),
      "masks is -; a service and segments need a folder: set masks to one, or unset service and segment")
    try refuse(
      "overwrite", if: segment > 0 && overwrite,
      "overwrite: segments never replace anything; unset overwrite, or set segment to off")
    try refuse(
      "segment", if: segment == 0 && (retentionAge > 0 || retentionBytes > 0 || retentionFree > 0),
      "retention deletes segments, and segment is off; set segment, for example to 10m")
  }

  private func validateService() throws(SettingFault) {
    if let status {
      try refuse(
        "status", if: StatusAddress(status) == nil,
        "status is '\(status)'; allowed: unix:PATH, 127.0.0.1:PORT, [::1]:PORT")
    }
    guard service else { return }
    try refuse(
      "segment", if: segment == 0 && masks != nil,
      "segment is off; a service needs segments, or its own output is in the way when it restarts")
    try refuse(
      "overlay", if: overlay != nil,
      "overlay: a service has no end at which the video could be finished; unset overlay or service")
    try refuse(
      "report", if: report != nil,
      "report: a service has no end; its segments' tracks.jsonl have the same, and inspect --report makes tables of them"
    )
    try refuse(
      "clips", if: clips != nil && masks == nil,
      "clips of a service are deleted as its segments are; set masks to their folder")
    try refuse(
      "preview", if: preview, "preview: nobody looks at a service's terminal; unset preview or service")
  }

  /// Throws where the output is not of the kind that a run can go on with.
  private func validateResume() throws(SettingFault) {
    guard let masks else { throw .conflict(of: "resume", "resume: there is no folder of masks; set masks") }
    try refuse(
      "resume", if: masks == Self.standardOutput,
      "resume: lines on standard output cannot be gone on with; set masks to a folder")
    try refuse(
      "resume", if: segment > 0 || overlay != nil,
      "resume goes on with one folder of masks; unset \(segment > 0 ? "segment" : "overlay")")
    try refuse(
      "resume", if: exec != nil, "resume: what was told of after the saved state would be told again; unset exec")
  }
}
