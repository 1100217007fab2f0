import Foundation
import VideoIO

/// The content of `manifest.json`: what was read, with which settings, and how far it came.
public struct Manifest: Sendable, Equatable, Codable {
  /// How the run stands or ended.
  public enum Status: String, Sendable, Codable {
    /// Still running, or killed.
    case running
    /// The last expected frame was decoded and written.
    case complete
    /// The input was damaged, ended early or was lost; what decoded is here.
    case truncated
    /// Stopped on request.
    case interrupted
    /// Ended by an error.
    case failed
  }

  /// A value of a setting.
  public enum Setting: Sendable, Equatable {
    /// Words.
    case text(String)
    /// A whole number.
    case whole(Int)
    /// Any other number.
    case number(Double)
    /// On or off.
    case flag(Bool)
  }

  /// The network in use.
  public struct Model: Sendable, Equatable, Codable {
    /// Its name or path.
    public var name: String
    /// SHA-256 of its file in hexadecimal digits.
    public var sha256: String

    /// A model's name and hash.
    public init(name: String, sha256: String) {
      self.name = name
      self.sha256 = sha256
    }
  }

  /// Counts of frames.
  public struct Frames: Sendable, Equatable, Codable {
    /// What the input announces; nil if it does not.
    public var expected: Int?
    /// Frames that came out of the decoder.
    public var decoded: Int
    /// Frames passed over because the segmenter was too slow for a live input.
    public var dropped: Int

    /// Counts to begin with.
    public init(expected: Int? = nil, decoded: Int = 0, dropped: Int = 0) {
      self.expected = expected
      self.decoded = decoded
      self.dropped = dropped
    }
  }

  /// The part of a long run that a folder holds.
  public struct Segment: Sendable, Equatable, Codable {
    /// Number of its first frame; frames count on over segments.
    public var firstFrame: Int
    /// Presentation time of that frame in seconds.
    public var firstPTS: Double
    /// When its first frame was decoded, as in 2026-03-01T06:00:00.250Z.
    public var started: String

    /// The same; nil where that cannot be understood.
    package var start: Date? {
      let forms = [true, false].map { Date.ISO8601FormatStyle(includingFractionalSeconds: $0) }
      return forms.lazy.compactMap { try? $0.parse(started) }.first
    }

    private enum CodingKeys: String, CodingKey {
      case started
      case firstFrame = "first_frame"
      case firstPTS = "first_pts"
    }

    /// A segment from its beginning.
    public init(firstFrame: Int, firstPTS: Double, start: Date) {
      (self.firstFrame, self.firstPTS) = (firstFrame, firstPTS)
      started = Date.ISO8601FormatStyle(includingFractionalSeconds: true).format(start)
    }
  }

  /// The input as the user named it, without secrets.
  public var input: String
  /// Width of the source in pixels.
  public var width: Int
  /// Height of the source in pixels.
  public var height: Int
  /// The settings in force, by name.
  public var settings: [String: Setting]
  /// By what is known again whether a file is still the one that was read, by the setting that names it; without those that
  /// are no files. Nil for output of older versions.
  public var identities: [String: String]?
  /// The network; nil if none is used.
  public var model: Model?
  /// Versions of the program and its libraries, by name.
  public var versions: [String: String]
  /// How many frames were expected, decoded and dropped.
  public var frames: Frames
  /// The part of a long run that is here; nil where all of it is.
  public var segment: Segment?
  /// How often, counted in each frame, a new object found all slots taken; it has no masks then. Nil before the end.
  public var unassigned: Int?
  /// Objects whose numbers are too high for a form of the masks, by the form's name; nil where all found room.
  public var leftOut: [String: Int]?
  /// What happened to the source; nil before the end, and for a file whose clock and picture were steady.
  public var source: SourceCounters?
  /// How the run stands.
  public var status: Status

  private enum CodingKeys: String, CodingKey {
    case input, width, height, settings, identities, model, versions, frames, segment, unassigned, source, status
    case leftOut = "left_out"
  }

  /// A manifest of a run that begins.
  public init(
    input: String, width: Int, height: Int, settings: [String: Setting] = [:],
    identities: [String: String]? = nil, model: Model? = nil, versions: [String: String] = [:],
    frames: Frames = Frames(), segment: Segment? = nil, status: Status = .running
  ) {
    self.input = input
    self.width = width
    self.height = height
    self.settings = settings
    self.identities = identities
    self.model = model
    self.versions = versions
    self.frames = frames
    self.segment = segment
    self.status = status
  }

  /// The manifest in a folder; nil where there is none that can be understood.
  package static func read(in root: String) -> Manifest? {
    FileManager.default.contents(atPath: OutputLayout(root: root).manifest).flatMap {
      try? JSONDecoder().decode(Manifest.self, from: $0)
    }
  }

  /// The file's bytes: indented, keys sorted, so that equal manifests are equal files.
  func encoded() -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    do {
      return Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
    } catch {
      preconditionFailure("a manifest holds nothing that JSON cannot: \(error)")
    }
  }
}

extension Manifest.Setting {
  /// A number may be written and read back as a whole one.
  public static func == (one: Self, other: Self) -> Bool {
    switch (one, other) {
    case (.text(let a), .text(let b)): a == b
    case (.whole(let a), .whole(let b)): a == b
    case (.number(let a), .number(let b)): a == b
    case (.whole(let a), .number(let b)), (.number(let b), .whole(let a)): Double(a) == b
    case (.flag(let a), .flag(let b)): a == b
    default: false
    }
  }
}

extension Manifest.Setting: Codable {
  /// Reads whichever kind of value is there.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let value = try? container.decode(Bool.self) {
      self = .flag(value)
    } else if let value = try? container.decode(Int.self) {
      self = .whole(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else {
      self = .text(try container.decode(String.self))
    }
  }

  /// Writes the bare value.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .text(let value): try container.encode(value)
    case .whole(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .flag(let value): try container.encode(value)
    }
  }
}

extension Manifest.Setting: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByBooleanLiteral
{
  /// Words as a setting.
  public init(stringLiteral value: String) { self = .text(value) }
  /// A whole number as a setting.
  public init(integerLiteral value: Int) { self = .whole(value) }
  /// A number as a setting.
  public init(floatLiteral value: Double) { self = .number(value) }
  /// A flag as a setting.
  public init(booleanLiteral value: Bool) { self = .flag(value) }
}
