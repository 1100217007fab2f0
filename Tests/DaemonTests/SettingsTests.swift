import Daemon
import Foundation
import Masks
import Testing
import VideoIO

@Suite struct SettingKindTests {
  @Test func valuesAreWrittenAsTheyAreRead() {
    let cases: [(SettingKind, [String])] = [
      (.duration(1...86_400 * 9, orOff: true), ["off", "1s", "90s", "10m", "7d", "5h"]),
      (.bytes(0...1 << 50), ["0", "17", "500K", "3M", "4G", "2T"]), (.whole(-3...3), ["-3", "0", "3"]),
      (.number(0.000_01...2), ["0.00001", "0.5", "2"]), (.flag, ["true", "false"]), (.choice(["a", "b"]), ["b"]),
      (.choices(["a", "b"]), ["b", "a,b", "b,a"]),
    ]
    for (kind, texts) in cases {
      for text in texts { #expect(kind.value(of: text).map(kind.text) == text, "\(text)") }
    }
    #expect(SettingKind.duration(1...99).value(of: "90") == .whole(90))
    #expect(SettingKind.bytes(0...1 << 50).value(of: "1024") == .whole(1024))
  }

  @Test func otherValuesAreRefused() {
    let cases: [(SettingKind, [String])] = [
      (.duration(10...600, orOff: true), ["9s", "11m", "", "m", "1.5m", "-1m", "1 m", "99999999999999999999d"]),
      (.duration(10...600), ["off", "0"]), (.bytes(1...1 << 20), ["2M", "M", "1KB", "9223372036854775807T"]),
      (.whole(1...3), ["0", "4", "1.0", "two", " 1"]), (.number(0...1), ["nan", "inf", "1.1", "-0.1"]),
      (.flag, ["yes", "1", "True", ""]), (.text, [""]), (.choice(["a"]), ["A", ""]),
    ]
    for (kind, texts) in cases {
      for text in texts { #expect(kind.value(of: text) == nil, "\(kind) takes '\(text)'") }
    }
  }
}

@Suite struct SettingsFileTests {
  private func fault(_ text: String) -> String {
    do {
      return "read: \(try SettingsFile.assignments(in: text, path: "garden.yaml"))"
    } catch {
      return "\(error)"
    }
  }

  @Test func faultsNameFileLineFieldValueAndRange() {
    let formats = "one or more of " + MaskDirectory.Format.allCases.map(\.rawValue).joined(separator: ", ")
    let cases = [
      ("\nslots: 257", "garden.yaml:2: slots is '257'; allowed: a whole number, 1…256"),
      ("slots: 1\nsloots: 3", "garden.yaml:2: no setting is named 'sloots'; did you mean 'slots'?"),
      ("retention: 3d", "garden.yaml:1: no setting is named 'retention'; did you mean 'retention_age'?"),
      ("xyz: 3", "garden.yaml:1: no setting is named 'xyz'"),
      ("slots: '5'", "garden.yaml:1: slots is '\"5\"'; allowed: a whole number, 1…256"),
      ("slots:\n  k: 5", "garden.yaml:1: slots is 'a map'; allowed: a whole number, 1…256"),
      ("slots: [8]", "garden.yaml:1: slots is 'a list'; allowed: a whole number, 1…256"),
      ("format: [png, gif]", "garden.yaml:1: format is 'png,gif'; allowed: \(formats)"),
      ("format: gif", "garden.yaml:1: format is 'gif'; allowed: \(formats)"),
      ("service: yes", "garden.yaml:1: service is 'yes'; allowed: true, false"),
      ("slots: 1\nslots: 2", "garden.yaml:1: it is not YAML: slots is set twice"),
      ("- slots", "garden.yaml:1: settings must be written as NAME: VALUE"),
    ]
    for (text, words) in cases { #expect(fault(text) == words) }
    for text in ["slots: 1\n---\nslots: 2", "model: [a", "slots: 3\n\tmodel: 4", String(repeating: "[", count: 60_000)]
    {
      #expect(fault(text).contains("it is not YAML"), "\(fault(text))")
    }
  }

  @Test func emptyFilesAndValuesSetNothing() throws {
    for text in ["", "# words", "{}"] { #expect(try SettingsFile.assignments(in: text, path: "f").isEmpty) }
    let given = try SettingsFile.assignments(in: "input:\nslots: null\nseed: 4", path: "f")
    #expect(given.map(\.value) == [nil, nil, .whole(4)])
  }

  /// Mutated files are read or refused, and nothing else.
  @Test func mutationsDoNoHarm() {
    var random = SystemRandomNumberGenerator()
    let text = Array(Setting.document.utf8)
    for _ in 0..<300 {
      var bytes = text
      for _ in 0..<8 {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...127, using: &random)
      }
      _ = fault(String(decoding: bytes, as: UTF8.self))
    }
  }
}

@Suite struct EffectiveSettingsTests {
  private func file(_ text: String) throws -> String {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("nem-\(UUID().uuidString).yaml").path
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    return path
  }

  @Test func laterLayersWin() throws {
    let (one, two) = (try file("slots: 2\nseed: 2\nmodel: a"), try file("slots: 3\nseed: 3"))
    defer { for path in [one, two] { unlink(path) } }
    let flag = SettingAssignment(name: "slots", value: .whole(5), origin: .flag("--slots"))
    let effective = try EffectiveSettings(
      files: [one, two], environment: ["NEM_SLOTS": "4", "NEM_SEED": "9", "NEM_STREAM_MODELS": "x", "HOME": "/"],
      flags: [flag])
    #expect(effective.values.slots == 5 && effective.values.seed == 9 && effective.values.model == "a")
    #expect(effective.origin(of: "slots") == .flag("--slots"))
    #expect(effective.origin(of: "seed") == .environment("NEM_SEED"))
    #expect(effective.origin(of: "model") == .file(one, line: 3))
    #expect(effective.origin(of: "format") == .standard)
  }

  @Test func aServiceHasItsOwnDefaults() throws {
    #expect(try EffectiveSettings(files: [], environment: [:], flags: []).values.segment == 0)
    let service = try EffectiveSettings(
      files: [], environment: ["NEM_SERVICE": "true", "NEM_RETENTION_AGE": "off"], flags: [])
    #expect(service.values.segment == 600 && service.values.retentionFree == 1 << 30)
    #expect(service.values.retentionAge == 0, "what is set wins over the default of a service")
    #expect(service.origin(of: "segment") == .service)
  }

  @Test func whatChangesNothingIsNamed() throws {
    func names(_ settings: [String: String], on source: String?) throws -> [String] {
      let environment = Dictionary(uniqueKeysWithValues: settings.map { ("NEM_\($0.uppercased())", $1) })
      return try EffectiveSettings(files: [], environment: environment, flags: [])
        .withoutEffect(on: source.map { SourceAddress($0) }).map(\.name)
    }
    let idle = [
      "clip_before": "5s", "exec_timeout": "5s", "format": "coco", "segment": "5m", "segmenter": "sort", "model": "x",
      "slots": "5", "status": "unix:s", "status_token": "t", "capture_size": "640x480", "capture_rate": "5",
      "rtsp_transport": "udp", "retry_for": "5s", "open_timeout": "3", "stall_limit": "3", "live": "true",
      "spool_limit": "1M",
    ]
    let useful: Set<String> = ["segmenter", "status"]
    #expect(try Set(names(idle, on: "a.mp4")) == Set(idle.keys).subtracting(useful))
    #expect(try names(["capture_rate": "5", "retry_for": "5s", "rtsp_transport": "udp"], on: nil).isEmpty)
    #expect(try names(["capture_rate": "5", "retry_for": "5s"], on: "/dev/video7").isEmpty)
    #expect(try names(["capture_rate": "5"], on: "frames/%05d.png").isEmpty)
    #expect(try names(["live": "true", "stall_limit": "3", "spool_limit": "1M"], on: "-").isEmpty)
    #expect(try names(["rtsp_transport": "udp", "retry_for": "5s"], on: "rtsps://camera/1").isEmpty)
    #expect(try names(["clips": "c", "clip_after": "9s", "masks": "m", "format": "png"], on: "a.mp4").isEmpty)
    let shipped = try file(Setting.document)
    defer { unlink(shipped) }
    let copied = try EffectiveSettings(files: [shipped], environment: [:], flags: [])
    #expect(copied.withoutEffect(on: SourceAddress("a.mp4")).isEmpty, "the values that a file has from the start")
  }

  @Test func theEnvironmentIsCheckedToo() throws {
    for (variable, value) in [("NEM_SLOTS", "many"), ("NEM_SLOT", "3"), ("NEM_MASKS", "")] {
      #expect(throws: SettingFault.self) {
        try EffectiveSettings(files: [], environment: [variable: value], flags: [])
      }
    }
  }

  @Test func onlyReloadableSettingsChangeInARunningProgram() throws {
    let before = try EffectiveSettings(files: [], environment: [:], flags: [])
    let after = try EffectiveSettings(
      files: [], environment: ["NEM_SEGMENT": "5m", "NEM_SLOTS": "7", "NEM_LOG_LEVEL": "debug"], flags: [])
    let (reloaded, kept) = before.changes(to: after)
    #expect(reloaded.map(\.description) == ["segment: off → 5m", "log_level: info → debug"])
    #expect(kept.map(\.description) == ["slots: not set → 7"])
    let now = before.reloaded(from: after)
    #expect(now.values.segment == 300 && now.values.slots == nil)
    #expect(now.origin(of: "segment") == .environment("NEM_SEGMENT"))
  }
}

@Suite struct SettingSecretsTests {
  private func settings(_ input: String) throws -> EffectiveSettings {
    try EffectiveSettings(files: [], environment: ["NEM_INPUT": input], flags: [])
  }

  @Test func passwordsAreNeverShown() throws {
    let (one, two) = (try settings("rtsp://me:first@camera/1"), try settings("rtsp://me:second@camera/1"))
    #expect(one.listing.contains("rtsp://me:***@camera/1") && !one.listing.contains("first"))
    let kept = one.changes(to: two).kept.map(\.description)
    #expect(kept.count == 1 && !kept[0].contains("first") && !kept[0].contains("second"))
    let fault = SettingFault.invalid(name: "slots", value: "rtsp://me:first@camera", allowed: "", place: .standard)
    #expect(!"\(fault)".contains("first"))
  }

  @Test(arguments: ["two\nlines\n", "a\ttab", "quote ' and \" and \\\n"]) func anyNameSurvivesItsListing(_ name: String)
    throws
  {
    let effective = try EffectiveSettings(files: [], environment: ["NEM_MASKS": name], flags: [])
    let again = try SettingsFile.assignments(in: effective.listing, path: "listing")
    #expect(again.first { $0.name == "masks" }?.value == .text(name))
  }

  @Test func aCommandIsAProgramOrAList() throws {
    for (text, value) in [
      ("exec: ./hook.sh", "./hook.sh"), ("exec: a b", "a b"), ("exec: [./hook.sh]", "./hook.sh"),
      (#"exec: [a, "b c", '3']"#, #"["a","b c","3"]"#), (#"exec: '["a", "b/c"]'"#, #"["a","b/c"]"#),
    ] {
      #expect(try SettingsFile.assignments(in: text, path: "f").first?.value == .text(value), "\(text)")
      // What is printed is read as the same.
      let effective = try EffectiveSettings(files: [], environment: ["NEM_EXEC": value], flags: [])
      let again = try SettingsFile.assignments(in: effective.listing, path: "listing")
      #expect(again.first { $0.name == "exec" }?.value == .text(value), "\(text)")
    }
    #expect(CommandWords.words(#"["a","b c"]"#) == ["a", "b c"] && CommandWords.words("a b") == ["a b"])
    for text in ["exec: []", "exec: ['']", "exec: '[\"a\"'", "exec: [[a]]", "exec: '[1]'"] {
      #expect(throws: SettingFault.self, "\(text)") { try SettingsFile.assignments(in: text, path: "f") }
    }
  }

  @Test func namesAreAListToo() throws {
    for text in ["allow_protocol: [srt, udplite]", "allow_protocol: srt,udplite"] {
      #expect(try SettingsFile.assignments(in: text, path: "f").first?.value == .text("srt,udplite"))
    }
    #expect(throws: SettingFault.self) { try SettingsFile.assignments(in: "allow_protocol: [[a]]", path: "f") }
    #expect(throws: SettingFault.self) { try SettingsFile.assignments(in: "allow_protocol: ['A b']", path: "f") }
  }
}

@Suite struct SettingsDocumentTests {
  private static let shipped = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("config/nem-stream.yaml")

  @Test func theShippedFileIsTheCodes() throws {
    let text = try String(contentsOf: Self.shipped, encoding: .utf8)
    #expect(text == Setting.document, "write it anew: nem-stream check-config --document > config/nem-stream.yaml")
  }

  @Test func theShippedFileSetsEachSettingToTheDefaultOfAService() throws {
    let given = try SettingsFile.read(Self.shipped.path)
    #expect(given.map(\.name) == Setting.all.map(\.name))
    let standard = try EffectiveSettings(files: [], environment: ["NEM_SERVICE": "true"], flags: [])
    let loaded = try EffectiveSettings(files: [Self.shipped.path], environment: ["NEM_SERVICE": "true"], flags: [])
    #expect(loaded.values == standard.values)
  }

  @Test func whatIsPrintedCanBeReadAgain() throws {
    let words = ["a b # c", "null", "- x", "3", "it's: \"so\"", "*x"]
    for word in words {
      let before = try EffectiveSettings(files: [], environment: ["NEM_INPUT": word, "NEM_SEGMENT": "90s"], flags: [])
      let given = try SettingsFile.assignments(in: before.listing, path: "listing")
      #expect(given.first { $0.name == "input" }?.value == .text(word))
      #expect(given.first { $0.name == "segment" }?.value == .whole(90))
    }
  }
}
