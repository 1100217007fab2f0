import Masks
import VideoIO

/// Which segmenter runs.
public enum SegmenterChoice: String, Sendable, CaseIterable {
  /// The recurrent neural-EM tracker.
  case rnnEM = "rnn-em"
  /// Connected components linked by overlap.
  case gmm
  /// Connected components tracked by SORT.
  case sort
}

/// How much is said on standard error.
public enum LogLevel: String, Sendable, CaseIterable {
  /// What ends the program, and alerts.
  case error
  /// Also what happens.
  case info
  /// Also what is read and used.
  case debug
}

/// How lines on standard error look.
public enum LogFormat: String, Sendable, CaseIterable {
  /// One sentence a line.
  case text
  /// One JSON object a line.
  case json
}

/// How a run tells how far it is.
public enum ProgressForm: String, Sendable, CaseIterable {
  /// One line that changes, where standard error is a terminal.
  case line
  /// One JSON object a second.
  case json
  /// Not at all.
  case off
}

/// The settings of a run, with their defaults. `Setting.all` says what each is for and which values it takes.
public struct Settings: Sendable, Equatable {
  package var input: String?
  package var inputCredential: String?
  package var start: String?
  package var duration: String?
  package var end: String?
  package var every = 1
  package var region: String?
  package var maskImage: String?
  package var downscale = 1
  package var retryFor: Int?
  package var openTimeout = SourceOptions().openTimeout
  package var stallLimit = SourceOptions().stallLimit
  package var live: Bool?
  package var rtspTransport = SourceOptions().rtspTransport
  package var allowProtocol: String?
  package var captureSize: String?
  package var captureRate: Double?
  package var masks: String?
  package var format = [MaskDirectory.Format.ffv1]
  package var overlay: String?
  package var report: String?
  package var clips: String?
  package var clipBefore = "2s"
  package var clipAfter = "2s"
  package var preview = false
  package var exec: String?
  package var execTimeout = 10
  package var overwrite = false
  package var segment = 0
  package var segmenter = SegmenterChoice.rnnEM
  package var model = "default"
  package var slots: Int?
  package var minArea: Int?
  package var learn: String?
  package var seed = 1
  package var learningRate: Double?
  package var threads: Int?
  package var rawVideo: String?
  package var spoolLimit = 4 << 30
  package var checkpointInterval = 0
  package var resume = false
  package var service = false
  package var status: String?
  package var statusToken: String?
  package var retentionAge = 0
  package var retentionBytes = 0
  package var retentionFree = 0
  package var logLevel = LogLevel.info
  package var logFormat = LogFormat.text
  package var progress = ProgressForm.line

  /// The defaults.
  public init() {}
}

extension RTSPTransport: SettingRepresentable {}
extension SegmenterChoice: SettingRepresentable {}
extension LogLevel: SettingRepresentable {}
extension LogFormat: SettingRepresentable {}
extension ProgressForm: SettingRepresentable {}

extension SettingKind {
  static func choice<Choice: CaseIterable & RawRepresentable>(_ type: Choice.Type) -> SettingKind
  where Choice.RawValue == String {
    .choice(type.allCases.map(\.rawValue))
  }
}
