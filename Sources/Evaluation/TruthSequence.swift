import Foundation

/// A folder with the truth of a sequence, in one of three layouts:
///
/// * `groundtruth/` beside `input/`: moving pixels, as `ForegroundSequence` describes;
/// * `tracklets.json` beside numbered PNGs: ids that begin anew when objects meet or part; 65535 is ignored;
/// * numbered PNGs alone: ids that hold for the whole sequence, as in DAVIS; 255 and 65535 are ignored.
///
/// Pictures of ids lie in the folder, or in `masks/` or `Annotations/` inside it, or in the only folder in that.
public struct TruthSequence: Sendable {
  /// What the truth knows.
  public enum Kind: String, Sendable, Codable {
    /// Which pixels move.
    case foreground
    /// Which pixels belong to which object.
    case objects
    /// The same, but only between meetings.
    case tracklets
  }

  /// One picture of the sequence.
  public struct Frame: Sendable, Equatable {
    /// The number in its name.
    public let number: Int
    /// The path of its truth; nil for frames that are not scored.
    public let truth: String?
  }

  /// The folder's name.
  public let name: String
  /// What the truth knows.
  public let kind: Kind
  /// The frames in the order of their numbers.
  public let frames: [Frame]
  /// The path of the picture of scored pixels, if there is one.
  public let region: String?

  /// Looks what is there.
  ///
  /// - Throws: `EvaluationError` when pictures are missing or `temporalROI.txt` is not two numbers.
  public init(folder: String) throws(EvaluationError) {
    let url = URL(fileURLWithPath: folder, isDirectory: true)
    func exists(_ name: String) -> Bool {
      FileManager.default.fileExists(atPath: url.appendingPathComponent(name).path)
    }
    name = url.standardizedFileURL.lastPathComponent
    if exists("groundtruth") {
      let sequence = try ForegroundSequence(folder: folder)
      kind = .foreground
      frames = sequence.frames.map { Frame(number: $0.number, truth: $0.truth) }
      region = sequence.region
      return
    }
    let pictures =
      !exists("masks") && exists("Annotations")
      ? NumberedFiles.annotations(in: folder)
      : NumberedFiles.list(exists("masks") ? folder + "/masks" : folder, suffix: ".png") ?? [:]
    guard !pictures.isEmpty else {
      throw .missing("the truth \(folder) (groundtruth/, masks/, Annotations/ or numbered PNG files)")
    }
    kind = exists("tracklets.json") ? .tracklets : .objects
    frames = pictures.sorted { $0.key < $1.key }.map { Frame(number: $0, truth: $1) }
    region = nil
  }

  /// Which of somebody's numbered pictures belongs to each frame: the one with its number if there is one for every
  /// frame (or one for every scored frame and none besides); else by order, if there are as many as frames, neither lack a
  /// number in between, and both count from another beginning: by one, or so that no number is in both.
  ///
  /// - Throws: `EvaluationError.missing` if neither fits.
  public func matching(_ pictures: [Int: String], in folder: String) throws(EvaluationError) -> [String?] {
    let numbers = Set(frames.map(\.number))
    let hasScored = frames.allSatisfy { $0.truth == nil || pictures[$0.number] != nil }
    if hasScored && (numbers.isSubset(of: pictures.keys) || numbers.isSuperset(of: pictures.keys)) {
      return frames.map { pictures[$0.number] }
    }
    let found = pictures.keys.sorted(), wanted = frames.map(\.number)
    let isShifted = numbers.isDisjoint(with: found) || abs((found.first ?? 0) - (wanted.first ?? 0)) == 1
    if found.count == wanted.count && isShifted && Self.isEven(found) && Self.isEven(wanted) {
      return found.map { pictures[$0] }
    }
    let first = frames.first { $0.truth != nil && pictures[$0.number] == nil }
    let example = first.map { "number \($0.number)" } ?? "a frame"
    throw .missing("\(folder): \(pictures.count) mask pictures for \(frames.count) frames of \(name); \(example)")
  }

  /// Whether numbers that rise have the same distance.
  private static func isEven(_ numbers: [Int]) -> Bool {
    Set(zip(numbers, numbers.dropFirst()).map { $1 - $0 }).count <= 1
  }
}
