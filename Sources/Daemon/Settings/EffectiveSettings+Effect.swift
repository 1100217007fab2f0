import VideoIO

extension EffectiveSettings {
  /// Settings that were given and change nothing, with the reason: one sentence each. `source` is nil where it is not
  /// known yet.
  package func withoutEffect(on source: SourceAddress?) -> [String] {
    (Self.idle(values) + (source.map { Self.idle(values, on: $0) } ?? [])).filter { name, _ in
      // A file that writes each setting down asks for nothing.
      guard let setting = Setting.named(name), let value = setting.value(in: values) else { return false }
      return value != setting.defaultValue && value != setting.serviceDefault
    }.map { name, reason in "\(name) has no effect: \(reason)" }
  }

  /// Settings that nothing in the others asks for.
  private static func idle(_ values: Settings) -> [(name: String, reason: String)] {
    var idle: [(String, String)] = []
    if values.clips == nil { idle += ["clip_before", "clip_after"].map { ($0, "no clips are made; set clips") } }
    if values.exec == nil { idle.append(("exec_timeout", "no program is started; set exec")) }
    if values.masks == nil { idle += ["format", "segment"].map { ($0, "no masks are written; set masks") } }
    if values.segmenter != .rnnEM {
      idle += ["model", "slots"].map { ($0, "the segmenter \(values.segmenter.rawValue) has none") }
    }
    guard case .loopback? = values.status.flatMap({ StatusAddress($0) }) else {
      return idle + [("status_token", "no status is served over TCP; set status")]
    }
    return idle
  }

  /// Settings for another kind of source.
  private static func idle(_ values: Settings, on source: SourceAddress) -> [(name: String, reason: String)] {
    var idle: [(String, String)] = []
    var (isDevice, isRTSP, comesBack) = (false, false, true)
    switch source.kind {
    case .device: isDevice = true
    case .network(let scheme): isRTSP = scheme.hasPrefix("rtsp")
    case .namedPipe: break
    case .standardInput, .file, .pictures, .stack: comesBack = false
    }
    if !isDevice { idle.append(("capture_size", "\(source) is no camera or screen of this machine")) }
    if !isDevice && !source.isPictures {
      idle.append(("capture_rate", "\(source) is no camera or screen of this machine, and no pictures"))
    }
    if !isRTSP { idle.append(("rtsp_transport", "\(source) is no RTSP source")) }
    if !comesBack { idle.append(("retry_for", "\(source) cannot be lost and come back")) }
    return idle
  }
}
