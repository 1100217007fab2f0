import Foundation

/// A folder of pictures with a true foreground mask per frame, laid out as CDnet-2014 does:
/// `input/` (or `in/`), `groundtruth/`, and, if there, `temporalROI.txt` and `ROI.bmp`.
public struct ForegroundSequence: Sendable {
  /// One picture of the sequence.
  public struct Frame: Sendable, Equatable {
    /// The number in its name.
    public let number: Int
    /// The picture's path.
    public let input: String
    /// The path of its truth; nil for frames that are seen but not scored.
    public let truth: String?
  }

  /// The folder's name.
  public let name: String
  /// Pictures in the order of their numbers.
  public let frames: [Frame]
  /// The path of the picture of scored pixels, if there is one.
  public let region: String?

  /// Lists a folder; pictures and truths with the same number belong together.
  ///
  /// - Throws: `EvaluationError` when pictures or truths are missing or `temporalROI.txt` is not two numbers.
  public init(folder: String) throws(EvaluationError) {
    let url = URL(fileURLWithPath: folder, isDirectory: true)
    name = url.lastPathComponent
    let inputs = NumberedFiles.list(folder + "/input") ?? NumberedFiles.list(folder + "/in") ?? [:]
    guard !inputs.isEmpty else { throw .missing("\(folder)/input") }
    guard let truths = NumberedFiles.list(folder + "/groundtruth"), !truths.isEmpty else {
      throw .missing("\(folder)/groundtruth")
    }
    let scored = try ForegroundSequence.scoredFrames(url.appendingPathComponent("temporalROI.txt"))
    frames = inputs.sorted { $0.key < $1.key }.map { number, path in
      Frame(number: number, input: path, truth: scored?.contains(number) == false ? nil : truths[number])
    }
    let region = url.appendingPathComponent("ROI.bmp").path
    self.region = FileManager.default.fileExists(atPath: region) ? region : nil
  }

  private static func scoredFrames(_ url: URL) throws(EvaluationError) -> ClosedRange<Int>? {
    guard let text = try? String(contentsOf: url, encoding: .utf8) else { return nil }
    let numbers = text.split(whereSeparator: \.isWhitespace).map { Int($0) }
    guard numbers.count == 2, let first = numbers[0], let last = numbers[1], first <= last else {
      throw .malformed(url.path)
    }
    return first...last
  }
}

/// Why something could not be scored.
public enum EvaluationError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A file or folder that has to be there is not, or is empty.
  case missing(String)
  /// A file does not hold what it should.
  case malformed(String)
  /// Truth and result do not belong together, for the reason given.
  case mismatch(String)

  /// A sequence has no frame to score.
  public static func unscored(_ sequence: String) -> EvaluationError {
    .mismatch("no frame of \(sequence) has a truth within temporalROI.txt")
  }

  /// One line for people.
  public var description: String {
    switch self {
    case .missing(let path): "evaluation: \(path) is missing or empty"
    case .malformed(let path): "evaluation: \(path) does not hold two frame numbers"
    case .mismatch(let reason): "evaluation: \(reason)"
    }
  }
}
