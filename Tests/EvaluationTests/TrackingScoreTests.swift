import Evaluation
import Kernels
import Testing

/// Sequences of boxes and their scores. A line holds one frame's boxes `id,x,y,width,height`; later ones lie in front.
struct TrackingGolden: Sendable {
  let truth: [String]
  let result: [String]
  let mota: Double
  let motp: Double
  let falsePositives: Int
  let falseNegatives: Int
  let idSwitches: Int
  let idf1: Double
  let idp: Double
  let idr: Double
  let hota: Double
  let detection: Double
  let association: Double
  let trackletF1: Double
  let persistence: Double
  let region: Double
  let boundary: Double
}

/// The picture of a line of boxes.
func labels(_ line: String, width: Int, height: Int) -> Image<Int32> {
  var image = Image<Int32>(width: width, height: height, fill: 0)
  for box in line.split(separator: " ") {
    let numbers = box.split(separator: ",").map { Int($0)! }
    for y in max(numbers[2], 0)..<min(max(numbers[2] + numbers[4], 0), height) {
      for x in max(numbers[1], 0)..<min(max(numbers[1] + numbers[3], 0), width) { image[x, y] = Int32(numbers[0]) }
    }
  }
  return image
}

/// True and found boxes of a sequence, compared.
func compare(
  _ truth: [String], _ result: [String], width: Int, height: Int
) -> (tracks: TrackComparison, outlines: RegionBoundaryScore) {
  var tracks = TrackComparison()
  var outlines = RegionBoundaryScore()
  for (truth, result) in zip(truth, result) {
    let truth = labels(truth, width: width, height: height)
    let result = labels(result, width: width, height: height)
    let overlap = FrameOverlap(truth: truth, result: result)
    tracks.add(overlap)
    outlines.add(truth: truth, result: result, overlap: overlap)
  }
  return (tracks, outlines)
}

@Suite struct TrackingGoldenTests {
  @Test(arguments: trackingGoldens) func agreesWithTrackEval(golden: TrackingGolden) throws {
    let (width, height) = trackingGoldenSize
    let (tracks, outlines) = compare(golden.truth, golden.result, width: width, height: height)
    func expect(_ value: Double, _ expected: Double, _ name: Comment) { #expect(abs(value - expected) < 1e-9, name) }
    let clear = ClearScore(tracks)
    expect(clear.mota, golden.mota, "MOTA")
    expect(clear.motp, golden.motp, "MOTP")
    #expect(clear.falsePositives == golden.falsePositives)
    #expect(clear.falseNegatives == golden.falseNegatives)
    #expect(clear.idSwitches == golden.idSwitches)
    let identity = IdentityScore(tracks)
    expect(identity.f1, golden.idf1, "IDF1")
    expect(identity.precision, golden.idp, "IDP")
    expect(identity.recall, golden.idr, "IDR")
    let hota = HOTAScore(tracks)
    expect(hota.hota, golden.hota, "HOTA")
    expect(hota.detection, golden.detection, "DetA")
    expect(hota.association, golden.association, "AssA")
    let tracklets = TrackletScore(tracks)
    expect(tracklets.f1, golden.trackletF1, "IDF1t")
    expect(tracklets.persistence, golden.persistence, "persistence")
    let means = try #require(outlines.means())
    expect(means.region, golden.region, "J")
    expect(means.boundary, golden.boundary, "F")
  }
}

/// Cases small enough to count by hand, in pictures of 20 × 10.
@Suite struct TrackingScoreTests {
  private func tracks(_ truth: [String], _ result: [String]) -> TrackComparison {
    compare(truth, result, width: 20, height: 10).tracks
  }

  /// Two boxes that stand still for four frames.
  private let still = Array(repeating: "1,0,0,4,4 2,10,0,4,4", count: 4)

  @Test func theTruthItselfIsPerfect() {
    let tracks = tracks(still, still.map { _ in "9,0,0,4,4 7,10,0,4,4" })
    let clear = ClearScore(tracks)
    #expect(clear.mota == 1 && clear.motp == 1 && clear.truePositives == 8)
    #expect(IdentityScore(tracks).f1 == 1 && HOTAScore(tracks).hota == 1 && TrackletScore(tracks).f1 == 1)
  }

  /// After two of four frames two ids change places: everything is found, two switches (MOTA 1 − 2/8); each pair holds
  /// in 2 of 4 frames (IDF1 4/8); each match's pair shares 2 of 4 + 4 − 2 frames (AssA 1/3).
  @Test func exchangedIds() {
    let exchanged = ["1,0,0,4,4 2,10,0,4,4", "1,0,0,4,4 2,10,0,4,4", "2,0,0,4,4 1,10,0,4,4", "2,0,0,4,4 1,10,0,4,4"]
    let tracks = tracks(still, exchanged)
    #expect(ClearScore(tracks).idSwitches == 2 && ClearScore(tracks).mota == 0.75)
    #expect(IdentityScore(tracks).f1 == 0.5)
    let hota = HOTAScore(tracks)
    #expect(hota.detection == 1 && abs(hota.association - 1.0 / 3) < 1e-12)
    #expect(abs(hota.hota - (1.0 / 3).squareRoot()) < 1e-12)
    #expect(TrackletScore(tracks).persistence == 0.5)
  }

  /// One object under one id, then missing, then under another: one switch across the gap, one missed (MOTA 1 − 2/4),
  /// IDTP 2 of 4 true and 3 found (IDF1 4/7).
  @Test func fragments() {
    let tracks = tracks(
      Array(repeating: "1,0,0,4,4", count: 4), ["5,0,0,4,4", "5,0,0,4,4", "", "6,0,0,4,4"])
    let clear = ClearScore(tracks)
    #expect(clear.idSwitches == 1 && clear.falseNegatives == 1 && clear.falsePositives == 0 && clear.mota == 0.5)
    #expect(abs(IdentityScore(tracks).f1 - 4.0 / 7) < 1e-12)
  }

  /// Half of the true objects missing, and as many false ones elsewhere.
  @Test func missingAndFalseObjects() {
    let tracks = tracks(still, still.map { _ in "1,0,0,4,4 3,5,5,4,4" })
    let clear = ClearScore(tracks)
    #expect(clear.falseNegatives == 4 && clear.falsePositives == 4 && clear.mota == 0 && clear.motp == 1)
    #expect(IdentityScore(tracks).precision == 0.5 && IdentityScore(tracks).recall == 0.5)
    #expect(abs(HOTAScore(tracks).detection - 1.0 / 3) < 1e-12)
  }

  /// IoU 3·4/(16 + 12 − 12) = 3/4 in each frame; half a box (IoU 1/2) still matches, a quarter does not.
  @Test func looseMasks() {
    #expect(ClearScore(tracks(["1,0,0,4,4"], ["1,0,0,3,4"])).motp == 0.75)
    #expect(ClearScore(tracks(["1,0,0,4,4"], ["1,0,0,2,4"])).truePositives == 1)
    #expect(ClearScore(tracks(["1,0,0,4,4"], ["1,0,0,1,4"])).truePositives == 0)
    // Of the thresholds .05 … .95, 15 lie at or below .75.
    #expect(abs(HOTAScore(tracks(["1,0,0,4,4"], ["1,0,0,3,4"])).hota - 15.0 / 19) < 1e-12)
  }

  /// One found object serves two tracklets of two frames: half of it counts for IDF1, all of it for IDF1t.
  @Test func oneObjectForTwoTracklets() {
    let tracks = tracks(
      ["1,0,0,4,4", "1,0,0,4,4", "2,0,0,4,4", "2,0,0,4,4"], Array(repeating: "8,0,0,4,4", count: 4))
    #expect(IdentityScore(tracks).f1 == 0.5)
    #expect(TrackletScore(tracks).f1 == 1 && TrackletScore(tracks).persistence == 1)
  }

  /// Ignored pixels count nowhere; an object mostly in them is dropped, one half in them is false.
  @Test func ignoredPixels() {
    let truth = ["1,0,0,4,4 -1,10,0,4,4"]
    #expect(ClearScore(tracks(truth, ["1,0,0,4,4 2,10,0,4,4"])).falsePositives == 0)
    #expect(ClearScore(tracks(truth, ["1,0,0,4,4 2,9,0,4,4"])).falsePositives == 0)
    #expect(ClearScore(tracks(truth, ["1,0,0,4,4 2,8,0,4,4"])).falsePositives == 1)
    let beside = tracks(["1,6,0,4,4 -1,10,0,4,4"], ["1,6,0,8,4"])
    #expect(ClearScore(beside).motp == 1, "only what lies outside is compared")
  }

  @Test func emptySequences() {
    let nothing = tracks(["", ""], ["", ""])
    #expect(ClearScore(nothing).mota == 0 && IdentityScore(nothing).f1 == 0 && HOTAScore(nothing).hota == 0)
    #expect(TrackletScore(nothing).persistence == 0)
    #expect(ClearScore(tracks([""], ["1,0,0,4,4"])).falsePositives == 1)
    #expect(ClearScore(tracks(["1,0,0,4,4"], [""])).falseNegatives == 1)
    #expect(compare([""], ["1,0,0,4,4"], width: 20, height: 10).outlines.means() == nil)
  }
}

@Suite struct RegionBoundaryScoreTests {
  /// The reach is 1 pixel at 20 × 10. Of a box moved right by 2, the left and right sides are out of reach.
  @Test func boundaryLetsOnePixelPass() throws {
    func means(_ truth: [String], _ result: [String]) throws -> (region: Double, boundary: Double) {
      try #require(compare(truth, result, width: 20, height: 10).outlines.means())
    }
    let box = ["1,4,2,6,6"]
    #expect(try means(box, ["1,5,2,6,6"]).boundary == 1)
    #expect(try means(box, ["1,6,2,6,6"]).boundary < 1)
    #expect(try abs(means(box, ["1,5,2,6,6"]).region - 30.0 / 42) < 1e-12)
    #expect(try means(box, ["1,12,2,6,6"]) == (0, 0))
    #expect(try means(box, [""]) == (0, 0))
  }

  /// Absent from both: 1; absent from one: 0.
  @Test func absentObjects() throws {
    let outlines = compare(["1,4,2,6,6", "", ""], ["3,4,2,6,6", "", "3,4,2,6,6"], width: 20, height: 10).outlines
    let means = try #require(outlines.means())
    #expect(abs(means.region - 2.0 / 3) < 1e-12 && abs(means.boundary - 2.0 / 3) < 1e-12)
  }

  /// Ignored pixels of the truth are no part of what was found.
  @Test func ignoredPixels() throws {
    let outlines = compare(["1,2,2,6,6 -1,8,2,6,6"], ["1,2,2,12,6"], width: 20, height: 10).outlines
    #expect(try #require(outlines.means()) == (1, 1))
  }
}
