import VideoIO

/// The settings in force and where each comes from: defaults, then files in their order, then the environment, then the
/// command line.
package struct EffectiveSettings: Sendable {
  /// The values.
  package private(set) var values = Settings()
  private var origins: [String: SettingOrigin] = [:]

  /// Variables of this prefix belong to the program's surroundings: where models lie, how tests run.
  private static let otherVariables = "NEM_STREAM"

  /// Gathers the layers.
  ///
  /// - Parameters:
  ///   - files: configuration files, the last one wins.
  ///   - environment: of it, variables called `NEM_…`, and for a service `STATE_DIRECTORY`.
  ///   - flags: what the command line says.
  package init(
    files: [String], environment: [String: String], flags: [SettingAssignment]
  ) throws(SettingFault) {
    var given: [SettingAssignment] = []
    for path in files { given += try SettingsFile.read(path) }
    given = try given + Self.assignments(in: environment) + flags
    given.removeAll { $0.value == nil }
    let isService = given.last { $0.name == "service" }?.value == .flag(true)
    if isService, let folder = environment["STATE_DIRECTORY"]?.split(separator: ":").first,
      let masks = Setting.named("masks")
    {
      put(.text(String(folder)), as: masks, from: .environment("STATE_DIRECTORY"))
    }
    for setting in Setting.all {
      if isService, let value = setting.serviceDefault { put(value, as: setting, from: .service) }
    }
    for item in given {
      guard let setting = Setting.named(item.name) else { preconditionFailure("no setting \(item.name)") }
      put(item.value, as: setting, from: item.origin)
    }
  }

  private mutating func put(_ value: SettingValue?, as setting: Setting, from origin: SettingOrigin) {
    setting.put(value, into: &values)
    origins[setting.name] = origin
  }

  private static func assignments(in environment: [String: String]) throws(SettingFault) -> [SettingAssignment] {
    let known = Dictionary(uniqueKeysWithValues: Setting.all.map { ($0.variable, $0) })
    var found: [SettingAssignment] = []
    for (variable, text) in environment.sorted(by: { $0.key < $1.key })
    where variable.hasPrefix("NEM_") && !variable.hasPrefix(otherVariables) {
      let origin = SettingOrigin.environment(variable)
      guard let setting = known[variable] else {
        throw .unknown(name: variable, similar: mostSimilar(to: variable, in: known.keys.sorted()), place: origin)
      }
      found.append(
        SettingAssignment(name: setting.name, value: try setting.value(of: text, at: origin), origin: origin))
    }
    return found
  }

  /// Checks that the settings go together. What a file says is told with its line.
  package func validate(on source: SourceAddress? = nil) throws(SettingFault) {
    do throws(SettingFault) {
      try values.validate(on: source)
      if values.masks == Settings.standardOutput && origin(of: "format") != .standard {
        throw .conflict(of: "format", "masks is -, which has a form of its own; leave format out, or give a folder")
      }
    } catch .conflict(let name, let text) {
      guard let place = name.map(origin), case .file = place else { throw .conflict(of: name, text) }
      throw .conflict(of: name, "\(place): \(text)")
    }
  }

  /// Where the value of a setting comes from.
  package func origin(of name: String) -> SettingOrigin { origins[name] ?? .standard }

  /// The settings as YAML, each with its origin; passwords in URLs are not shown.
  package var listing: String {
    let entries = Setting.all.map {
      ("\($0.name): \(Redaction.redact($0.written(in: values)))", origin(of: $0.name))
    }
    let width = min(entries.map(\.0.count).max() ?? 0, 40)
    return entries.map { entry, origin in
      entry + String(repeating: " ", count: max(0, width - entry.count)) + "  # \(origin)\n"
    }.joined()
  }

  /// What differs in `other`: settings that a running program takes over, and settings that need a restart.
  package func changes(to other: EffectiveSettings) -> (reloaded: [SettingChange], kept: [SettingChange]) {
    let all = Setting.all.compactMap { setting -> SettingChange? in
      let (old, new) = (setting.text(in: values), setting.text(in: other.values))
      return old == new ? nil : SettingChange(setting: setting, old: old, new: new)
    }
    return (all.filter(\.setting.isReloadable), all.filter { !$0.setting.isReloadable })
  }

  /// These settings with those of `other` that a running program takes over.
  package func reloaded(from other: EffectiveSettings) -> EffectiveSettings {
    var result = self
    for setting in Setting.all where setting.isReloadable {
      result.put(setting.value(in: other.values), as: setting, from: other.origin(of: setting.name))
    }
    return result
  }
}

/// A setting that another configuration changes.
package struct SettingChange: Sendable, CustomStringConvertible {
  /// The setting.
  package let setting: Setting
  let old: String
  let new: String

  package var description: String {
    Redaction.redact("\(setting.name): \(old.isEmpty ? "not set" : old) → \(new.isEmpty ? "not set" : new)")
  }
}
