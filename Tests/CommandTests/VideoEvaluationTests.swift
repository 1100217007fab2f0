import Foundation
import Kernels
import Masks
import Testing
import VideoIO

/// `nem-stream evaluate video` on made sequences of 48 × 32: two boxes that move for six frames.
@Suite struct VideoEvaluationTests {
  private let width = 48
  private let height = 32
  private let frames = 6

  /// Object `ids.0` moves to the right, `ids.1` to the left.
  private func labels(_ index: Int, ids: (Int32, Int32) = (1, 2)) -> Image<Int32> {
    var labels = Image<Int32>(width: width, height: height, fill: 0)
    for y in 4..<12 { for x in 2 + 2 * index..<12 + 2 * index { labels[x, y] = ids.0 } }
    for y in 18..<26 { for x in 30 - 2 * index..<40 - 2 * index { labels[x, y] = ids.1 } }
    return labels
  }

  /// Writes pictures of 8-bit values as `folder/000007.png`, `first` being the first number.
  private func pictures(
    _ place: Workplace, _ folder: String, first: Int = 0, _ value: (_ id: Int32) -> UInt8 = { UInt8($0) }
  ) throws {
    try FileManager.default.createDirectory(at: place.url(folder), withIntermediateDirectories: true)
    for index in 0..<frames {
      let image = Image(width: width, height: height, pixels: labels(index).pixels.map(value))
      try PNGFile.write(image, to: place.url(folder).path + String(format: "/%06d.png", first + index))
    }
  }

  /// Writes pictures of 16-bit values.
  private func deepPictures(_ place: Workplace, _ folder: String, _ value: (_ id: Int32) -> UInt16) throws {
    try FileManager.default.createDirectory(at: place.url(folder), withIntermediateDirectories: true)
    let values = (0..<frames).flatMap { labels($0).pixels.map(value) }
    try place.write(Data(values.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }), as: "deep.raw")
    try place.succeed(
      "ffmpeg -nostdin -v error -f rawvideo -pix_fmt gray16be -s \(width)x\(height) -i deep.raw \(folder)/gt%06d.png")
  }

  /// Writes the output of a run that found the boxes under two other ids, which change places at frame 3 on request.
  private func run(_ place: Workplace, _ folder: String, exchanged: Bool = false, frames: Int? = nil) throws {
    let sink = try MaskDirectory(
      path: place.url(folder).path, manifest: Manifest(input: "clip.mp4", width: width, height: height),
      timeBase: Rational(numerator: 1, denominator: 1000), frameRate: nil)
    for index in 0..<(frames ?? self.frames) {
      let labels = labels(index, ids: exchanged && index >= 3 ? (8, 5) : (5, 8))
      let objects = [5, 8].map {
        ObjectRecord(
          id: $0, bounds: PixelRect(x: 0, y: 0, width: width, height: height), area: 80, centroidX: 0, centroidY: 0,
          confidence: 1)
      }
      // The background subtractor sees the upper box only.
      let foreground = labels.pixels.indices.map { i in i / width < 16 && labels.pixels[i] > 0 ? 255 : 0 as UInt8 }
      try sink.write(
        SegmentedFrame(
          index: index, timestamp: Int64(40 * index), pts: 0.04 * Double(index), labels: labels,
          foreground: Image(width: width, height: height, pixels: foreground), objects: objects, ended: []))
    }
    try sink.close(.complete)
  }

  private func scores(_ place: Workplace, _ options: String) throws -> [String: Any] {
    let outcome = try place.succeed("nem-stream evaluate video --json \(options)")
    return try #require(try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
  }

  @Test func objects() throws {
    let place = try Workplace()
    try pictures(place, "truth")
    try run(place, "out")
    let perfect = try scores(place, "--truth truth --masks out")
    let ones = [
      "precision", "recall", "f", "region_j", "boundary_f", "j_and_f", "mota", "motp", "idf1", "idp", "idr", "hota",
      "det_a", "ass_a",
    ]
    for key in ones { #expect(perfect[key] as? Double == 1, "\(key)") }
    let counts = [
      "false_positives": 0, "false_negatives": 0, "id_switches": 0, "true_objects": 2, "found_objects": 2, "frames": 6,
    ]
    for (key, value) in counts { #expect(perfect[key] as? Int == value, "\(key)") }
    #expect(perfect["sequence"] as? String == "truth" && perfect["truth"] as? String == "objects")
    #expect(Set(perfect.keys) == Set(ones + counts.keys + ["sequence", "truth"]))

    // Groups with a common id are one.
    let joined = try scores(place, "--truth truth --masks out --join 1+2 --join 2+1")
    #expect(joined["true_objects"] as? Int == 1)

    // Two ids change places in the middle: two switches among 12 objects, each pair holds half of the time.
    try run(place, "exchanged", exchanged: true)
    let exchanged = try scores(place, "--truth truth --masks exchanged")
    #expect(exchanged["id_switches"] as? Int == 2 && exchanged["idf1"] as? Double == 0.5)
    #expect(abs((exchanged["mota"] as? Double ?? 0) - 10.0 / 12) < 1e-12)
    #expect(exchanged["region_j"] as? Double == 0.5 && exchanged["f"] as? Double == 1)
    let table = try place.succeed("nem-stream evaluate video --truth truth --masks exchanged").output
    #expect(table.contains("MOTA 0.833") && table.contains("2 id switches"))
  }

  @Test func picturesOfOthers() throws {
    let place = try Workplace()
    try pictures(place, "truth/masks", first: 1)
    try pictures(place, "same", first: 1) { $0 == 0 ? 0 : 100 - UInt8($0) }
    try pictures(place, "counted-from-0") { UInt8($0) }
    for folder in ["same", "counted-from-0"] {
      #expect(try scores(place, "--truth truth --masks \(folder)")["hota"] as? Double == 1, "\(folder)")
    }
  }

  /// The lower box is ignored; what was found there is no error.
  @Test func tracklets() throws {
    let place = try Workplace()
    try deepPictures(place, "truth/masks") { $0 == 2 ? 65535 : $0 == 1 ? 300 : 0 }
    try place.write(Data("{}".utf8), as: "truth/tracklets.json")
    try run(place, "out")
    let scores = try scores(place, "--truth truth --masks out")
    for key in ["mota", "motp", "idf1", "idf1t", "persistence", "f"] { #expect(scores[key] as? Double == 1, "\(key)") }
    #expect(scores["true_objects"] as? Int == 1 && scores["found_objects"] as? Int == 1)
    #expect(scores["hota"] == nil && scores["region_j"] == nil && scores["truth"] as? String == "tracklets")
  }

  @Test func movingPixels() throws {
    let place = try Workplace()
    try pictures(place, "truth/groundtruth", first: 1) { $0 > 0 ? 255 : 0 }
    try pictures(place, "truth/input", first: 1)
    try run(place, "out")
    let objects = try scores(place, "--truth truth --masks out")
    #expect(objects["f"] as? Double == 1 && objects["mota"] == nil && objects["truth"] as? String == "foreground")
    let baseline = try scores(place, "--truth truth --masks out --baseline")
    #expect(baseline["precision"] as? Double == 1 && baseline["recall"] as? Double == 0.5)
    try place.write(Data("2 4\n".utf8), as: "truth/temporalROI.txt")
    let scored = try scores(place, "--truth truth --masks truth/groundtruth")
    #expect(scored["f"] as? Double == 1 && scored["frames"] as? Int == 3)
    try place.write(Data("20 40\n".utf8), as: "truth/temporalROI.txt")
    let unscored = "nem-stream evaluate video --truth truth --masks truth/groundtruth"
    try place.fail(unscored, 65, saying: "temporalROI.txt")
  }

  @Test func whatDoesNotFitIsNamed() throws {
    let place = try Workplace()
    try pictures(place, "truth")
    try pictures(place, "white/masks") { $0 > 0 ? 255 : 0 }
    try run(place, "out")
    try run(place, "short", frames: 4)
    try place.succeed("mkdir empty large fewer; cp truth/00000[0-3].png fewer; : > empty/1.txt")
    try place.succeed("ffmpeg -nostdin -v error -start_number 0 -i truth/%06d.png -vf scale=96:64 large/%06d.png")
    try place.succeed("cp -r truth broken; head -c 60 truth/000002.png > broken/000002.png")
    try place.succeed("cp -r out nostream; rm nostream/objects/0005.mkv")
    let cases: [(String, Int32, String)] = [
      ("--truth nowhere --masks out", 66, "nowhere"), ("--truth empty --masks out", 66, "empty"),
      ("--truth truth --masks nowhere", 66, "nowhere"), ("--truth truth --masks empty", 66, "empty"),
      ("--truth truth --masks fewer", 66, "4 mask pictures for 6 frames"),
      ("--truth white --masks out", 65, "255 and 65535 are ignored"),
      ("--truth truth --masks short", 65, "4 frames"), ("--truth truth --masks large", 65, "96x64"),
      ("--truth truth --masks broken", 65, "000002.png"), ("--truth truth --masks nostream", 66, "0005.mkv"),
      ("--truth truth --masks truth --baseline", 66, "manifest.json"),
      ("--truth truth --masks out --join 1+99", 65, "does not have: 99"),
    ]
    for (options, status, words) in cases {
      try place.fail("nem-stream evaluate video \(options)", status, saying: words)
    }
    #expect(try place.run("nem-stream evaluate video --truth truth").status == 64)
    try place.succeed(
      """
      mkdir -p seq/input seq/groundtruth; cp large/000001.png seq/input/in0.png
      cp truth/000000.png seq/groundtruth/gt0.png
      """)
    try place.fail("nem-stream evaluate foreground seq", 65, saying: "gt0.png is 48x32")
    try place.succeed("cp large/000001.png seq/groundtruth/gt0.png; cp truth/000001.png seq/input/in1.png")
    try place.fail("nem-stream evaluate foreground seq", 65, saying: "in1.png is 48x32")
  }
}
