import Foundation
import Kernels
import Masks
import Testing

/// A run that was stopped goes on to the same output as one that was not.
@Suite struct ResumeTests {
  private static let video = "$SMALL"
  private static let clip = "$SMALL --model none"
  private static let allForms = "ffv1,png,davis,mots,mots-txt,mot-txt,coco,yolo-seg,cutouts,labels"

  /// Shell that runs the bundled clip until there are `frames` lines, and sends `signal`.
  private func stop(_ signal: String, after frames: Int, _ options: String = "") -> String {
    """
    nem-stream \(Self.clip) --masks out -q \(options) & p=$!
    until [ -e out/frames.jsonl ] && [ $(wc -l < out/frames.jsonl) -ge \(frames) ] || ! kill -0 $p; do sleep 0.01; done
    kill -\(signal) $p
    wait $p
    """
  }

  @Test(arguments: [
    (1, ""), (150, "--format \(allForms) --every 2 -ss 1"), (300, "--segmenter sort --format mots,mot-txt"),
    (250, "--segmenter gmm --format png"), (200, "--format labels --region 0,0,225,175 --mask-image dark.png"),
  ])
  func goesOnAfterAStop(_ frames: Int, _ options: String) throws {
    let place = try Workplace()
    try place.succeed(
      """
      ffmpeg -nostdin -v error -f lavfi -i color=white:s=320x180,drawbox=w=50:h=50:c=black:t=fill \
      -frames:v 1 dark.png && nem-stream \(Self.clip) --masks whole -q \(options)
      """)
    #expect(try place.run(stop("TERM", after: frames, options)).status == 75)
    try place.succeed("[ -e out/state.nem ] && ! diff -rq whole out")
    try place.succeed("nem-stream \(Self.clip) --masks out -q --resume \(options) && diff -r whole out")
  }

  /// Reports and clips too, after a stop and after a kill that comes when more was told than the state knows.
  @Test(arguments: ["TERM", "KILL"]) func reportsAndClipsGoOn(_ signal: String) throws {
    let place = try Workplace()
    let more = "--format none --checkpoint-interval 1s"
    func files(_ name: String) -> String { "--report \(name).csv --clips \(name).clips -tb 0 -tp 0" }
    try place.succeed("nem-stream \(Self.clip) --masks whole -q \(more) \(files("whole"))")
    #expect(try place.run(stop(signal, after: 300, "\(more) \(files("out"))")).status != 0)
    try place.succeed("[ -e out/state.nem ] && ! cmp -s whole.csv out.csv")
    let resumed = try place.succeed("nem-stream \(Self.clip) --masks out --resume \(more) \(files("out"))")
    #expect(resumed.errors.contains("going on after"), "\(resumed.errors)")
    try place.succeed("cmp whole.csv out.csv && diff -r whole.clips out.clips && diff -r whole out")
    // Complete output keeps its report; another one is made from it.
    try place.succeed("nem-stream \(Self.clip) --masks out --resume \(more) --report out.csv && cmp whole.csv out.csv")
    let other = "nem-stream \(Self.clip) --masks out --resume \(more) --report new.csv -q"
    try place.fail(other, 64, saying: "inspect out --report new.csv")
  }

  /// What a stop left does not stand for what came after it.
  @Test func oldFilesDoNotHideNewParts() throws {
    let place = try Workplace()
    let options = "--format coco --checkpoint-interval 1s"
    #expect(try place.run(stop("TERM", after: 100, options)).status == 75)
    try place.succeed("[ -e out/coco.json ] && mv out/coco.json old.json && cp old.json out")
    #expect(try place.run(stop("KILL", after: 300, options + " --resume")).status == 137)
    try place.succeed("[ ! -e out/coco.json ] && [ $(wc -l < out/coco.jsonl) -ge 300 ]")
    // A folder of which both are there is read to its end.
    try place.succeed("cp old.json out/coco.json && nem-stream inspect out --sheet new.png")
    try place.succeed("rm out/coco.json && nem-stream inspect out --sheet kept.png && cmp new.png kept.png")
  }

  @Test func reportsOfOtherRunsStay() throws {
    let place = try Workplace()
    #expect(try place.run(stop("TERM", after: 100)).status == 75)
    try place.succeed("echo mine > mine.csv")
    let run = "nem-stream \(Self.clip) --masks out --resume --report mine.csv -q"
    #expect(try place.run(run).status == 73)
    #expect(try place.succeed("cat mine.csv").output == "mine\n")
    try place.fail("nem-stream \(Self.clip) --masks out --resume --exec true", 64, saying: "told again")
  }

  /// With the network, states that SIGUSR1 asks for, and kills.
  @Test func goesOnAfterKills() throws {
    let place = try Workplace()
    let options = "\(Self.video) --model $MODEL -q"
    try place.succeed("nem-stream \(options) --masks whole")
    let run = "nem-stream \(options) --masks out --checkpoint-interval 1s"
    let line = """
      \(run) & p=$!
      until [ -e out/frames.jsonl ] && [ $(wc -l < out/frames.jsonl) -ge 30 ] || ! kill -0 $p; do sleep 0.01; done
      kill -KILL $p; wait $p
      for frames in 200 350; do
        \(run) --resume & p=$!
        until [ $(wc -l < out/frames.jsonl) -ge $frames ] || ! kill -0 $p; do sleep 0.01; done
        rm -f saved; touch -r out/state.nem saved; kill -USR1 $p
        until [ out/state.nem -nt saved ] || ! kill -0 $p; do sleep 0.01; done
        kill -KILL $p; wait $p
      done
      \(run) --resume && diff -r whole out
      """
    try place.succeed(line)
  }

  /// `make soak` does this 200 times.
  @Test func anyMomentIsGoodForAKill() throws {
    let place = try Workplace()
    let options = "\(Self.clip) -q --format ffv1,coco"
    try place.succeed("nem-stream \(options) --masks whole")
    for _ in 0..<5 {
      let seconds = Double.random(in: 0...0.8)
      _ = try place.run(
        """
        nem-stream \(options) --masks out --resume --checkpoint-interval 1s & p=$!
        sleep \(seconds); kill -KILL $p; wait $p
        """)
    }
    try place.succeed("nem-stream \(options) --masks out --resume && diff -r whole out")
  }

  @Test func beginsAnewWhereTheStateCannotBeUsed() throws {
    let place = try Workplace()
    try place.succeed("nem-stream \(Self.clip) --masks whole -q")
    #expect(try place.run(stop("TERM", after: 100)).status == 75)
    try place.succeed("mv out before")
    for (harm, words) in [
      ("head -c 5000 before/state.nem > out/state.nem", "is damaged"),
      ("printf x | dd of=out/state.nem conv=notrunc bs=1 seek=20000 status=none", "is damaged"),
      ("printf x | dd of=out/state.nem conv=notrunc bs=1 seek=17 status=none", "has version 120, this program reads 9"),
      ("echo other > out/state.nem", "is not a state of nem-stream"),
      ("echo -n > out/frames.jsonl", "out/frames.jsonl is damaged"),
      ("head -c 800 before/baseline/foreground.mkv > out/baseline/foreground.mkv", "foreground.mkv is damaged"),
      ("rm out/tracks.jsonl", "tracks.jsonl is damaged"),
    ] {
      try place.succeed("rm -rf out; cp -r before out; \(harm)")
      let outcome = try place.succeed("nem-stream \(Self.clip) --masks out --resume && diff -r whole out")
      let lines = outcome.errorLines.filter { $0.contains("state.nem is not used: ") }
      #expect(lines.count == 1, "\(outcome.errors)")
      #expect(lines.first?.contains(words) == true && lines.first?.hasSuffix("; beginning anew") == true, "\(lines)")
    }
  }

  @Test func otherRunsStatesAreNotUsed() throws {
    let place = try Workplace()
    #expect(try place.run(stop("TERM", after: 100)).status == 75)
    try place.succeed("mv out before")
    for (run, words) in [
      ("\(Self.clip) --seed 2", "another setting of seed"), ("\(Self.clip) -t 200", "another setting of duration"),
      ("\(Self.clip) --region 0,0,50,50", "another setting of region"),
      ("\(Self.video) --model $MODEL", "of another model"), ("\(Self.clip) --downscale 2", "of 320×180 pixels"),
      ("$SHORT --model none", "of another input"), ("\(Self.clip) --format coco", "another setting of format"),
    ] {
      try place.succeed("rm -rf out new; cp -r before out")
      let outcome = try place.succeed("nem-stream \(run) --masks out --resume && nem-stream \(run) --masks new -q")
      #expect(outcome.errors.contains(words), "\(outcome.errors)")
      try place.succeed("diff -r out new")
    }
  }

  @Test func wholeOutputStays() throws {
    let place = try Workplace()
    try place.succeed("cp $SHORT b.mp4; cp $SHORT c.mp4; nem-stream $SHORT --masks out/a --model none -q")
    try place.succeed("cp -r out kept")
    let again = try place.succeed("nem-stream $SHORT --masks out/a --model none --resume; diff -r out kept")
    #expect(again.errors.contains("out/a is complete already"), "\(again.errors)")
    try place.fail("nem-stream $SHORT --masks out/a --model none --resume --seed 2", 73, saying: "already holds")
    try place.fail("nem-stream b.mp4 --masks out/a --model none --resume", 73, saying: "already holds")
    try place.succeed("head -c 999 /dev/zero > out/a/state.nem")
    #expect(try place.run("nem-stream b.mp4 --masks out/a --model none --resume").status == 73)
    try place.succeed("rm out/a/state.nem; diff -r out kept")
    try place.fail(
      "nem-stream $SHORT --masks out/a --model none --resume --clips new", 64, saying: "without clips in new")
    // Their rate decides when pictures were taken.
    try place.succeed("mkdir pics && ffmpeg -nostdin -v error -i $SHORT -frames:v 12 pics/%03d.png")
    let pictures = "nem-stream pics --masks p --model none --format none"
    try place.succeed("\(pictures) -q --capture-rate 10")
    #expect(try place.succeed("\(pictures) --resume --capture-rate 10").errors.contains("p is complete already"))
    try place.fail("\(pictures) --resume --capture-rate 20", 73, saying: "already holds")
    // Of many inputs those that are missing are done.
    try place.succeed("cp -r out/a out/b; sed -i s,$SHORT,b.mp4, out/b/manifest.json")
    let rest = try place.succeed("nem-stream b.mp4 c.mp4 --masks out --model none --resume && ls out/c/manifest.json")
    #expect(rest.errors.contains("out/b is complete already"), "\(rest.errors)")
  }

  @Test func saysWhatCannotBeResumed() throws {
    let place = try Workplace()
    try place.fail("nem-stream $SHORT --masks out --resume --overlay o.mp4", 64, saying: "unset overlay")
    try place.fail("nem-stream $SHORT --masks out --resume --segment 10s", 64, saying: "unset segment")
    try place.fail("nem-stream $SHORT --overlay o.mp4 --resume", 64, saying: "resume")
    try place.fail("nem-stream $SHORT --masks - --resume", 64, saying: "standard output cannot be gone on with")
    try place.succeed("mkfifo pipe")
    let camera = "ffmpeg -nostdin -v quiet -i $SHORT -f yuv4mpegpipe - > pipe"
    try place.fail("\(camera) & nem-stream pipe --live --masks out --resume", 64, saying: "cannot resume")
    #expect(!FileManager.default.fileExists(atPath: place.url("out").path))
  }

  /// What comes from standard input is read from its beginning again.
  @Test func standardInputGoesOn() throws {
    let place = try Workplace()
    let run = "nem-stream - --model none -q < clip.y4m --masks"
    let line = """
      ffmpeg -nostdin -v error -i \(Self.video) clip.y4m && \(run) whole
      \(run) out & p=$!
      until [ -e out/frames.jsonl ] && [ $(wc -l < out/frames.jsonl) -ge 100 ] || ! kill -0 $p; do sleep 0.01; done
      kill $p; wait $p; cp -r out saved
      \(run) out --resume && diff -r whole out
      """
    try place.succeed(line)
    // Where it turns out too late that the state is of no use, it cannot be read a second time.
    try place.succeed("ffmpeg -nostdin -v error -i clip.y4m -frames:v 80 -y short.y4m")
    try place.fail(
      "nem-stream - --model none -q < short.y4m --masks saved --resume", 65, saying: "stdin cannot be read again")
  }

  /// A service that is stopped, killed, and whose state is damaged, gives no number twice.
  @Test(arguments: ["ffv1", "coco"]) func servicesGoOnWithTheirNumbers(_ format: String) throws {
    let place = try Workplace()
    let run = "nem-stream \(Self.clip) --service --masks out --segment 1h --format \(format)"
    let line = """
      \(run) -q & p=$!
      until [ "$(cat out/*/*/frames.jsonl 2>&- | wc -l)" -ge 300 ] || ! kill -0 $p; do sleep 0.01; done
      kill -TERM $p; wait $p || exit 1
      \(run) -q & p=$!
      until [ "$(cat out/*/*/frames.jsonl | wc -l)" -ge 600 ] || ! kill -0 $p; do sleep 0.01; done
      kill -KILL $p; wait $p
      head -c 100 /dev/zero >> out/state.nem
      \(run)
      """
    let outcome = try place.succeed(line)
    #expect(outcome.errors.contains("state.nem is not used: it is damaged; beginning anew"), "\(outcome.errors)")
    let segments = try place.succeed("ls -d out/*/* | sort -V").output.split(separator: "\n").map(String.init)
    #expect(segments.count == 3)
    let frames = try segments.map { try MaskFolder(place, $0).frames() }
    let ids = frames.map { Set($0.flatMap(\.objects).map(\.id)) }
    let known = ids[0].intersection(ids[1])
    let warm = Set(frames[1].prefix(20).flatMap(\.objects).map(\.id))
    #expect(known.isSubset(of: warm), "an object of the second run has a number of the first one's")
    #expect(!known.isEmpty, "no object is known again")
    #expect(try #require(ids[1].subtracting(known).min()) > ids[0].max()!)
    #expect(try #require(ids[2].min()) > ids[1].max()!)
  }
}
