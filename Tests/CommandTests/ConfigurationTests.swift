import Daemon
import Foundation
import Testing

/// Settings from files, the environment and the command line.
@Suite struct ConfigurationTests {
  /// A value that the setting takes and that is not its default.
  private func sample(_ setting: Setting) -> String {
    switch setting.kind {
    case .text, .names, .command: "words"
    case .size: "640x480"
    case .moment: "90s"
    case .region: "'1,2,3,4'"
    case .choice(let words), .choices(let words): words.last!
    case .flag: "true"
    case .whole(let range): String(range.lowerBound + 6)
    case .number(let range): setting.kind.text(of: .number(range.upperBound))
    case .duration: "2h"
    case .bytes: "3G"
    }
  }

  @Test func everySettingHasItsOption() throws {
    let options = Setting.all.map { setting in
      if setting.name == "input" { return "words" }
      return setting.kind == .flag ? setting.flag : "\(setting.flag) \(sample(setting))"
    }
    let outcome = try Workplace().succeed("nem-stream run --explain " + options.joined(separator: " "))
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.count == Setting.all.count)
    for (setting, line) in zip(Setting.all, lines) {
      let place = setting.name == "input" ? "INPUT" : setting.flag
      #expect(line.hasPrefix("\(setting.name): \(sample(setting)) "), "\(line)")
      #expect(line.hasSuffix("# command line: \(place)"), "\(line)")
    }
  }

  @Test func everySettingHasItsVariable() throws {
    let variables = Setting.all.map { "\($0.variable)=\(sample($0))" }.joined(separator: " ")
    let outcome = try Workplace().succeed("\(variables) nem-stream run --explain")
    for setting in Setting.all {
      #expect(outcome.output.contains("\(setting.name): \(sample(setting)) "))
      #expect(outcome.output.contains("# environment: \(setting.variable)\n"))
    }
  }

  @Test func badConfigurationsAreRefusedBeforeAnythingStarts() throws {
    let place = try Workplace()
    try place.succeed("echo 'masks: out' > a.yaml; echo 'sloots: 3' > b.yaml; echo 'input: [x' > c.yaml")
    let cases = [
      ("nem-stream --config a.yaml --config b.yaml $SHORT", "b.yaml:1: no setting is named 'sloots'"),
      ("nem-stream --config c.yaml", "c.yaml:"), ("nem-stream --config missing.yaml", "missing.yaml"),
      ("NEM_SLOTS=0 nem-stream --config a.yaml $SHORT", "1…256"), ("nem-stream --config a.yaml", "no input is given"),
      ("nem-stream check-config --config b.yaml", "did you mean 'slots'"),
    ]
    for (line, words) in cases { try place.fail(line, 78, saying: words) }
    for (settings, words) in [
      ("status: 9100", "status is"), ("format: none,ffv1", "none goes"), ("report: r.txt", "must end in .csv"),
      ("service: true\\noverlay: x.mkv", "a service has no end"), ("duration: 3\\nend: 5", "give one of them"),
      ("raw_video: 1x", "d.yaml:1: raw video format"), ("overlay: x.mkv\\nservice: true", "d.yaml:1: overlay"),
      ("overlay: x.png", "a picture's name"), ("masks: \"-\"\\nformat: png", "d.yaml:2: masks is -"),
    ] {
      try place.succeed("printf '\(settings)\\n' > d.yaml")
      try place.fail("nem-stream check-config --config d.yaml", 78, saying: words)
      try place.fail("nem-stream --config a.yaml --config d.yaml $SHORT", 78, saying: words)
    }
    try place.fail("NEM_STATUS=9100 nem-stream check-config", 78, saying: "status is")
    try place.fail("nem-stream check-config --config a.yaml --status 9100", 64, saying: "status is")
    #expect(!FileManager.default.fileExists(atPath: place.url("out").path))
  }

  @Test func whatSettingsNameMustBeThere() throws {
    let place = try Workplace()
    try place.succeed("echo words > text.png; echo short > token; touch clip.mp4; chmod -x clip.mp4")
    for (settings, words) in [
      ("exec: nothing-of-this-name", "d.yaml:1: exec"), ("exec: ./clip.mp4", "not executable"),
      ("model: defualt", "did you mean 'default'"), ("model: text.safetensors", "d.yaml:1"),
      ("mask_image: text.png", "neither a video nor a picture"), ("learn: 5s\\ninput: rtsp://x/y", "d.yaml:1: learn"),
      ("learn: 0s", "more than 0"), ("allow_protocol: htttps", "did you mean 'https'?"),
      ("status: 127.0.0.1:9100\\nstatus_token: token", "at least 8"), ("masks: -", "is written \"-\""),
    ] {
      try place.succeed("printf '\(settings)\\n' > d.yaml")
      try place.fail("nem-stream check-config --config d.yaml", 78, saying: words)
    }
    try place.fail("nem-stream check-config --model defualt", 66, saying: "did you mean 'default'")
    let sound = try place.succeed("nem-stream check-config $SHORT --exec true --clips c -tb 5s --capture-rate 5")
    #expect(sound.errorLines.count == 1 && sound.errors.contains("capture_rate has no effect"))
    let quiet = try place.succeed("nem-stream check-config $SHORT --masks m --capture-rate 5 -q")
    #expect(quiet.errors.isEmpty)
    try place.succeed("nem-stream check-config rtsp://x/y --masks m --allow-protocol rtsps,sap,crypto")
  }

  @Test func whatOneOfTheInputsNeedsHasAnEffect() throws {
    let place = try Workplace()
    try place.succeed("mkdir pictures && ffmpeg -v error -i $SHORT -frames:v 3 pictures/%d.png")
    let line = "nem-stream $SHORT pictures --masks 'm/{stem}' --dry-run --rtsp-transport udp --capture-rate 5"
    let notes = try place.succeed(line).errorLines
    #expect(notes.count == 1 && notes[0].contains("rtsp_transport has no effect"))
    #expect(try place.succeed(line + " -q").errors.isEmpty)
  }

  @Test func theGroundOfACredentialsFileCanBeLearned() throws {
    let place = try Workplace()
    try place.succeed("mkdir keys && echo $SHORT > keys/file && echo rtsp://x/y > keys/camera")
    let line = "CREDENTIALS_DIRECTORY=keys nem-stream --masks m --learn 1s --dry-run --input-credential"
    try place.succeed("\(line) file")
    try place.fail("\(line) camera", 64, saying: "rtsp://x/y is none")
  }

  @Test func aFileSaysWhatToDo() throws {
    let place = try Workplace()
    try place.succeed("printf 'input: %s\\nmasks: out\\nmodel: none\\nlog_level: error\\n' $SHORT > run.yaml")
    #expect(try place.succeed("nem-stream --config run.yaml").errors.isEmpty)
    #expect(try MaskFolder(place, "out").manifest().status == .complete)
    try place.fail("nem-stream --config run.yaml", 73, saying: "already holds")
    try place.succeed("nem-stream --config run.yaml --overwrite")
  }
}
