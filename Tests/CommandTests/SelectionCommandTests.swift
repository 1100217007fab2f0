import Foundation
import Masks
import Testing

/// Several inputs, parts of them, and what a command line would do.
@Suite struct SelectionCommandTests {
  @Test func everyInputGetsItsOwnFolderAndTheWorstOneDecides() throws {
    let place = try Workplace()
    try place.succeed("mkdir in; cp $SHORT in/a.mp4; cp $SHORT in/b.mp4; echo no video > in/c.mp4")
    try place.succeed("nem-stream in/a.mp4 --masks alone --model none -t 20")
    let outcome = try place.run("nem-stream in/c.mp4 missing.mp4 'in/[ab].mp4' --masks out --model none -t 20")
    #expect(outcome.status == 66)
    #expect(outcome.errorLines.last == "nem-stream: 2 of 4 inputs are complete; not: in/c.mp4 (65), missing.mp4 (66)")
    for name in ["a", "b"] { try MaskFolder(place, "out/\(name)").expectSame(as: MaskFolder(place, "alone")) }

    let good = try place.succeed(
      "nem-stream in/a.mp4 in/b.mp4 --masks 'x/{stem}-masks' --overlay '{stem}.mkv' --model none -t 5")
    #expect(good.errorLines.last == "2 of 2 inputs are complete")
    for name in ["x/a-masks/manifest.json", "x/b-masks/manifest.json", "a.mkv", "b.mkv"] {
      #expect(FileManager.default.fileExists(atPath: place.url(name).path), "\(name)")
    }
  }

  @Test func inputsThatWouldWriteTheSameAreRefusedBeforeAnythingStarts() throws {
    let place = try Workplace()
    try place.succeed("mkdir p q; cp $SHORT p/a.mp4; cp $SHORT q/a.mov")
    try place.fail("nem-stream p/a.mp4 q/a.mov --masks out --model none", 64, saying: "would both write out/a")
    try place.fail("nem-stream p/a.mp4 p/../p/a.mp4 --masks 'o/{stem}'", 64, saying: "is given twice")
    try place.fail("nem-stream p/a.mp4 $SHORT --overlay o.mkv --model none", 64, saying: "{stem}")
    try place.fail("nem-stream p/a.mp4 q/a.mov --masks out --service", 64, saying: "one input")
    #expect(!FileManager.default.fileExists(atPath: place.url("out").path))
  }

  @Test func aPartIsCompleteAndKeepsTheSourcesTime() throws {
    let place = try Workplace()
    try place.succeed("nem-stream $SHORT --masks out --model none -ss 1.2s -to 0:02 --every 2")
    let part = MaskFolder(place, "out")
    #expect(try part.manifest().status == .complete)
    #expect(try part.manifest().settings["start"] == "1.2s")
    let frames = try part.frames()
    #expect(frames.map(\.frame) == Array(0..<10))
    for (frame, time) in zip(frames, stride(from: 1.2, to: 2, by: 0.08)) { #expect(abs(frame.pts - time) < 0.002) }
    try part.expectConsistent()
    try place.fail("nem-stream $SHORT --masks late --model none -ss 1:00", 64, saying: "before the chosen part")
    try place.fail("nem-stream $SHORT --masks late --model none -t 5 -to 9", 64, saying: "give one of them")
    try place.fail("nem-stream $SHORT --masks late --model none -ss 9 -to 5", 64, saying: "after the start")
    for none in ["-t 0", "-to 0s"] {
      try place.fail("nem-stream $SHORT --masks late --model none \(none)", 64, saying: "leaves no frame")
    }
    #expect(!FileManager.default.fileExists(atPath: place.url("late").path))
  }

  /// A square on 960×540, where the usual grid has cells of 25 pixels; one of 9 of them is found once it has gone some way.
  @Test func objectsOfAChosenSizeAreFound() throws {
    let place = try Workplace()
    func square(of side: Int) throws {
      try place.succeed(
        """
        ffmpeg -nostdin -v error -y -f lavfi -i color=gray:s=960x540:r=25 -f lavfi -i color=white:s=\(side)x\(side):r=25 \
          -filter_complex 'overlay=60+4*n:200:shortest=0' -frames:v 60 -pix_fmt yuv420p -c:v ffv1 small.mkv
        """)
    }
    func objects(_ options: String) throws -> [TrackRecord] {
      try place.succeed("nem-stream small.mkv --masks out --overwrite --model none \(options)")
      return try MaskFolder(place, "out").tracks()
    }
    try square(of: 8)
    let nothing = try place.succeed("nem-stream small.mkv --masks out --model none")
    let hint = try #require(nothing.errors.firstMatch(of: /too small for an object.* (--min-area \d+) finds it/))
    #expect(try objects("").isEmpty)
    #expect(try objects(String(hint.1)).count == 1, "\(hint.1)")
    try square(of: 16)
    let late = try objects("")
    #expect(late.count == 1 && late.allSatisfy { 40..<56 ~= $0.framesSeen }, "\(late)")
    #expect(try objects("--min-area 400").isEmpty)
    let found = try objects("--min-area 100")
    #expect(found.count == 1 && found.allSatisfy { 0.8...1.25 ~= $0.meanArea / 256 && $0.framesSeen >= 56 }, "\(found)")
    #expect(try MaskFolder(place, "out").manifest().settings["min_area"] == 100)
    for segmenter in ["gmm", "sort"] {
      #expect(try objects("--segmenter \(segmenter) --min-area 400").isEmpty, "\(segmenter)")
      #expect(try objects("--segmenter \(segmenter) --min-area 100").count == 1, "\(segmenter)")
    }
    try place.fail("nem-stream small.mkv --masks x --model flying-shapes --min-area 9", 64, saying: "--min-area")
  }

  /// An animal that is there from the first frame on and goes slowly: from these frames alone it is ground.
  @Test func theGroundCanBeLearntFromMoreThanTheFirstFrames() throws {
    let place = try Workplace()
    try place.succeed(
      """
      ffmpeg -nostdin -v error -f lavfi -i color=gray:s=320x240:r=25 -f lavfi -i color=black:s=28x18:r=25 -filter_complex \
        'overlay=60+n/2:100:shortest=0' -frames:v 200 -pix_fmt yuv420p -c:v ffv1 slow.mkv
      """)
    func frames(_ options: String) throws -> [FrameRecord] {
      try place.succeed("nem-stream slow.mkv --masks out --overwrite --model none \(options)")
      return try MaskFolder(place, "out").frames()
    }
    func isWhole(_ frame: FrameRecord) -> Bool {
      frame.objects.count == 1 && frame.objects.allSatisfy { 0.8...1.25 ~= Double($0.area) / 504 }
    }
    #expect(try frames("").prefix(40).allSatisfy { $0.objects.isEmpty })
    for length in ["8s", "99:00:00", "200"] {
      #expect(try frames("--learn \(length)").allSatisfy(isWhole), "\(length)")
    }
    #expect(try MaskFolder(place, "out").manifest().settings["learn"] == "200")
    try place.fail("nem-stream slow.mkv --masks out --learn 8s", 73, saying: "already holds")
    try place.fail("nem-stream - --masks x --learn 8s < slow.mkv", 64, saying: "learn reads")
  }

  @Test func onlyTheRegionIsWatched() throws {
    let place = try Workplace()
    try place.succeed("nem-stream $SHORT --masks all --model none")
    try place.succeed("nem-stream $SHORT --masks left --model none --region 0,0,160,180")
    let left = try MaskFolder.masks(MaskFolder(place, "left").baselinePath)
    let all = try MaskFolder.masks(MaskFolder(place, "all").baselinePath)
    #expect(left.count == all.count)
    var (found, wrong) = (0, 0)
    for (some, every) in zip(left, all) {
      #expect(some.mask.width == 320 && some.mask.height == 180)
      for (index, pixel) in some.mask.pixels.enumerated() {
        if index % 320 >= 160 && pixel != 0 { Issue.record("a pixel outside the region") }
        if index % 320 < 160 && pixel != 0 { found += 1 }
        // What stands across the border is known of in one run only, and learned in the other.
        if index % 320 < 160 && pixel != every.mask.pixels[index] { wrong += 1 }
      }
    }
    #expect(found > 1000 && wrong < found / 20)
    try MaskFolder(place, "left").expectConsistent()
    try place.fail("nem-stream $SHORT --masks x --model none --region 400,0,9,9", 64, saying: "no pixel of the picture")
    let negative = try place.run("nem-stream $SHORT --masks x --region -9,0,20,20")
    #expect(negative.status == 64 && negative.errors.contains("whole pixels from 0"), "\(negative.errors)")
    try place.succeed("nem-stream $SHORT --masks two --model none --region 0,0,80,180 --region 80,0,80,180")
    try place.succeed("cmp left/frames.jsonl two/frames.jsonl")
  }

  /// The same masks and the same overlay, byte for byte, whatever happens under the mask image.
  @Test func whatIsConcealedChangesNoByteOfTheOutput() throws {
    let place = try Workplace()
    let conceal = "--mask-image mask.png --model none --overlay"
    try place.succeed(
      """
      ffmpeg -v error -f lavfi -i color=black:s=320x180,format=rgb24 -vf drawbox=101:51:63:45:white:fill -frames:v 1 mask.png
      ffmpeg -v error -i $SHORT -c:v ffv1 plain.mkv
      ffmpeg -v error -i $SHORT -f lavfi -i testsrc2=s=60x42:r=25 -filter_complex \
        '[0][1]overlay=102:52:shortest=1:format=yuv420,format=yuv420p' -frames:v 90 -c:v ffv1 changed.mkv
      nem-stream plain.mkv --masks one \(conceal) one.mkv && nem-stream changed.mkv --masks two \(conceal) two.mkv
      """)
    #expect(try place.run("cmp plain.mkv changed.mkv").status == 1)
    try place.succeed("diff -r -x manifest.json one two && cmp one.mkv two.mkv")
    #expect(try MaskFolder(place, "one").tracks().count > 0)
    try place.fail("nem-stream $CLIP --masks x --mask-image mask.png --model none", 64, saying: "1280x720")
    try place.fail("nem-stream $SHORT --masks x --mask-image none.png --model none", 66, saying: "none.png")
  }

  /// A sheet is drawn on the source only where source and mask image are those of the run.
  @Test func sheetsShowNothingThatWasConcealed() throws {
    let place = try Workplace()
    try place.succeed(
      """
      cp $SHORT clip.mp4; cp clip.mp4 kept.mp4
      ffmpeg -v error -f lavfi -i color=black:s=320x180,format=rgb24 -frames:v 1 black.png
      ffmpeg -v error -i black.png -vf drawbox=w=160:c=white:t=fill mask.png; cp mask.png kept.png
      ffmpeg -v error -i clip.mp4 -vf hflip other.mp4
      nem-stream clip.mp4 --masks out --mask-image mask.png --model none
      """)
    func sheet() throws -> String { try place.succeed("nem-stream inspect out --sheet s.png --overwrite").errors }
    #expect(try sheet().isEmpty)
    let drawnOnGray = "clip.mp4 is not there as the run read it: masks are drawn on gray\n"
    for (name, other) in [("mask.png", "black.png"), ("clip.mp4", "other.mp4")] {
      try place.succeed("mv -f \(other) \(name)")
      #expect(try sheet() == drawnOnGray)
      try place.succeed("cp kept.\(name.hasSuffix("png") ? "png" : "mp4") \(name)")
      #expect(try sheet().isEmpty)
    }
    // What an older version concealed cannot be known again.
    try place.succeed("sed -i '/\"identities\"/,/}/d' out/manifest.json")
    #expect(try sheet() == drawnOnGray)
  }

  @Test func picturesGiveTheSameMasksAsTheVideo() throws {
    let place = try Workplace()
    try place.succeed(
      "ffmpeg -v error -i $SHORT -pix_fmt gray -c:v ffv1 gray.mkv; mkdir p; ffmpeg -v error -i gray.mkv p/%d.png")
    for (input, folder) in [("gray.mkv", "video"), ("p", "folder"), ("p/%d.png", "pattern")] {
      try place.succeed("nem-stream \(input) --masks \(folder) --model none")
    }
    try MaskFolder(place, "folder").expectSame(as: MaskFolder(place, "video"))
    try MaskFolder(place, "pattern").expectSame(as: MaskFolder(place, "video"))
  }

  @Test func whoGivesManyPicturesIsToldOfTheirFolder() throws {
    let place = try Workplace()
    try place.succeed("mkdir p; ffmpeg -v error -i $SHORT -frames:v 3 p/%d.png")
    let many = try place.succeed("nem-stream p/*.png --masks out --model none")
    #expect(many.errors.hasPrefix("each of 3 pictures") && many.errors.contains("give their folder"))
    try place.fail("nem-stream p --masks m --overlay o.png", 64, saying: "end it in .mp4 or .mkv")
    try place.fail("nem-stream p --masks m --overlay -", 64, saying: "needs a file's name")
  }

  @Test func aReducedVideoHasSmallerMasks() throws {
    let place = try Workplace()
    try place.succeed("nem-stream $SHORT --masks out --model none --downscale 2 --region 160,0,160,180")
    let manifest = try MaskFolder(place, "out").manifest()
    #expect(manifest.width == 160 && manifest.height == 90 && manifest.settings["downscale"] == 2)
    try MaskFolder(place, "out").expectConsistent()
    for frame in try MaskFolder(place, "out").frames() {
      for object in frame.objects where object.area > 0 { #expect(object.bounds.x >= 80) }
    }
  }

  @Test func aDryRunWritesNothingAndSaysWhatItWould() throws {
    let place = try Workplace()
    let dry = try place.succeed("nem-stream $SHORT --masks out --overlay o.mp4 --model none --dry-run -t 10")
    #expect(
      dry.output.contains("320×180, 25 fps, 10 frames") && dry.output.contains("out/") && dry.output.contains("o.mp4"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: place.folder.path).isEmpty)
    try place.fail("nem-stream missing.mp4 --masks out --dry-run", 66)
    let taken = "mkdir -p taken/objects; nem-stream $SHORT --masks taken --model none --dry-run"
    #expect(try place.succeed(taken).output.contains("exists: --overwrite"))
    try place.fail("nem-stream $SHORT --masks $SHORT/out --model none --dry-run", 73)
    try place.fail("nem-stream $SHORT --masks out --overlay none/o.mp4 --model none --dry-run", 73)
    try place.succeed("nem-stream $SHORT --masks out --overlay out/o.mp4 --model none --dry-run")
    try place.fail("nem-stream $SHORT --masks out --region 999,0,3,3 --dry-run", 64, saying: "lies in it")
    try place.fail("nem-stream $SHORT --masks out --model defualt --dry-run", 66)
    try place.succeed("mkdir clips; touch clips/0001_00-00-03.240.mp4; mkfifo pipe")
    #expect(try place.succeed("nem-stream $SHORT --clips clips --dry-run").output.contains("holds clips"))
    try place.succeed("nem-stream $SHORT --masks out --clips new --service --dry-run")
    // Who opens a pipe takes from it.
    #expect(try place.succeed("timeout 10 nem-stream pipe --masks out --dry-run").output.contains("not opened"))
    let explained = try place.succeed("NEM_SLOTS=7 nem-stream $SHORT --masks out --explain")
    #expect(explained.output.contains("slots: 7 ") && explained.output.contains("# environment: NEM_SLOTS"))
  }

  @Test func progressIsOneObjectASecond() throws {
    let place = try Workplace()
    let outcome = try place.succeed("nem-stream $SHORT --masks out --model none --progress json")
    let lines = outcome.errorLines.filter { $0.hasPrefix("{") }
    let last = try #require(lines.last)
    let object = try #require(try JSONSerialization.jsonObject(with: Data(last.utf8)) as? [String: Any])
    #expect(object["frame"] as? Int == 90 && object["frames"] as? Int == 90 && object["done"] as? Bool == true)
    #expect(!(try place.succeed("nem-stream $SHORT --masks off --model none").errors.contains("{")))
  }
}
