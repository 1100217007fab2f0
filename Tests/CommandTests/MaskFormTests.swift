import Foundation
import Testing

/// Each form of the masks, read back with the tool that its users use where this machine has it.
@Suite struct MaskFormTests {
  /// One run in all forms, and as lines.
  private static let run = Result {
    let place = try Workplace()
    try place.succeed(
      """
      nem-stream $SHORT --masks out --model none --format ffv1 --format png,davis,mots,mots-txt \
      --format mot-txt --format coco --format labels --format yolo-seg,cutouts && cp $SHORT out/source.mp4
      nem-stream $SHORT --masks - --model none > out/lines.jsonl
      """)
    return place
  }

  @Test(arguments: ["davis", "mots", "mots-txt", "mot-txt", "coco", "labels", "lines", "yolo-seg", "cutouts"])
  func equalsTheVideos(form: String) throws {
    let outcome = try Self.run.get().run("python3 \(Self.reader) \(form) out")
    // 77 and 127: Python or one of its packages is missing.
    if outcome.status == 77 || outcome.status == 127 { return }
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  private static let reader = Package.root.appendingPathComponent("Tests/Reference/check_forms.py").path

  @Test func readmeReadsMasks() throws {
    let place = try Self.run.get()
    let readme = try String(contentsOf: Package.root.appendingPathComponent("README.md"), encoding: .utf8)
    let blocks = readme.components(separatedBy: "```python\n").dropFirst().map { $0.components(separatedBy: "```")[0] }
    let snippet = try #require(blocks.first)
    #expect(blocks.count == 1 && snippet.split(separator: "\n").count <= 10)
    try place.write(Data(snippet.utf8), as: "snippet.py")
    if try place.run("python3 -c 'import cv2, numpy'").status != 0 { return }
    let printed = try place.succeed("python3 snippet.py").output.split(separator: "\n").map(String.init)
    let expected = try MaskFolder(place, "out").frames().flatMap { frame in
      frame.objects.map { "\($0.id) \(frame.frame) \($0.area)" }
    }
    #expect(Set(printed) == Set(expected) && printed.count == expected.count)
  }

  @Test func noMasksAtAll() throws {
    let place = try Workplace()
    try place.succeed("nem-stream $SHORT --masks out --model none --format none")
    #expect(
      try place.succeed("find out -type f | sort").output == "out/frames.jsonl\nout/manifest.json\nout/tracks.jsonl\n")
  }

  @Test func everyFormIsReplacedWhole() throws {
    let place = try Workplace()
    let forms = "davis,mots,mots-txt,mot-txt,coco,labels,png,yolo-seg,cutouts"
    try place.succeed("nem-stream $SHORT --masks out --model none --format \(forms)")
    try place.succeed("mkdir -p out/Annotations/mine && cp out/mots/000001.png out/Annotations/mine/00000.png")
    try place.fail("nem-stream $SHORT --masks out --format labels", 73, saying: "already holds")
    try place.succeed("nem-stream $SHORT --masks out --model none --format none --overwrite")
    let left = try place.succeed("find out -type f | sort").output
    #expect(left == "out/Annotations/mine/00000.png\nout/frames.jsonl\nout/manifest.json\nout/tracks.jsonl\n")
  }

  /// Pictures that no run of ours has made are not replaced, since data sets look the same.
  @Test func othersAnnotationsStay() throws {
    let place = try Workplace()
    try place.succeed(
      "cp $SHORT 'Müll 1.mp4' && mkdir -p out/Annotations/Müll_1 && echo mine > out/Annotations/Müll_1/00000.png")
    for option in ["", "--overwrite"] {
      let line = "nem-stream 'Müll 1.mp4' --masks out --format davis --model none"
      try place.fail("\(line) \(option)", 73, saying: "numbered")
      #expect(try place.succeed("cat out/Annotations/Müll_1/00000.png").output == "mine\n")
    }
  }

  @Test func linesGoThroughPipes() throws {
    let place = try Workplace()
    let pipe = "ffmpeg -nostdin -v error -i $SHORT -f yuv4mpegpipe - | nem-stream - --masks - --model none -q"
    let all = try place.succeed(pipe)
    #expect(all.output.split(separator: "\n").count == 90 && all.errors.isEmpty)
    let line = try #require(all.output.split(separator: "\n").first)
    let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    #expect(object["frame"] as? Int == 0 && object["objects"] is [Any])
    #expect(try place.succeed("find . -name '*.jsonl'").output.isEmpty)
  }

  @Test func aClosedPipeEndsQuietly() throws {
    let place = try Workplace()
    let outcome = try place.run("(nem-stream $CLIP --masks - --model none; echo $? > status) | head -n 1 | wc -l")
    #expect(outcome.output.trimmingCharacters(in: .whitespacesAndNewlines) == "1" && outcome.errors.isEmpty)
    #expect(try place.succeed("cat status").output == "0\n")
    try place.fail("nem-stream $SHORT --masks - --model none -q > /dev/full", 74, saying: "standard output")
  }

  @Test func whatDoesNotGoTogetherIsSaid() throws {
    let place = try Workplace()
    try place.fail("nem-stream $SHORT --masks out --format none,ffv1", 64, saying: "none goes with no other")
    try place.fail("nem-stream $SHORT --masks - --format coco", 64, saying: "a form of its own")
    try place.fail("nem-stream $SHORT --masks - --segment 10m", 64, saying: "need a folder")
    #expect(try place.run("nem-stream $SHORT --masks out --format cocoa").status == 64)
    #expect(!FileManager.default.fileExists(atPath: place.url("out").path))
  }

  /// What was written before a kill is there, a line for each frame.
  @Test func cocoLinesOutliveAKill() throws {
    let place = try Workplace()
    try place.run(
      """
      nem-stream $CLIP --masks out --model none --format coco -q & p=$!
      until [ "$(wc -l < out/coco.jsonl 2>/dev/null || echo 0)" -gt 20 ]; do sleep 0.05; done
      kill -9 $p; wait $p
      """)
    let text = try String(contentsOf: place.url("out/coco.jsonl"), encoding: .utf8)
    #expect(text.hasSuffix("\n") && !FileManager.default.fileExists(atPath: place.url("out/coco.json").path))
    for line in text.split(separator: "\n") {
      let frame = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      #expect(frame["image"] is [String: Any] && frame["annotations"] is [Any])
    }
    try place.succeed("nem-stream inspect out --sheet sheet.png && [ -s sheet.png ]")
    try place.succeed("nem-stream $SHORT --masks out --model none --format coco --overwrite && [ ! -e out/coco.jsonl ]")
  }
}
