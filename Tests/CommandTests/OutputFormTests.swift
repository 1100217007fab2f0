import Foundation
import Kernels
import Masks
import Testing
import VideoIO

/// The forms of output, and what the program says on the way.
@Suite struct OutputFormTests {
  /// Whoever has pictures wants to know which one a frame was.
  @Test func picturesKeepTheirNames() throws {
    let place = try Workplace()
    try place.succeed(
      """
      mkdir p; ffmpeg -nostdin -v error -i $SHORT -frames:v 12 p/f_%d.png; mv p/f_3.png 'p/f_3 "x"\\y.png'
      nem-stream p --masks out --format ffv1,coco --model none
      """)
    let names = (1...12).map { $0 == 3 ? #"f_3 "x"\y.png"# : "f_\($0).png" }
    #expect(try MaskFolder(place, "out").frames().map(\.picture) == names)
    let coco = try JSONSerialization.jsonObject(with: Data(contentsOf: place.url("out/coco.json"))) as? [String: Any]
    #expect((coco?["images"] as? [[String: Any]])?.map { $0["file_name"] as? String } == names)
  }

  @Test func picturesEqualVideos() throws {
    let place = try Workplace()
    try place.succeed("nem-stream $SHORT --masks video --model none")
    try place.succeed("nem-stream $SHORT --masks pictures --format png --model none")
    try place.succeed("cmp video/frames.jsonl pictures/frames.jsonl && cmp video/tracks.jsonl pictures/tracks.jsonl")
    let video = MaskFolder(place, "video")
    let frames = try video.frames()
    for track in try video.tracks() {
      let numbers = frames.filter { $0.objects.contains { $0.id == track.id } }.map(\.frame)
      let pictures = try numbers.map { number in
        try ImageFile.readGray(place.url(String(format: "pictures/objects/%04d/%06d.png", track.id, number)).path)
      }
      #expect(pictures == (try MaskFolder.masks(video.objectPath(track.id)).map(\.mask)), "object \(track.id)")
    }
  }

  @Test(arguments: ["gmm", "sort"]) func baselineSegmenters(_ name: String) throws {
    let place = try Workplace()
    try place.succeed("nem-stream $SHORT --masks out --segmenter \(name)")
    let folder = MaskFolder(place, "out")
    #expect(try folder.tracks().count >= 5)
    #expect(try folder.manifest().settings["segmenter"] == .text(name))
    try folder.expectConsistent()
  }

  @Test func overlay() throws {
    let place = try Workplace()
    try place.succeed("nem-stream $SHORT --overlay out.mp4 --model none")
    let probe = "ffprobe -v error -count_frames -show_entries stream=width,height,nb_read_frames -of csv=p=0 out.mp4"
    #expect(try place.succeed(probe).output.trimmingCharacters(in: .newlines) == "320,180,90")
  }

  @Test func slotsBoundTheObjects() throws {
    let place = try Workplace()
    let outcome = try place.succeed("nem-stream $SHORT --masks out --slots 2 --model none")
    #expect(try MaskFolder(place, "out").frames().allSatisfy { $0.objects.count <= 2 })
    #expect(outcome.errors.contains("all 2 slots"))
    let manifest = try String(contentsOf: place.url("out/manifest.json"), encoding: .utf8)
    #expect(manifest.contains("\"unassigned\" : ") && !manifest.contains("\"unassigned\" : 0"))
  }

  @Test func aFailedOverlayLeavesNoFolder() throws {
    let place = try Workplace()
    try place.fail("nem-stream $SHORT --masks out --overlay missing/o.mp4 --model none", 73, saying: "missing/o.mp4")
    #expect(!FileManager.default.fileExists(atPath: place.url("out").path))
    try place.write(Data("old".utf8), as: "o.mp4")
    try place.fail("nem-stream $SHORT --masks out --overlay o.mp4 --model none", 73, saying: "--overwrite")
    #expect(!FileManager.default.fileExists(atPath: place.url("out").path))
    try place.fail("nem-stream $SHORT --masks o.mp4/out --overlay new.mp4 --model none", 73)
    #expect(!FileManager.default.fileExists(atPath: place.url("new.mp4").path))
    try place.succeed("nem-stream $SHORT --masks out --overlay o.mp4 --overwrite --model none")
    try place.succeed("nem-stream $SHORT --masks new --overlay new/overlay.mp4 --model none && [ -s new/overlay.mp4 ]")
  }

  @Test func neverOverwritesItsInput() throws {
    let place = try Workplace()
    try place.succeed("cp $SHORT in.mp4 && ln in.mp4 alias.mp4")
    for input in ["in.mp4", "- < in.mp4"] {
      try place.fail("nem-stream \(input) --overlay alias.mp4 --overwrite --model none", 73, saying: "the input")
    }
    try place.succeed("cmp in.mp4 $SHORT")
  }

  @Test func earlierOutputIsReplacedOnlyOnRequest() throws {
    let place = try Workplace()
    try place.succeed("nem-stream $SHORT --masks out --model none")
    try place.succeed("echo mine | tee out/notes.txt out/objects/notes.txt && cp -r out before")
    try place.fail("nem-stream $SHORT --masks out --segmenter gmm", 73, saying: "already holds")
    try place.succeed("diff -r before out")
    try place.succeed("nem-stream $SHORT --masks out --segmenter gmm --overwrite")
    try place.succeed("cmp before/notes.txt out/notes.txt && cmp before/objects/notes.txt out/objects/notes.txt")
    #expect(try MaskFolder(place, "out").manifest().settings["segmenter"] == "gmm")
    try MaskFolder(place, "out").expectConsistent()
  }

  @Test func whatCannotBeReplacedIsKept() throws {
    let place = try Workplace()
    try place.succeed("nem-stream $SHORT --masks out --overlay o.mkv --model none")
    try place.succeed("cp -r out before && cp o.mkv before.mkv")
    let run = "nem-stream $SHORT --masks out --overlay o.mkv --model none --overwrite"
    try place.fail("\(run) --exec nosuch", 64, saying: "no program nosuch")
    try place.fail("\(run) --report missing/r.csv", 73, saying: "cannot create missing/r.csv")
    try place.fail("nem-stream - < $SHORT --masks out --overwrite --overlay missing/o.mkv", 73, saying: "missing/o.mkv")
    try place.fail("nem-stream $SHORT --masks out --overwrite --overlay before", 73, saying: "cannot create before")
    try place.succeed("ffmpeg -v error -i $SHORT -frames:v 5 -c:v png p.mkv")
    try place.fail("nem-stream p.mkv --masks out --overwrite --clips c", 64, saying: "cannot be copied into clips")
    try place.succeed("diff -r before out && cmp before.mkv o.mkv && [ ! -e c ]")
    try place.succeed("nem-stream $SHORT --masks a --clips b --report b/r.csv --model none && [ -s b/r.csv ]")
  }

  @Test func speaksAsMuchAsAsked() throws {
    let place = try Workplace()
    let plain = try place.succeed("nem-stream $SHORT --masks a --model none")
    #expect(plain.output.isEmpty && !plain.errors.contains("\r") && plain.errors.contains("90 frames"))
    let quiet = try place.succeed("nem-stream $SHORT --masks b --model none -q")
    #expect(quiet.output.isEmpty && quiet.errors.isEmpty)
    let verbose = try place.succeed("nem-stream $SHORT --masks c --model none -v")
    #expect(verbose.errors.contains("h264") && verbose.errors.contains("320×180") && verbose.errors.contains("25 fps"))
  }

  @Test func worksWithoutStandardStreams() throws {
    let place = try Workplace()
    try place.succeed("nem-stream $SHORT --masks open --model none")
    try place.succeed("nem-stream $SHORT --masks closed --model none <&- >&- 2>&-")
    try place.fail("nem-stream $SHORT --masks - --model none -q >&-", 74, saying: "standard output: Bad file")
    try place.fail("nem-stream inspect closed >&-", 74, saying: "standard output: Bad file")
    try place.succeed("nem-stream $SHORT --masks full --model none -v 2>/dev/full")
    try place.succeed("diff -r open closed && diff -r open full")
  }

  @Test func progressOnATerminal() throws {
    let place = try Workplace()
    let terminal = try place.succeed("script -qec 'nem-stream $CLIP --masks out --model none -t 100' /dev/null")
    #expect(terminal.output.contains("\r") && terminal.output.contains("/100") && terminal.output.contains("fps"))
  }
}
