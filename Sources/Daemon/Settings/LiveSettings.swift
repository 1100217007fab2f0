import Foundation

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
