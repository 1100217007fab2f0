import VideoIO

/// A setting that was given and changes nothing.
package struct IdleSetting: CustomStringConvertible {
  package let name: String
  let reason: String

  package var description: String { "\(name) has no effect: \(reason)" }
}

extension EffectiveSettings {
  /// Settings that were given and change nothing. `source` is nil where it is not known yet.
  package func withoutEffect(on source: SourceAddress?) -> [IdleSetting] {
    (Self.idle(values) + (source.map { Self.idle(values, on: $0) } ?? [])).filter { idle in
      // A file that writes each setting down asks for nothing.
      guard let setting = Setting.named(idle.name), let value = setting.value(in: values) else { return false }
      return value != setting.defaultValue && value != setting.serviceDefault
    }
  }

  /// Settings that nothing in the others asks for.
  private static func idle(_ values: Settings) -> [IdleSetting] {
    var idle: [IdleSetting] = []
    if values.clips == nil { idle += mark("clip_before", "clip_after", as: "no clips are made; set clips") }
    if values.exec == nil { idle += mark("exec_timeout", as: "no program is started; set exec") }
    if values.masks == nil { idle += mark("format", "segment", as: "no masks are written; set masks") }
    if values.segmenter != .rnnEM {
      idle += mark("model", "slots", as: "the segmenter \(values.segmenter.rawValue) has none")
    }
    guard case .loopback? = values.status.flatMap({ StatusAddress($0) }) else {
      return idle + mark("status_token", as: "no status is served over TCP; set status")
    }
    return idle
  }

  /// Settings for another kind of source.
  private static func idle(_ values: Settings, on source: SourceAddress) -> [IdleSetting] {
    var idle: [IdleSetting] = []
    var (isDevice, isRTSP, isPipe) = (false, false, false)
    switch source.kind {
    case .device: isDevice = true
    case .network(let scheme): isRTSP = scheme.hasPrefix("rtsp")
    case .namedPipe, .standardInput: isPipe = true
    case .file, .pictures, .stack: break
    }
    if !isDevice { idle += mark("capture_size", as: "\(source) is no camera or screen of this machine") }
    if !isDevice && !source.isPictures {
      idle += mark("capture_rate", as: "\(source) is no camera or screen of this machine, and no pictures")
    }
    if !isRTSP { idle += mark("rtsp_transport", as: "\(source) is no RTSP source") }
    if !isPipe { idle += mark("spool_limit", as: "\(source) is no pipe") }
    if !source.isRemote { idle += mark("open_timeout", as: "\(source) is no network source, camera or screen") }
    if source.canBeReadAgain { idle += mark("stall_limit", "live", as: "\(source) waits for its reader") }
    if source.canBeReadAgain || source.kind == .standardInput {
      idle += mark("retry_for", as: "\(source) cannot be lost and come back")
    }
    return idle
  }

  private static func mark(_ names: String..., as reason: String) -> [IdleSetting] {
    names.map { IdleSetting(name: $0, reason: reason) }
  }
}
