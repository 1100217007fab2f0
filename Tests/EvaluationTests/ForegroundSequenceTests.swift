import Evaluation
import Foundation
import Kernels
import Testing

@Suite struct ForegroundSequenceTests {
  /// A folder with empty files of these names, given as `folder/name`, and one text file.
  private func makeFolder(_ files: [String], scored: String? = nil) throws -> String {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sequence-\(UUID().uuidString)")
    for file in files {
      let url = folder.appendingPathComponent(file)
      try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data().write(to: url)
    }
    try scored?.write(to: folder.appendingPathComponent("temporalROI.txt"), atomically: true, encoding: .utf8)
    return folder.path
  }

  @Test func framesGoByNumberAndMeetTheirTruth() throws {
    let folder = try makeFolder(
      ["in/frame_10.jpg", "in/frame_9.jpg", "in/frame_11.jpg", "groundtruth/gt0009.png", "groundtruth/gt0010.png"],
      scored: "10 11\n")
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let sequence = try ForegroundSequence(folder: folder)
    #expect(sequence.frames.map { $0.input.suffix(6) } == ["_9.jpg", "10.jpg", "11.jpg"])
    #expect(sequence.frames.map { $0.truth?.suffix(10) } == [nil, "gt0010.png", nil])
    #expect(sequence.region == nil)
  }

  @Test func missingAndMalformedFoldersAreNamed() throws {
    let empty = try makeFolder(["groundtruth/gt1.png"])
    let bad = try makeFolder(["input/in1.png", "groundtruth/gt1.png"], scored: "one two")
    defer { for folder in [empty, bad] { try? FileManager.default.removeItem(atPath: folder) } }
    #expect(throws: EvaluationError.missing("\(empty)/input")) { try ForegroundSequence(folder: empty) }
    #expect(throws: EvaluationError.malformed("\(bad)/temporalROI.txt")) { try ForegroundSequence(folder: bad) }
  }

  @Test func everyFrameIsSegmentedAndTheScoredOnesCount() throws {
    let folder = try makeFolder(
      ["input/in1.png", "input/in2.png", "groundtruth/gt1.png", "groundtruth/gt2.png", "ROI.bmp"], scored: "2 2")
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var seen: [String] = []
    let score = try ForegroundBenchmark.score(
      ForegroundSequence(folder: folder),
      readGray: { path in
        let isRegion = path.hasSuffix("ROI.bmp")
        return isRegion ? Image(width: 5, height: 5, fill: 0) : Image(width: 2, height: 1, pixels: [255, 0])
      },
      segment: { path in
        seen.append(String(path.suffix(7)))
        return Image(width: 2, height: 1, fill: 255)
      })
    #expect(seen == ["in1.png", "in2.png"])
    #expect(score.truePositives == 1 && score.falsePositives == 1 && score.falseNegatives == 0)
  }

  @Test func whatCannotBeScoredIsNamed() throws {
    let files = ["input/in1.png", "groundtruth/gt1.png"]
    let (plain, later) = (try makeFolder(files), try makeFolder(files, scored: "2 3"))
    defer { for folder in [plain, later] { try? FileManager.default.removeItem(atPath: folder) } }
    for folder in [plain, later] {
      #expect(throws: EvaluationError.self) {
        try ForegroundBenchmark.score(
          ForegroundSequence(folder: folder), readGray: { _ in Image(width: 2, height: 1, fill: 0) },
          segment: { _ in Image(width: folder == plain ? 3 : 2, height: 1, fill: 255) })
      }
    }
  }
}
