import Foundation

extension Setting {
  /// The documentation of all settings as a configuration file, with the values of a service.
  package static var document: String {
    var text = """
      # Settings of nem-stream; copy to /etc/nem-stream/NAME.yaml and start nem-stream@NAME.
      # This file names every setting with the value that a service has without it. Later files, then the
      # environment (NEM_ and the name in capitals), then the command line (-- and the name with hyphens) win.
      # `nem-stream check-config --service --config FILE` says whether a file is sound, and what is in force.

      """
    var settings = Settings()
    for setting in all {
      if let value = setting.serviceDefault { setting.put(value, into: &settings) }
      text += "\n" + setting.comment + "\(setting.name): \(setting.written(in: settings))\n"
    }
    return text.replacing(": \n", with: ":\n")
  }

  /// Words in double quotes, as JSON and YAML have them both.
  private static func escaped(_ text: String) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    return (try? encoder.encode(text)).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }

  private var comment: String {
    let lines = [summary, "Allowed: \(kind.allowed). Default: \(defaultText)."]
    return (isReloadable ? lines + ["Reloadable with SIGHUP."] : lines).map { "# \($0)\n" }.joined()
  }

  /// The value as YAML; quoted where a YAML reader would take bare words for something else.
  func written(in settings: Settings) -> String {
    let text = text(in: settings)
    let isPlain = text.wholeMatch(of: /[A-Za-z0-9\/.][A-Za-z0-9_.\/@+-]*/) != nil && text != "null"
    if isPlain || text.isEmpty { return text }
    if text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) { return Self.escaped(text) }
    return ![.text, .names, .moment, .region, .command].contains(kind)
      ? text : "'" + text.replacing("'", with: "''") + "'"
  }
}
