import Foundation
import Masks
import Testing

/// Cameras on loopback that are slow, silent, cut, or lie.
@Suite(.enabled(if: Camera.isAvailable, "python3 is absent")) struct LiveSourceTests {
  private let place: Workplace

  init() throws {
    place = try Workplace()
    try place.succeed(
      """
      mkdir pictures
      ffmpeg -nostdin -v error -i $SHORT -q:v 5 pictures/%03d.jpg
      ffmpeg -nostdin -v error -i $SHORT -c:v libx264 -bf 0 -g 25 -x264-params slices=1 -f h264 camera.h264
      """)
  }

  /// Runs the program until a condition of shell holds, then stops it as the system would; `log` has what it says.
  private func run(
    _ arguments: String, variables: String = "", until condition: String, meanwhile: String = ""
  ) throws -> Outcome {
    try place.run(
      """
      \(variables) nem-stream \(arguments) --masks out --model none 2> log & p=$!
      \(meanwhile)
      \(Workplace.until(condition))
      kill $p; wait $p; status=$?; cat log >&2; exit $status
      """)
  }

  /// Shell that asks whether the log has so many lines with these words.
  private static func says(_ words: String, times count: Int = 1) -> String {
    "[ $(grep -c '\(words)' log) -ge \(count) ]"
  }

  private func times() throws -> [Double] { try MaskFolder(place, "out").frames().map(\.pts) }

  @Test func aCameraThatIsKilledComesBack() throws {
    let camera = try Camera(
      "rtsp", ["--media", "camera.h264", "--lifetime", "1.5", "--password", "a@b:c"], in: place.folder)
    try place.succeed("mkdir keys; printf 'a@b:c\\n' > keys/source-password")
    let url = "rtsp://user@127.0.0.1:\(camera.port)/1"
    let outcome = try run(
      "\(url) -v --retry-for 60", variables: "CREDENTIALS_DIRECTORY=$PWD/keys", until: Self.says("is back", times: 2))
    #expect(outcome.status == 75, "\(outcome.errors)")
    #expect(outcome.errors.contains("is lost") && outcome.errors.contains("is back"), "\(outcome.errors)")
    #expect(!outcome.errors.contains("a@b:c") && !outcome.errors.contains("a%40b"), "\(outcome.errors)")
    let manifest = try MaskFolder(place, "out").manifest()
    #expect(manifest.input == "rtsp://user:***@127.0.0.1:\(camera.port)/1")
    let reconnects = try #require(manifest.source, "\(outcome.errors)").reconnects
    #expect(reconnects >= 1 && manifest.status == .interrupted)
    // Each loss leaves a gap of real time: the wait of a second at least.
    let times = try times()
    let gaps = zip(times, times.dropFirst()).filter { $1 - $0 > 0.9 }.count
    #expect(gaps >= reconnects - 1 && gaps > 0, "\(times)")
    #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 })
    try MaskFolder(place, "out").expectNoIdTwice()
  }

  /// Each clip has what came over one connection, and the program is told of it when it is whole.
  @Test func clipsOfACameraEndWithItsConnection() throws {
    let camera = try Camera("rtsp", ["--media", "camera.h264", "--lifetime", "3"], in: place.folder)
    let words = "echo $NEM_STREAM_EVENT $NEM_STREAM_OBJECT $(test -s $NEM_STREAM_CLIP; echo $?)"
    let hook = #"--exec '["sh", "-c", "\#(words)"]'"#
    let outcome = try run(
      "rtsp://127.0.0.1:\(camera.port)/1 --retry-for 60 --clips clips -tb 1s -tp 1s \(hook)",
      until: Self.says("is lost", times: 2))
    #expect(outcome.status == 75 && outcome.errors.contains("is back"), "\(outcome.errors)")
    let tracks = try MaskFolder(place, "out").tracks()
    let clips = try place.succeed("ls clips").output.split(separator: "\n")
    #expect(clips.allSatisfy { $0.hasSuffix(".mkv") } && clips.count >= tracks.count, "\(clips)")
    for track in tracks {
      let name = String(format: "%04d_00-00-", track.id)
      let own = clips.filter { $0.hasPrefix(name) }
      let masks = try own.map { try MaskFolder.masks(place.url("clips/\($0)").path).map(\.pts) }
      for times in masks {
        #expect(times.first == 0 && zip(times, times.dropFirst()).allSatisfy { $1 - $0 < 0.9 }, "\(times)")
      }
      #expect(masks.compactMap(\.last).reduce(0, +) > 0.5, "\(name): \(masks)")
      #expect(outcome.errorLines.contains("end \(track.id) 0"), "\(outcome.errors)")
    }
    #expect(tracks.count > 1)
  }

  /// Pictures in a stream come without a size, and clips need one.
  @Test func clipsOfPicturesHaveASize() throws {
    let camera = try Camera("mjpeg", ["--media", "pictures", "--lifetime", "3"], in: place.folder)
    try place.fail(
      "nem-stream http://127.0.0.1:\(camera.port)/ --masks out --clips clips --model none -q", 69, saying: "is lost")
    let count = try MaskFolder(place, "out").tracks().count
    let sizes = try place.succeed(
      "for f in clips/*.mkv; do ffprobe -v error -show_entries stream=codec_name,width,height -of csv=p=0 $f; done")
    #expect(count > 0 && sizes.output.split(separator: "\n").count == count, "\(sizes.output)")
    #expect(Set(sizes.output.split(separator: "\n").map { $0.hasPrefix("mjpeg,") && !$0.hasSuffix(",0") }) == [true])
  }

  @Test func withoutRetryALossIsTheEnd() throws {
    let camera = try Camera("mjpeg", ["--media", "pictures", "--lifetime", "1"], in: place.folder)
    try place.fail(
      "nem-stream http://u:secret@127.0.0.1:\(camera.port)/ --masks out --model none -q", 69, saying: "is lost")
    let manifest = try MaskFolder(place, "out").manifest()
    #expect(manifest.status == .truncated && 20...26 ~= manifest.frames.decoded)
    #expect(!(try String(contentsOf: place.url("out/manifest.json"), encoding: .utf8).contains("secret")))
  }

  @Test func silenceIsALoss() throws {
    let camera = try Camera("mjpeg", ["--media", "pictures", "--silent", "1"], in: place.folder)
    let line = "http://127.0.0.1:\(camera.port)/ --masks out --model none -q --stall-limit 1"
    try place.fail("nem-stream \(line)", 69, saying: "no frame came for 1 s")
  }

  /// A camera that serves one at a time takes nobody before the silent connection is closed.
  @Test func aSilentConnectionIsClosedBeforeTheNext() throws {
    let camera = try Camera("mjpeg", ["--media", "pictures", "--silent", "1", "--alone"], in: place.folder)
    let line = "http://127.0.0.1:\(camera.port)/ --stall-limit 1 --retry-for 60"
    let outcome = try run(line, until: Self.says("is lost", times: 2))
    #expect(outcome.status == 75 && outcome.errors.contains("is back"), "\(outcome.errors)")
  }

  @Test func garbageIsALoss() throws {
    let camera = try Camera("rtsp", ["--media", "camera.h264", "--garbage", "1"], in: place.folder)
    let outcome = try run(
      "rtsp://127.0.0.1:\(camera.port)/1 --retry-for 60 --stall-limit 1", until: Self.says("is lost", times: 2))
    #expect(outcome.status == 75, "\(outcome.errors)")
    for words in ["no frame came for 1 s", "is back"] { #expect(outcome.errors.contains(words), "\(outcome.errors)") }
    // A second of each connection is video, and little of the rest looks like it.
    #expect(try 40...100 ~= MaskFolder(place, "out").manifest().frames.decoded)
  }

  @Test func picturesAreStampedAsTheyCome() throws {
    let camera = try Camera("mjpeg", ["--media", "pictures", "--rate", "5"], in: place.folder)
    let outcome = try run(
      "http://127.0.0.1:\(camera.port)/",
      until: "[ -e out/frames.jsonl ] && [ $(wc -l < out/frames.jsonl) -ge 15 ]")
    #expect(outcome.status == 75)
    let times = try times()
    #expect(abs(times.last! - 0.2 * Double(times.count - 1)) < 1, "\(times)")
  }

  @Test(arguments: ["hole", "noise"]) func whoNeverSendsVideoIsGivenUp(_ kind: String) throws {
    let camera = try Camera(kind, in: place.folder)
    // Noise may happen to be an answer of RTSP, and a refusal.
    func isRefused(_ outcome: Outcome) -> Bool {
      kind == "noise" && outcome.status == 65 && outcome.errors.contains("not a video")
    }
    for scheme in ["rtsp", "http"] {
      let url = "\(scheme)://127.0.0.1:\(camera.port)/"
      let outcome = try place.run("nem-stream \(url) --masks out --model none --open-timeout 1")
      let isGivenUp = outcome.status == 69 && outcome.errors.contains("within 1 s")
      #expect((isGivenUp || isRefused(outcome)) && outcome.errorLines.count == 1, "\(outcome.errors)")
    }
    // The system's stop does not wait for an answer.
    let outcome = try place.run(
      """
      nem-stream rtsp://127.0.0.1:\(camera.port)/ --masks out --model none --open-timeout 60 & p=$!
      \(Workplace.untilItCatches)
      sleep 0.3; kill $p; wait $p
      """)
    #expect(outcome.status == 75 || isRefused(outcome), "\(outcome.errors)")
  }

  @Test func refusedConnectionsCostNothing() throws {
    let camera = try Camera("mjpeg", ["--media", "pictures"], in: place.folder)
    camera.stop()
    let outcome = try run(
      "http://127.0.0.1:\(camera.port)/ --retry-for 60", until: "[ -s out/frames.jsonl ]",
      meanwhile: """
        \(Workplace.until(Self.says("trying again")))
        cut -d' ' -f14,15 /proc/$p/stat; sleep 3; cut -d' ' -f14,15 /proc/$p/stat
        tail --pid=$p -f /dev/null | python3 \(Camera.script) mjpeg \(camera.port) --media pictures > camera.log &
        """)
    #expect(outcome.status == 75, "\(outcome.errors)")
    let ticks = outcome.output.split(separator: "\n").prefix(2).map {
      $0.split(separator: " ").compactMap { Int($0) }.reduce(0, +)
    }
    // In three seconds of 100 ticks, one hundredth is three.
    #expect(ticks.count == 2 && ticks[1] - ticks[0] <= 3, "\(outcome.output)")
    #expect(outcome.errors.split(separator: "\n").count { $0.contains("trying again") } == 1, "told once")
    #expect(try times().count > 0)
  }

  @Test func aDownloadIsWholeOrNot() throws {
    try place.succeed("ffmpeg -nostdin -v error -i $SHORT -c copy -movflags +faststart clip.mp4; ls -l clip.mp4")
    let whole = try Camera("file", ["--media", "clip.mp4"], in: place.folder)
    try place.succeed("nem-stream http://127.0.0.1:\(whole.port)/clip.mp4 --masks whole --model none")
    #expect(try MaskFolder(place, "whole").manifest().status == .complete)
    let cut = try Camera("file", ["--media", "clip.mp4", "--cut", "40000"], in: place.folder)
    let url = "http://127.0.0.1:\(cut.port)/clip.mp4"
    try place.fail("nem-stream \(url) --masks cut --model none -q", 65, saying: "truncated")
    #expect(try MaskFolder(place, "cut").manifest().status == .truncated)
    try place.succeed("nem-stream \(url) --masks resumed --model none --retry-for 5")
    try MaskFolder(place, "resumed").expectSame(as: MaskFolder(place, "whole"))
  }

  @Test func playlistsDoNotReadFiles() throws {
    try place.succeed("mkdir web; ffmpeg -nostdin -v error -i $SHORT -c copy -bsf:v h264_mp4toannexb secret.ts")
    let secret = place.url("secret.ts").path
    for (name, text) in [
      ("a.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nfile://\(secret)\n#EXT-X-ENDLIST\n"),
      ("b.ffconcat", "ffconcat version 1.0\nfile 'file://\(secret)'\n"),
      ("c.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"),
    ] {
      try place.write(Data(text.utf8), as: "web/\(name)")
      let camera = try Camera("file", ["--media", "web/\(name)"], in: place.folder)
      let line = "nem-stream http://127.0.0.1:\(camera.port)/\(name) --masks \(name).out --model none"
      let outcome = try place.run(line)
      #expect([65, 69].contains(outcome.status), "\(name): \(outcome.errors)")
      #expect(!FileManager.default.fileExists(atPath: place.url("\(name).out").path))
      // It is the protocol that stands in the way, and nothing else.
      if name == "a.m3u8" { try place.succeed(line + " --allow-protocol file") }
    }
    let camera = try Camera("redirect", ["--media", "file://\(secret)"], in: place.folder)
    try place.fail("nem-stream http://127.0.0.1:\(camera.port)/ --masks out --model none", 69)
    try place.succeed("cp web/a.m3u8 web/video.mp4")
    try place.fail("nem-stream web/video.mp4 --masks out --model none", 65, saying: "neither a video")
  }

  @Test func aPipeThatStallsAndEndsComesBack() throws {
    try place.succeed("ffmpeg -nostdin -v error -i $SHORT -pix_fmt yuv420p clip.y4m; mkfifo pipe")
    let outcome = try run(
      "pipe --live --stall-limit 1 --retry-for 60", until: Self.says("is lost", times: 2),
      meanwhile: """
        (head -c 3000000 clip.y4m; \(Workplace.until(Self.says("silent"))); tail -c +3000001 clip.y4m) > pipe
        \(Workplace.until(Self.says("is lost")))
        cat clip.y4m > pipe
        """)
    #expect(outcome.status == 75, "\(outcome.errors)")
    for words in ["silent", "is lost: the stream ended", "is back"] { #expect(outcome.errors.contains(words)) }
    let manifest = try MaskFolder(place, "out").manifest()
    #expect(manifest.frames.decoded == 180 && manifest.source?.reconnects == 1, "\(manifest)")
    // A writer is waited for as long as was said.
    let late = try place.run("nem-stream pipe --live --retry-for 3 --masks late --model none")
    #expect(late.status == 69 && late.errorLines.count == 2, "\(late.errors)")
    for words in ["pipe is silent; waiting for it", "nothing was written"] { #expect(late.errors.contains(words)) }
  }
}

extension MaskFolder {
  /// Checks that no number stands for two objects.
  func expectNoIdTwice() throws {
    let ids = try tracks().map(\.id)
    #expect(Set(ids).count == ids.count)
  }
}
