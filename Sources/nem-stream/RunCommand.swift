import ArgumentParser
import Daemon
import Foundation
import VideoIO

/// `nem-stream INPUT --masks DIR`: segments one video.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Segment a video into one mask stream per moving object (the default command).",
    discussion: """
      Examples:
        nem-stream input.mp4 --masks out/
        ffmpeg -i camera.ts -f yuv4mpegpipe - | nem-stream - --masks out/
        nem-stream input.mp4 --masks - | jq -c '[.frame, (.objects | length)]'
        nem-stream rtsp://user@camera/stream --masks out/ --retry-for 60s
        nem-stream --config /etc/nem-stream/garden.yaml

      Each option is also a setting of configuration files (masks: out) and of the environment (NEM_MASKS=out). Files \
      come first, then the environment, then the command line; config/nem-stream.yaml describes them all.
      """)

  @OptionGroup var options: SettingOptions

  func run() throws {
    let effective = try options.effective()
    let settings = effective.values
    if (settings.input == nil) == (settings.inputCredential == nil) {
      throw missing("give INPUT or --input-credential NAME, and just one of them", effective)
    }
    guard settings.masks != nil || settings.overlay != nil else {
      throw missing("nothing to write: give --masks DIR, --overlay FILE or both", effective)
    }
    try settings.validate()
    if settings.masks == Settings.standardOutput && effective.origin(of: "format") != .standard {
      throw SettingFault.conflict("masks is -, which has a form of its own; leave format out, or give a folder")
    }
    let address = try settings.sourceAddress()
    let companions = RunCompanions(
      effective, source: address.description, reload: { [options] () throws(SettingFault) in try options.effective() })
    try companions.accompany { try VideoRun(address: address, settings: settings, companions: companions).perform() }
  }

  /// What is missing is a fault of the command line, unless a file should have said it.
  private func missing(_ what: String, _ effective: EffectiveSettings) -> any Error {
    options.config.isEmpty ? ValidationError(what) : SettingFault.conflict(what)
  }
}
