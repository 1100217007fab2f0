import ArgumentParser
import Evaluation
import Foundation
import Kernels
import VideoIO

/// Scores of mask streams against the truth of a real sequence.
struct EvaluateVideo: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "video", abstract: "Score mask streams against the truth of a sequence.",
    usage: "nem-stream evaluate video --truth <truth> --masks <masks> [<options>]",
    discussion: """
      Example: nem-stream evaluate video --truth data/schoolgirls --masks out/ --json

      The truth is a folder: groundtruth/ beside input/ as in CDnet-2014 (moving pixels: precision, recall, F), \
      numbered PNGs of ids as in DAVIS (also J, F, CLEAR MOT, identity, HOTA; 255 and 65535 are ignored), or the \
      same beside tracklets.json where ids begin anew at each meeting (CLEAR MOT, identity, IDF1t, persistence; only \
      65535 is ignored). --masks is the output of a run over all frames, in any form with ids, or numbered PNGs whose \
      values are ids, also in Annotations/; for moving pixels every value but 0 counts. Found and true objects match from IoU 0.5 on.
      """)

  @Option(help: "Folder with the truth.") var truth: String
  @Option(help: "Output folder of a run, or folder of mask pictures.") var masks: String
  @Option(
    help: ArgumentHelp(
      "Ids of the truth that are one object, such as a person and what she carries; repeatable.", valueName: "2+3"))
  var join: [String] = []
  @Flag(help: "Score the run's baseline/foreground instead of its objects.") var baseline = false
  @Flag(help: "Print one JSON object.") var json = false

  func validate() throws { _ = try Self.joined(join) }

  func run() throws {
    let sequence = try TruthSequence(folder: truth)
    let found = try FoundMasks(masks, for: sequence, baseline: baseline)
    var scoring = try VideoScoring(sequence, joined: try Self.joined(join))
    for (index, frame) in sequence.frames.enumerated() {
      let labels = try found.labels(index)
      guard let path = frame.truth else { continue }
      guard let labels else { throw EvaluationError.missing("the mask of frame \(frame.number) in \(masks)") }
      try scoring.add(truth: path, found: labels)
    }
    let scores = try scoring.scores(withIDs: !baseline)
    if json {
      try Console.printJSON(scores)
    } else {
      print(scores.table)
    }
  }

  /// The first id of its group for each other one; groups with a common id are one.
  private static func joined(_ groups: [String]) throws -> [UInt16: UInt16] {
    var first: [UInt16: UInt16] = [:]
    for group in groups {
      let ids = group.split(separator: "+", omittingEmptySubsequences: false).map { UInt16($0) ?? 0 }
      guard ids.count > 1, !ids.contains(0) else {
        throw ValidationError("--join is \(group); it must be ids of the truth from 1 on, such as 2+3")
      }
      let name = first[ids[0]] ?? ids[0]
      for id in ids.dropFirst() {
        let earlier = first[id] ?? id
        first[earlier] = name
        for (other, of) in first where of == earlier { first[other] = name }
      }
      first[name] = nil
    }
    return first
  }
}

/// Takes a sequence's truth and found masks frame by frame.
struct VideoScoring {
  private let sequence: TruthSequence
  private let region: Image<UInt8>?
  private let joined: [UInt16: UInt16]
  /// Ids to be joined that no frame has had.
  private var unseen: Set<UInt16>
  private var frames = 0
  /// Whether pixels were ignored that may be meant as an object's.
  private var ignores = false
  private var foreground = ForegroundScore()
  private var tracks = TrackComparison()
  private var outlines = RegionBoundaryScore()

  /// Scores for a truth in which each id of `joined` is read as another.
  init(_ sequence: TruthSequence, joined: [UInt16: UInt16]) throws {
    self.sequence = sequence
    self.joined = joined
    unseen = Set(joined.keys).union(joined.values)
    region = try sequence.region.map { try ImageFile.readGray($0) }
  }

  mutating func add(truth path: String, found: Image<Int32>) throws {
    frames += 1
    if sequence.kind == .foreground {
      let truth = try ImageFile.readGray(path)
      try check(found, truth.width, truth.height, path)
      // Some published region pictures do not fit their sequence.
      let fits = region.map { $0.width == truth.width && $0.height == truth.height } ?? false
      foreground.add(mask: VideoScoring.moving(found), truth: truth, region: fits ? region : nil)
      return
    }
    let truth = try trueLabels(path)
    ignores = ignores || truth.pixels.contains(-1)
    try check(found, truth.width, truth.height, path)
    foreground.add(mask: VideoScoring.moving(found), truth: VideoScoring.moving(truth))
    let overlap = FrameOverlap(truth: truth, result: found)
    tracks.add(overlap)
    if sequence.kind == .objects { outlines.add(truth: truth, result: found, overlap: overlap) }
  }

  /// Throws where all that the truth shows is ignored, or ids that were to be joined are not there.
  func scores(withIDs: Bool) throws -> VideoScores {
    guard unseen.isEmpty else {
      throw EvaluationError.mismatch(
        "--join names ids that the truth does not have: \(unseen.sorted().map(String.init).joined(separator: ", "))")
    }
    guard frames > 0 else { throw EvaluationError.unscored(sequence.name) }
    if sequence.kind == .objects && tracks.truthCount == 0 && ignores {
      throw EvaluationError.mismatch("the truth has no objects: 255 and 65535 are ignored, and all else is 0")
    }
    var scores = VideoScores(sequence, frames: frames, foreground: foreground)
    if sequence.kind != .foreground && withIDs { scores.add(tracks, outlines) }
    return scores
  }

  private func check(_ found: Image<Int32>, _ width: Int, _ height: Int, _ path: String) throws {
    guard found.width == width, found.height == height else {
      throw EvaluationError.mismatch(
        "the masks are \(found.width)x\(found.height) and \(path) is \(width)x\(height); "
          + "score masks of the truth's size")
    }
  }

  /// Ids, with -1 for what is ignored.
  private mutating func trueLabels(_ path: String) throws -> Image<Int32> {
    let values = try ImageFile.readGray16(path)
    unseen = unseen.filter { !values.pixels.contains($0) }
    let ignored: Set<UInt16> = sequence.kind == .tracklets ? [65535] : [255, 65535]
    let labels = values.pixels.map { ignored.contains($0) ? -1 : Int32(joined[$0] ?? $0) }
    return Image(width: values.width, height: values.height, pixels: labels)
  }

  /// In CDnet's values: 255 moving, 170 ignored, 0 static.
  private static func moving(_ labels: Image<Int32>) -> Image<UInt8> {
    Image(width: labels.width, height: labels.height, pixels: labels.pixels.map { $0 > 0 ? 255 : $0 < 0 ? 170 : 0 })
  }
}
