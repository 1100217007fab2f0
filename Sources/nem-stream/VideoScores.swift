import Evaluation
import Foundation
import Kernels

/// What `evaluate video` prints: the scores that the truth allows; the others are absent.
struct VideoScores: Encodable {
  var sequence: String
  /// What the truth knows: foreground, objects or tracklets.
  var truth: TruthSequence.Kind
  /// Frames that were scored.
  var frames: Int
  var precision: Double
  var recall: Double
  var f: Double
  var trueObjects: Int?
  var foundObjects: Int?
  var regionJ: Double?
  var boundaryF: Double?
  var jAndF: Double?
  var mota: Double?
  var motp: Double?
  var falsePositives: Int?
  var falseNegatives: Int?
  var idSwitches: Int?
  var idf1: Double?
  var idp: Double?
  var idr: Double?
  var hota: Double?
  var detA: Double?
  var assA: Double?
  var idf1t: Double?
  var persistence: Double?

  enum CodingKeys: String, CodingKey {
    case sequence, truth, frames, precision, recall, f, mota, motp, idf1, idp, idr, hota, idf1t, persistence
    case trueObjects = "true_objects"
    case foundObjects = "found_objects"
    case regionJ = "region_j"
    case boundaryF = "boundary_f"
    case jAndF = "j_and_f"
    case falsePositives = "false_positives"
    case falseNegatives = "false_negatives"
    case idSwitches = "id_switches"
    case detA = "det_a"
    case assA = "ass_a"
  }

  /// Scores of moving pixels alone.
  init(_ truth: TruthSequence, frames: Int, foreground: ForegroundScore) {
    (sequence, self.truth, self.frames) = (truth.name, truth.kind, frames)
    (precision, recall, f) = (foreground.precision, foreground.recall, foreground.fMeasure)
  }

  /// Adds what true ids allow.
  mutating func add(_ tracks: TrackComparison, _ outlines: RegionBoundaryScore) {
    (trueObjects, foundObjects) = (tracks.truthCount, tracks.resultCount)
    let clear = ClearScore(tracks)
    (mota, motp, idSwitches) = (clear.mota, clear.motp, clear.idSwitches)
    (falsePositives, falseNegatives) = (clear.falsePositives, clear.falseNegatives)
    let identity = IdentityScore(tracks)
    (idf1, idp, idr) = (identity.f1, identity.precision, identity.recall)
    if truth == .tracklets {
      let score = TrackletScore(tracks)
      (idf1t, persistence) = (score.f1, score.persistence)
      return
    }
    let higher = HOTAScore(tracks)
    (hota, detA, assA) = (higher.hota, higher.detection, higher.association)
    if let means = outlines.means() {
      (regionJ, boundaryF, jAndF) = (means.region, means.boundary, (means.region + means.boundary) / 2)
    }
  }

  /// A few lines for people.
  var table: String {
    var lines = ["\(sequence): \(frames) frames scored, truth of \(truth.rawValue)"]
    func line(_ name: String, _ fields: [(String, Double?)]) {
      let known = fields.compactMap { field, value in value.map { field + String(format: " %.3f", $0) } }
      let title = "  " + name.padding(toLength: 12, withPad: " ", startingAt: 0)
      if !known.isEmpty { lines.append(title + known.joined(separator: "  ")) }
    }
    line("foreground", [("P", precision), ("R", recall), ("F", f)])
    line("outlines", [("J", regionJ), ("F", boundaryF), ("J&F", jAndF)])
    line("CLEAR MOT", [("MOTA", mota), ("MOTP", motp)])
    if let falsePositives, let falseNegatives, let idSwitches, let trueObjects, let foundObjects {
      lines.append(
        "              \(falsePositives) false, \(falseNegatives) missed, \(idSwitches) id switches; "
          + "\(foundObjects) objects found, \(trueObjects) true")
    }
    line("identity", [("IDF1", idf1), ("IDP", idp), ("IDR", idr), ("IDF1t", idf1t), ("persistence", persistence)])
    line("HOTA", [("HOTA", hota), ("DetA", detA), ("AssA", assA)])
    return lines.joined(separator: "\n")
  }
}
