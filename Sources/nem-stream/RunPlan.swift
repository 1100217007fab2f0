import Daemon
import Foundation
import Masks
import VideoIO

/// One of the runs that a command line asks for: its settings, and where it reads.
struct PlannedRun {
  /// What the command line gives for this input alone.
  let own: [SettingAssignment]
  let effective: EffectiveSettings
  let address: SourceAddress

  var settings: Settings { effective.values }
}

/// The runs of a command line: one for each input, each with output of its own.
struct RunPlan {
  let runs: [PlannedRun]
  private static let mark = "{stem}"

  /// Expands inputs and names of outputs. Throws where inputs would write the same output, or an input is missing from
  /// the settings.
  init(_ options: SettingOptions) throws {
    let common = try options.effective()
    let inputs = Self.inputs(options, common)
    guard inputs.count > 1 || (Self.hasMark(common.values) && !inputs.isEmpty) else {
      // An input that stands as it is may change when the configuration is read again.
      let own = inputs.first?.value == common.values.input.map { .text($0) } ? [] : inputs
      let effective = try options.effective(own)
      try Self.check(effective, options)
      let address = try effective.values.sourceAddress()
      try options.validate(effective, on: address)
      runs = [PlannedRun(own: own, effective: effective, address: address)]
      try refuseSharedOutput()
      return
    }
    try Self.check(common, options)
    if inputs.count > 1 && common.values.masks == Settings.standardOutput {
      throw CommandFault(description: "masks is -, which takes one input, and \(inputs.count) are given", exitCode: 64)
    }
    if inputs.count > 1 && common.values.service {
      throw CommandFault(description: "a service has one input, and \(inputs.count) are given", exitCode: 64)
    }
    runs = try inputs.map { input in
      let address = try options.effective([input]).values.sourceAddress()
      let own = [input] + Self.outputs(of: address, common, isOneOfMany: inputs.count > 1)
      let effective = try options.effective(own)
      try options.validate(effective, on: address)
      return PlannedRun(own: own, effective: effective, address: address)
    }
    try refuseSharedOutput()
  }

  /// What was asked for and changes nothing in any run, with the reason of the first.
  var withoutEffect: [IdleSetting] {
    let idle = runs.map { $0.effective.withoutEffect(on: $0.address) }
    return idle[0].filter { setting in idle.allSatisfy { $0.contains { $0.name == setting.name } } }
  }

  /// Every input, patterns replaced by the files they name; one without a value stands for a credential.
  private static func inputs(_ options: SettingOptions, _ common: EffectiveSettings) -> [SettingAssignment] {
    var given = options.inputs
    if given.isEmpty, let input = common.values.input {
      given = [SettingAssignment(name: "input", value: .text(input), origin: common.origin(of: "input"))]
    }
    return given.flatMap { item -> [SettingAssignment] in
      guard case .text(let text) = item.value, let files = FilePattern.files(text) else { return [item] }
      return files.map { SettingAssignment(name: item.name, value: .text($0), origin: item.origin) }
    }
  }

  private static func hasMark(_ settings: Settings) -> Bool {
    settings.outputs.contains { $0.path.contains(mark) }
  }

  /// Names of outputs with the input's in them.
  private static func outputs(
    of address: SourceAddress, _ common: EffectiveSettings, isOneOfMany: Bool
  ) -> [SettingAssignment] {
    common.values.outputs.map { name, path, isFolder in
      let path = isOneOfMany && isFolder && !path.contains(mark) ? path + "/" + mark : path
      return SettingAssignment(
        name: name, value: .text(path.replacing(mark, with: address.stem)), origin: common.origin(of: name))
    }
  }

  /// Throws where something is missing or does not go together.
  private static func check(_ effective: EffectiveSettings, _ options: SettingOptions) throws {
    if case .text(let word)? = options.inputs.first?.value, let command = mistypedCommand(word) {
      throw CommandFault(
        description: "there is no file '\(word)'; did you mean 'nem-stream \(command)'?", exitCode: 64)
    }
    let settings = effective.values
    if settings.input == nil && settings.inputCredential == nil {
      throw options.fault("no input is given, as in nem-stream INPUT --masks DIR; nem-stream run -h shows more")
    }
    guard !settings.outputs.isEmpty || settings.exec != nil || settings.preview else {
      throw options.fault("nothing to write: give --masks DIR, --overlay FILE, --report FILE, --clips DIR or --preview")
    }
    try options.validate(effective)
  }

  /// The command that a word was meant to be which stands where an input does.
  private static func mistypedCommand(_ word: String) -> String? {
    guard word.allSatisfy({ $0.isLetter || $0 == "-" }), word != "-", !FileManager.default.fileExists(atPath: word)
    else { return nil }
    let commands = NEMStream.configuration.subcommands.map { $0.configuration }.filter(\.shouldDisplay)
    return mostSimilar(to: word, in: commands.compactMap(\.commandName))
  }

  private func refuseSharedOutput() throws {
    var owners: [String: Int] = [:]
    for (index, run) in runs.enumerated() {
      try run.settings.refuseSharedOutput()
      for input in runs { try run.settings.refuseToReplace(input.address) }
      for (_, path, _) in run.settings.outputs {
        if let other = owners.updateValue(index, forKey: Settings.place(path)), other != index {
          let (one, two) = (runs[other].address, run.address)
          let isTwice = one.path != nil && one.path.map(Settings.place) == two.path.map(Settings.place)
          throw CommandFault(
            description: isTwice
              ? "\(two) is given twice"
              : "\(one) and \(two) would both write \(path); put {stem} in its name, or run inputs of the same name apart",
            exitCode: 64)
        }
      }
    }
  }
}

extension Settings {
  /// What a run writes: the setting that names it, and whether it is a folder.
  var outputs: [(name: String, path: String, isFolder: Bool)] {
    let all = [("masks", masks, true), ("overlay", overlay, false), ("report", report, false), ("clips", clips, true)]
    return all.compactMap { name, path, isFolder in path.map { (name, $0, isFolder) } }
  }

  /// The folders that a run makes where they are missing.
  var madeFolders: [String] { outputs.filter { $0.isFolder && $0.path != Self.standardOutput }.map(\.path) }

  /// A path as every way to write it has it.
  fileprivate static func place(_ path: String) -> String { URL(fileURLWithPath: path).standardizedFileURL.path }

  /// Throws where an input lies where masks are written: it would be removed with those of an earlier run.
  fileprivate func refuseToReplace(_ input: SourceAddress) throws {
    func real(_ path: String) -> String { URL(fileURLWithPath: path).resolvingSymlinksInPath().path }
    guard let masks, let place = input.place, OutputLayout(root: real(masks)).owns(real(place)) else { return }
    throw CommandFault(
      description: "the input \(input) lies among the masks of \(masks), which would be replaced; give another folder",
      exitCode: 64)
  }

  /// Throws where a file would take the place of another output of the run; two folders may be one.
  fileprivate func refuseSharedOutput() throws {
    func fault(_ name: String, _ other: String, _ path: String) -> CommandFault {
      CommandFault(description: "\(other) and \(name) would both write \(path); give one another name", exitCode: 64)
    }
    let masks = masks.map { OutputLayout(root: Self.place($0)) }
    var owners: [String: (name: String, isFolder: Bool)] = [:]
    for (name, path, isFolder) in outputs {
      if masks?.owns(Self.place(path)) == true { throw fault("masks", name, path) }
      if let other = owners.updateValue((name, isFolder), forKey: Self.place(path)), !(other.isFolder && isFolder) {
        throw fault(name, other.name, path)
      }
    }
  }
}

/// Names with `*`, `?` and `[…]` as a shell reads them.
enum FilePattern {
  /// The files that a pattern names, in order; nil where the text is no pattern, names a file as it is, or fits none.
  static func files(_ text: String) -> [String]? {
    guard text.contains(where: { "*?[".contains($0) }), !text.contains("://"),
      !FileManager.default.fileExists(atPath: text)
    else { return nil }
    var found = glob_t()
    defer { globfree(&found) }
    guard glob(text, 0, nil, &found) == 0 else { return nil }
    return (0..<Int(found.gl_pathc)).compactMap { found.gl_pathv[$0].map { String(cString: $0) } }
  }
}
