import ArgumentParser
import Daemon
import Foundation
import VideoIO

/// The command line's form of the settings: which options there are. What they mean, and which values they take, is said
/// by their descriptions.
struct SettingOptions: ParsableArguments {
  @Option(help: ArgumentHelp("YAML file of settings; the last one wins.", valueName: "file"))
  var config: [String] = []
  @Argument(
    help: ArgumentHelp("Videos, URL, camera, - or folder of pictures.", valueName: "input"),
    transform: { try Setting.required("input").assignment($0) })
  var inputs: [SettingAssignment] = []

  @Option("input_credential") var inputCredential: SettingAssignment?
  @Option("raw_video") var rawVideo: SettingAssignment?
  @Option("spool_limit") var spoolLimit: SettingAssignment?
  @Option("threads") var threads: SettingAssignment?
  @Option("start", .customLong("ss", withSingleDash: true)) var start: SettingAssignment?
  @Option("duration", .customShort("t")) var duration: SettingAssignment?
  @Option("end", .customLong("to", withSingleDash: true)) var end: SettingAssignment?
  @Option("every") var every: SettingAssignment?
  @Option("region") var region: [SettingAssignment] = []
  @Option("mask_image") var maskImage: SettingAssignment?
  @Option("downscale") var downscale: SettingAssignment?
  @Option("retry_for") var retryFor: SettingAssignment?
  @Option("open_timeout") var openTimeout: SettingAssignment?
  @Option("stall_limit") var stallLimit: SettingAssignment?
  @Flag("live") var live: Bool?
  @Option("rtsp_transport") var rtspTransport: SettingAssignment?
  @Option("allow_protocol") var allowProtocol: SettingAssignment?
  @Option("capture_size") var captureSize: SettingAssignment?
  @Option("capture_rate") var captureRate: SettingAssignment?
  @Option("masks") var masks: SettingAssignment?
  @Option("format") var format: [SettingAssignment] = []
  @Option("overlay") var overlay: SettingAssignment?
  @Option("report") var report: SettingAssignment?
  @Option("clips") var clips: SettingAssignment?
  @Option("clip_before", .customLong("tb", withSingleDash: true)) var clipBefore: SettingAssignment?
  @Option("clip_after", .customLong("tp", withSingleDash: true)) var clipAfter: SettingAssignment?
  @Flag("preview") var preview: Bool?
  @Option("exec") var exec: SettingAssignment?
  @Option("exec_timeout") var execTimeout: SettingAssignment?
  @Flag("overwrite") var overwrite: Bool?
  @Option("segment") var segment: SettingAssignment?
  @Option("retention_age") var retentionAge: SettingAssignment?
  @Option("retention_bytes") var retentionBytes: SettingAssignment?
  @Option("retention_free") var retentionFree: SettingAssignment?
  @Option("segmenter") var segmenter: SettingAssignment?
  @Option("model") var model: SettingAssignment?
  @Option("slots") var slots: SettingAssignment?
  @Option("min_area") var minArea: SettingAssignment?
  @Option("learn") var learn: SettingAssignment?
  @Option("seed") var seed: SettingAssignment?
  @Option("learning_rate") var learningRate: SettingAssignment?
  @Flag("service") var service: Bool?
  @Option("checkpoint_interval") var checkpointInterval: SettingAssignment?
  @Flag("resume") var resume: Bool?
  @Option("status") var status: SettingAssignment?
  @Option("status_token") var statusToken: SettingAssignment?
  @Option("log_level") var logLevel: SettingAssignment?
  @Option("log_format") var logFormat: SettingAssignment?
  @Option("progress") var progress: SettingAssignment?
  @Flag(name: .shortAndLong, help: "Errors only.") var quiet = false
  @Flag(name: .shortAndLong, help: "Say what is read and used.") var verbose = false

  /// What the command line sets.
  private var given: [SettingAssignment] {
    let flags = [
      ("live", live), ("overwrite", overwrite), ("preview", preview), ("service", service), ("resume", resume),
    ].compactMap {
      name, value in
      value.map { SettingAssignment(name: name, value: .flag($0), origin: .flag(Setting.required(name).flag)) }
    }
    let shorthands = [("--verbose", verbose, LogLevel.debug), ("--quiet", quiet, .error)]
    let levels = shorthands.filter(\.1).map { flag, _, level in
      SettingAssignment(name: "log_level", value: .text(level.rawValue), origin: .flag(flag))
    }
    let options = [
      inputCredential, rawVideo, spoolLimit, threads, start, duration, end, every, joined(region, " "), maskImage,
      downscale,
      retryFor, openTimeout, stallLimit, rtspTransport,
      allowProtocol, captureSize, captureRate, masks, joined(format, ","), overlay, report, clips, clipBefore,
      clipAfter, exec, execTimeout, segment, retentionAge, retentionBytes,
      retentionFree, segmenter, model, slots, minArea, learn, seed, learningRate, checkpointInterval, status,
      statusToken, logLevel, logFormat, progress,
    ]
    return levels + inputs.suffix(1) + options.compactMap { $0 } + flags
  }

  /// One assignment of what an option that may be given again says each time.
  private func joined(_ assignments: [SettingAssignment], _ separator: Character) -> SettingAssignment? {
    guard let first = assignments.first else { return nil }
    var words: [String] = []
    for case .text(let text) in assignments.map(\.value) {
      words += text.split(separator: separator).map(String.init).filter { !words.contains($0) }
    }
    let text = words.joined(separator: String(separator))
    return SettingAssignment(name: first.name, value: .text(text), origin: first.origin)
  }

  /// The settings in force, `extra` winning over what else the command line says; of several inputs the last one. Throws
  /// `SettingFault` where a file or the environment holds what cannot be used.
  func effective(_ extra: [SettingAssignment] = []) throws(SettingFault) -> EffectiveSettings {
    try EffectiveSettings(files: config, environment: ProcessInfo.processInfo.environment, flags: given + extra)
  }

  /// Throws where settings do not go together, or not with the source where that is known.
  func validate(_ effective: EffectiveSettings, on source: SourceAddress? = nil) throws {
    do throws(SettingFault) {
      try effective.validate(on: source)
    } catch let conflict {
      guard case .conflict(let name?, let text) = conflict else { throw fault(conflict.description) }
      switch effective.origin(of: name) {
      case .file, .environment: throw conflict
      case .flag: throw CommandFault(description: text, exitCode: 64)
      case .standard, .service: throw fault(text)
      }
    }
  }

  /// What is missing is a fault of the command line, unless a file should have said it.
  func fault(_ what: String) -> any Error {
    config.isEmpty ? CommandFault(description: what, exitCode: 64) : SettingFault.conflict(what)
  }
}

extension Setting {
  /// The setting of a name that is known to exist.
  static func required(_ name: String) -> Setting {
    guard let setting = named(name) else { preconditionFailure("no setting \(name)") }
    return setting
  }

  /// What a value on the command line sets. Throws what the parser prints after the option's name.
  func assignment(_ text: String) throws -> SettingAssignment {
    guard let value = kind.value(of: text) else { throw ValidationError("allowed: \(kind.expected)") }
    return SettingAssignment(name: name, value: value, origin: .flag(name == "input" ? "INPUT" : flag))
  }

  fileprivate func optionName(_ alias: NameSpecification.Element? = nil) -> NameSpecification {
    NameSpecification((alias.map { [$0] } ?? []) + [.customLong(String(flag.dropFirst(2)))])
  }

  /// Options that the short help shows; the others are for services and rare inputs.
  private static let common: Set<String> = [
    "start", "duration", "end", "region", "mask_image", "downscale", "masks", "format", "overlay",
    "report", "clips", "preview", "overwrite", "model", "min_area",
  ]

  /// What the short help says.
  fileprivate var help: ArgumentHelp {
    ArgumentHelp(summary, valueName: kind.placeholder, visibility: Self.common.contains(name) ? .default : .hidden)
  }

  /// What the manual says: also the values and the default.
  var documentation: String {
    "\(summary) " + (kind.isOpen ? "" : "Allowed: \(kind.allowed). ") + "Default: \(defaultText)."
  }
}

extension Option where Value == SettingAssignment? {
  /// The option of a setting, perhaps with a short name.
  fileprivate init(_ name: String, _ alias: NameSpecification.Element? = nil) {
    let setting = Setting.required(name)
    // What looks like an option is a value out of range here (-3), except where any text will do.
    self.init(
      name: setting.optionName(alias), parsing: setting.kind.isOpen ? .next : .unconditional, help: setting.help,
      transform: { try setting.assignment($0) })
  }
}

extension Option where Value == [SettingAssignment] {
  /// The option of a setting, which may be given again.
  fileprivate init(wrappedValue: [SettingAssignment], _ name: String) {
    let setting = Setting.required(name)
    self.init(
      wrappedValue: wrappedValue, name: setting.optionName(), parsing: .unconditionalSingleValue, help: setting.help,
      transform: { try setting.assignment($0) })
  }
}

extension Flag where Value == Bool? {
  /// The flag of a setting, with its --no- form.
  fileprivate init(_ name: String) {
    let setting = Setting.required(name)
    self.init(name: setting.optionName(), inversion: .prefixedNo, help: setting.help)
  }
}
