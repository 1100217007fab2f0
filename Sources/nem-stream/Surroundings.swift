import Daemon
import Events
import Masks
import NEM
import VideoIO

/// What settings name on this machine: a program, a model, files. A run finds out when it comes to them.
struct Surroundings {
  private let effective: EffectiveSettings
  private let hasCredentials: Bool

  /// Looks for what `effective` names; for credentials only where those of a run are there too.
  init(_ effective: EffectiveSettings, hasCredentials: Bool) {
    (self.effective, self.hasCredentials) = (effective, hasCredentials)
  }

  /// Throws where something is not there or cannot be used. What a file or the environment names is a fault of the
  /// configuration.
  func check() throws {
    for (name, find) in searches {
      do {
        try find()
      } catch let fault as any FaultReport {
        switch effective.origin(of: name) {
        case .file, .environment: throw SettingFault.conflict(of: name, "\(effective.origin(of: name)): \(fault)")
        case .standard, .service, .flag: throw fault
        }
      }
    }
  }

  /// By the setting that names it, what throws where it is not there.
  private var searches: [(setting: String, find: () throws -> Void)] {
    let settings = effective.values
    var searches: [(String, () throws -> Void)] = []
    if settings.segmenter == .rnnEM, settings.model != "none" {
      searches.append(("model", { _ = try Model(path: ModelLocator.path(settings.model)) }))
    }
    if let command = settings.exec.flatMap(CommandWords.words) {
      searches.append(("exec", { try EventHook.check(command) }))
    }
    if let path = settings.maskImage { searches.append(("mask_image", { _ = try ImageFile.readMask(path) })) }
    if case .loopback? = settings.status.flatMap({ StatusAddress($0) }), settings.statusToken != nil || hasCredentials {
      searches.append(("status_token", { _ = try StatusToken.read(settings.statusToken) }))
    }
    return searches
  }
}
