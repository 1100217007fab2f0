import Daemon
import Foundation
import Masks
import VideoIO

/// What goes along with a run: the supervisor that speaks to systemd and reloads settings, and the keeper of old output.
struct RunCompanions {
  /// The settings, as they change while the run goes on.
  let settings: LiveSettings
  /// How the run does.
  let health: RunHealth
  /// Sees how the source does.
  let monitor: SourceMonitor
  /// Deletes old segments; nil where none are written.
  let retention: RetentionKeeper?
  /// Where the run's numbers go; nil where nobody can ask.
  let metrics: RunMetrics?
  private let registry = PrometheusFactory()
  private let supervisor: Supervisor?

  /// Seconds within which a reader that waits for its source shows that it lives.
  private static let signInterval = 5.0

  /// Companions for a run with these settings on the source that messages call `source`; `reload` gathers the settings
  /// anew.
  init(
    _ effective: EffectiveSettings, source: String,
    reload: @escaping @Sendable () throws(SettingFault) -> EffectiveSettings
  ) {
    let settings = LiveSettings(effective)
    self.settings = settings
    let monitor = SourceReport.monitor(name: source)
    self.monitor = monitor
    let health = RunHealth(
      sourceWaits: { monitor.isWaiting && monitor.idleSeconds < Self.signInterval }, source: { monitor.counters })
    self.health = health
    let start = settings.values
    metrics = start.status == nil ? nil : RunMetrics(factory: registry)
    let notifier = ServiceNotifier(environment: ProcessInfo.processInfo.environment)
    supervisor =
      start.service || notifier.isActive
      ? Supervisor(notifier: notifier, health: health, reloadRequest: Interruption.reload) {
        settings.reload(Console.log, from: reload)
      } : nil
    retention =
      start.masks.flatMap { start.segment > 0 ? RetentionKeeper(root: $0, settings: settings, log: Console.log) : nil }
  }

  /// Runs `body` with them. As a service, a stop on request is a good end.
  func accompany(_ body: () throws -> Void) throws {
    let masks = settings.values.masks ?? ""
    let isNew = !FileManager.default.fileExists(atPath: masks)
    let root = try heldRoot()
    defer {
      withExtendedLifetime(root) {}
      // Of a run that could not begin nothing is left.
      if isNew, root != nil { rmdir(masks) }
    }
    let status = try statusServer()
    status?.start()
    defer { status?.stop() }
    if supervisor != nil { Interruption.installReload() }
    supervisor?.start()
    retention?.start()
    defer {
      retention?.stop()
      supervisor?.stop()
    }
    do {
      try body()
    } catch let fault as CommandFault where fault.exitCode == CommandFault.interruptedCode && settings.values.service {
      Console.log.note(.info, "stopped", "stopped on request")
    }
  }

  /// Keeps the folder of segments to this run, before anything there is deleted and its source is waited for. A folder that
  /// is one output keeps itself.
  private func heldRoot() throws -> FolderLock? {
    let settings = settings.values
    guard settings.segment > 0, let masks = settings.masks else { return nil }
    // A disk that is full now may have room later.
    try? OutputLayout.makeFolder(masks)
    return try FolderLock(masks)
  }

  private func statusServer() throws -> StatusServer? {
    guard let text = settings.values.status, let address = StatusAddress(text), let metrics else { return nil }
    let pages = StatusPages(health: health, metrics: metrics, registry: registry, root: settings.values.masks)
    var token: String?
    if case .loopback = address { token = try StatusToken.read(settings.values.statusToken) }
    do throws(StatusError) {
      return try StatusServer(address: address, token: token) { pages.page($0) }
    } catch {
      throw CommandFault(description: "cannot serve the status at \(text): \(error.reason)", exitCode: 73)
    }
  }
}

/// The secret that TCP clients of the status must send.
enum StatusToken {
  /// The first line of `path`, or of the credential status-token. Throws where there is none: anybody on the machine can
  /// open a port.
  static func read(_ path: String?) throws -> String {
    let folder = ProcessInfo.processInfo.environment["CREDENTIALS_DIRECTORY"]
    guard let path = path ?? folder.map({ $0 + "/status-token" }) else {
      throw SettingFault.conflict("status_token is not set; a status over TCP needs a token, or use unix:PATH")
    }
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw SettingFault.conflict("status_token: cannot read \(path); a status over TCP needs a token")
    }
    let token = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
    guard token.count >= 8 else {
      throw SettingFault.conflict("status_token: \(path) holds no token of at least 8 characters in its first line")
    }
    return token
  }
}
