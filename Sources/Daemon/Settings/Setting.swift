/// The description of one setting. Flags, configuration files, the environment, the documentation and the checks all
/// come from it.
package struct Setting: Sendable {
  /// Its name in configuration files; the flag and the variable follow from it.
  package let name: String
  /// One or two sentences for the user.
  package let summary: String
  /// The values it takes.
  package let kind: SettingKind
  /// What holds where it is not set, for settings without a default value.
  package let unset: String?
  /// The default of a service where it differs.
  package let serviceDefault: SettingValue?
  /// Whether SIGHUP may change it in a running program.
  package let isReloadable: Bool
  private let read: @Sendable (Settings) -> SettingValue?
  private let write: @Sendable (SettingValue?, inout Settings) -> Bool

  init<Value: SettingRepresentable>(
    _ name: String, _ path: WritableKeyPath<Settings, Value> & Sendable, _ kind: SettingKind, _ summary: String,
    unset: String? = nil, asService: Value? = nil, isReloadable: Bool = false
  ) {
    self.name = name
    self.summary = summary
    self.kind = kind
    self.unset = unset
    serviceDefault = asService?.setting
    self.isReloadable = isReloadable
    read = { $0[keyPath: path].setting }
    write = { value, settings in
      guard let value = Value(setting: value) else { return false }
      settings[keyPath: path] = value
      return true
    }
  }

  /// The setting of a name; nil if there is none.
  package static func named(_ name: String) -> Setting? { byName[name] }

  private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

  /// Its option on the command line.
  package var flag: String { "--" + name.replacing("_", with: "-") }
  /// Its variable in the environment.
  package var variable: String { "NEM_" + name.uppercased() }
  /// The default value; nil where nothing is set.
  package var defaultValue: SettingValue? { value(in: Settings()) }

  /// Its value in `settings`; nil where nothing is set.
  package func value(in settings: Settings) -> SettingValue? { read(settings) }

  /// How its value in `settings` is written; empty where nothing is set.
  package func text(in settings: Settings) -> String { value(in: settings).map(kind.text) ?? "" }

  /// Puts a value that the kind has let pass.
  package func put(_ value: SettingValue?, into settings: inout Settings) {
    let fits = write(value, &settings)
    precondition(fits, "the kind of \(name) does not agree with its type")
  }

  /// The value that `text` stands for. Throws where it is of another kind or out of range.
  package func value(of text: String, at place: SettingOrigin) throws(SettingFault) -> SettingValue {
    guard let value = kind.value(of: text) else {
      throw .invalid(name: name, value: text, allowed: kind.expected, place: place)
    }
    return value
  }

  /// The default in words.
  package var defaultText: String {
    var text = defaultValue.map(kind.text) ?? unset ?? "not set"
    if let serviceDefault { text += "; as a service \(kind.text(of: serviceDefault))" }
    return text
  }
}
