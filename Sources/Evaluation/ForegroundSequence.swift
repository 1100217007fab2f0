import Foundation

/// A folder of pictures with a true foreground mask per frame, laid out as CDnet-2014 does:
/// `input/` (or `in/`), `groundtruth/`, and, if there, `temporalROI.txt` and `ROI.bmp`.
public struct ForegroundSequence: Sendable {
  /// One picture of the sequence.
  public struct Frame: Sendable, Equatable {
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
    let inputs = ForegroundSequence.numbered(url, "input") ?? ForegroundSequence.numbered(url, "in") ?? [:]
    guard !inputs.isEmpty else { throw .missing("\(folder)/input") }
    guard let truths = ForegroundSequence.numbered(url, "groundtruth"), !truths.isEmpty else {
      throw .missing("\(folder)/groundtruth")
    }
    let scored = try ForegroundSequence.scoredFrames(url.appendingPathComponent("temporalROI.txt"))
    frames = inputs.sorted { $0.key < $1.key }.map { number, path in
      Frame(input: path, truth: scored?.contains(number) == false ? nil : truths[number])
    }
    let region = url.appendingPathComponent("ROI.bmp").path
    self.region = FileManager.default.fileExists(atPath: region) ? region : nil
  }

  /// The files of a folder by the last number in their names.
  private static func numbered(_ url: URL, _ folder: String) -> [Int: String]? {
    let base = url.appendingPathComponent(folder)
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: base.path) else { return nil }
    var files: [Int: String] = [:]
    for name in names.sorted() {
      let stem = name.prefix { $0 != "." }
      if let digits = stem.split(whereSeparator: { !$0.isNumber }).last, let number = Int(digits) {
        files[number] = base.appendingPathComponent(name).path
      }
    }
    return files
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

  /// One line for people.
  public var description: String {
    switch self {
    case .missing(let path): "evaluation: \(path) is missing or empty"
    case .malformed(let path): "evaluation: \(path) does not hold two frame numbers"
    }
  }
}
