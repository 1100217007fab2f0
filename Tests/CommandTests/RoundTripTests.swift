import Foundation
import Kernels
import Masks
import Testing

/// Each form that holds masks and numbers gives back the pixels of the FFV1 masks. `make test-forms` does this for all of
/// the shared clips from beginning to end.
@Suite struct RoundTripTests {
  private static let readable: [MaskDirectory.Format] = [.png, .labels, .coco, .motsText, .mots, .davis]
  private static let isWhole = ProcessInfo.processInfo.environment["NEM_STREAM_ALL_CLIPS"] != nil

  /// Some clips that differ in size, and how much of them is read.
  private static let clips: [String] = {
    let root = ProcessInfo.processInfo.environment["NEM_STREAM_DATA"].map { URL(fileURLWithPath: $0) }
    let folder = (root ?? Package.root.deletingLastPathComponent().appendingPathComponent("shared/data"))
      .appendingPathComponent("clips")
    let all = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String }
    let few = ["opencv/vtest_reencoded_480x360.avi", "intel-sample-videos/bottle-detection.mp4"]
    let chosen = (all ?? []).filter { $0.contains(".") && (isWhole || few.contains($0)) }.sorted()
    return [Clips.bundled.path] + chosen.map { folder.appendingPathComponent($0).path }
  }()

  @Test(arguments: clips) func everyFormHoldsTheSamePixels(clip: String) throws {
    let place = try Workplace()
    let forms = (["ffv1", "cutouts", "yolo-seg", "mot-txt"] + Self.readable.map(\.rawValue)).joined(separator: ",")
    let outcome = try place.run(
      "nem-stream '\(clip)' --masks out --model none --format \(forms) -q \(Self.isWhole ? "" : "-t 90")")
    // What is damaged is written as far as it decodes, or there is nothing.
    #expect([0, 65].contains(outcome.status), "\(clip): \(outcome.errors)")
    let path = place.url("out").path
    if outcome.status == 65 && !MaskDirectoryReader.isOutput(path) { return }
    let truth = try MaskDirectoryReader(path: path, format: .ffv1)
    let others = try Self.readable.map { ($0, try MaskDirectoryReader(path: path, format: $0)) }
    var (index, objects) = (0, 0)
    while let expected = try truth.nextLabels() {
      objects += expected.pixels.contains { $0 > 0 } ? 1 : 0
      for (form, reader) in others {
        #expect(try reader.nextLabels() == expected, "\(clip): \(form.rawValue), frame \(index)")
      }
      index += 1
    }
    for (form, reader) in others { #expect(try reader.nextLabels() == nil, "\(clip): \(form.rawValue)") }
    #expect(index > 0 && (objects > 10 || Self.isWhole), "\(clip)")
  }

  /// `evaluate` reads a run in whatever form it is, and others' folders of pictures.
  @Test func everyFormIsScoredAlike() throws {
    let place = try Workplace()
    let forms = Self.readable.map(\.rawValue)
    try place.succeed(
      """
      nem-stream $SHORT --masks truth --model none -q --format davis && cp $SHORT clip.mp4
      for f in ffv1 \(forms.joined(separator: " ")); do
        nem-stream $SHORT --masks $f --model none -q --format $f
        nem-stream evaluate video --truth truth/Annotations/* --masks $f --json > $f.json || exit 1
        cmp ffv1.json $f.json || exit 1
      done
      rm truth/manifest.json; nem-stream evaluate video --truth truth/Annotations/* --masks truth --json > others.json
      cmp ffv1.json others.json && grep -q '"hota" *: *1[,.]' ffv1.json
      nem-stream inspect coco --sheet coco.png; nem-stream inspect ffv1 --sheet ffv1.png; cmp coco.png ffv1.png
      """)
    try place.succeed("nem-stream $SHORT --masks boxes --model none -q --format mot-txt,yolo-seg")
    try place.fail(
      "nem-stream evaluate video --truth truth/Annotations/* --masks boxes", 64, saying: "mot-txt,yolo-seg; one of")
    try place.succeed(
      "sed -i 's/[^ ]*$/zz/' mots-txt/mots.txt; head -c 900 labels/labels.mkv > cut; mv cut labels/labels.mkv")
    for (form, words) in [("mots-txt", "mots.txt is damaged"), ("labels", "labels.mkv")] {
      try place.fail("nem-stream evaluate video --truth truth/Annotations/* --masks \(form)", 65, saying: words)
    }
  }
}
