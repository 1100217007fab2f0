import Foundation
import Testing

/// Every bad input ends with its exit code and one clear line.
@Suite struct BadInputTests {
  @Test func inputs() throws {
    let place = try Workplace()
    try place.succeed("echo not a video at all > text.mp4; : > empty.mp4; mkdir folder")
    let cases: [(String, Int32, String)] = [
      ("missing.mp4", 66, "missing.mp4"), ("folder", 66, "directory"), ("text.mp4", 65, "neither a video"),
      ("empty.mp4", 65, "empty"), ("- </dev/null", 65, "stdin"),
      ("rtsp://me:secret@127.0.0.1:1/1", 69, "rtsp://me:***@127.0.0.1:1/1"),
      ("srt://me:secret@127.0.0.1:1", 64, "--allow-protocol srt"), ("/dev/video99", 69, "No such file"),
      ("--input-credential camera", 66, "CREDENTIALS_DIRECTORY"),
    ]
    for (input, status, words) in cases {
      try place.fail("nem-stream \(input) --masks out --model none", status, saying: words)
    }
    #expect(!FileManager.default.fileExists(atPath: place.url("out").path))
  }

  @Test func usage() throws {
    let place = try Workplace()
    let options = [
      "--bogus", "--slots 0", "--slots 257", "--slots many", "--threads 0", "--segmenter foo", "--format gif",
      "--raw-video 640x480", "--learning-rate 5", "--learning-rate nan", "--spool-limit -1", "--masks ''",
      "--overlay ''", "--seed -1", "--retry-for -1", "--stall-limit 0", "--open-timeout nan", "--capture-size big",
      "--capture-rate 0", "--allow-protocol ''", "--rtsp-transport pigeon", "--input-credential camera",
    ]
    for option in options {
      let outcome = try place.run("nem-stream $SHORT --masks out --model none \(option)")
      #expect(outcome.status == 64, "\(option): \(outcome.errors)")
      #expect(!outcome.errors.isEmpty && outcome.output.isEmpty, "\(option)")
    }
    for line in ["nem-stream", "nem-stream $SHORT", "nem-stream '' --masks out", "nem-stream train nothing"] {
      #expect(try place.run(line).status == 64, "\(line)")
    }
    try place.fail("nem-stream $SHORT --masks $(printf 'out\\351')", 64, saying: "is not UTF-8")
    let negative = try place.run("nem-stream generate silhouettes scenes --count -1")
    #expect(negative.status == 64 && negative.errors.contains("written --count=-1"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: place.folder.path).isEmpty)
    #expect(try place.succeed("nem-stream --help").output.contains("--masks"))
    #expect(try place.succeed("nem-stream --version").output.contains("."))
  }

  @Test func models() throws {
    let place = try Workplace()
    try place.write(Data((0..<64).map { _ in UInt8.random(in: 0...255) }), as: "noise.safetensors")
    try place.write(Data([2, 0, 0, 0, 0, 0, 0, 0]) + Data("{}".utf8), as: "foreign.safetensors")
    // Of a word's length, so that the file is whole but for its meaning.
    try place.succeed("sed 's/bernoulli/bernuolli/' $MODEL > newer.safetensors")
    let cases: [(String, Int32, String)] = [
      ("nowhere", 66, "nowhere"), ("nowhere.safetensors", 66, "nowhere"), ("/", 66, "directory"),
      ("noise.safetensors", 65, "noise"), ("foreign.safetensors", 65, "foreign"),
      ("newer.safetensors", 65, "observation 'bernuolli' is unknown"),
    ]
    for (model, status, words) in cases {
      try place.fail("nem-stream $SHORT --masks out --model \(model)", status, saying: words)
      try place.fail("nem-stream evaluate flying-shapes --count 5 --model \(model)", status, saying: words)
    }
    #expect(!FileManager.default.fileExists(atPath: place.url("out").path))
  }

  @Test func outputs() throws {
    let place = try Workplace()
    try place.succeed(": > file")
    for folder in ["file", "file/out", "/proc/out"] {
      try place.fail("nem-stream $SHORT --masks \(folder) --model none", 73, saying: "cannot create")
    }
    try place.succeed("nem-stream $SHORT --masks new/deep/out --model none -q")
  }

  @Test func anInputIsNotReplacedByItsMasks() throws {
    let place = try Workplace()
    try place.succeed("mkdir -p m/objects && cp $SHORT m/objects/0001.mkv && ln -s m link")
    for name in ["m", "./link", "m/../link"] {
      let line = "nem-stream m/objects/0001.mkv --masks \(name) --overwrite --model none"
      try place.fail(line, 64, saying: "among the masks")
    }
    try place.succeed("cmp $SHORT m/objects/0001.mkv && mkfifo pipe")
    try place.fail("nem-stream bench pipe", 64, saying: "only once")
  }

  /// No output takes another's place, whether of the same run or of one that goes on.
  @Test func outputsThatMeet() throws {
    let place = try Workplace()
    let run = "nem-stream $SHORT --model none -t 5 -q"
    try place.fail("\(run) --overlay s.csv --report ./s.csv", 64, saying: "overlay and report would both write")
    for name in ["frames.jsonl", "manifest.json", "objects/0001.mkv", "../out/coco.json"] {
      try place.fail("\(run) --masks out --overlay out/\(name)", 64, saying: "overlay and masks would both write")
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: place.folder.path).isEmpty)
    try place.succeed("\(run) --masks out --overlay out/o.mp4 --report out/r.csv")
    try place.succeed("cp -r out before")
    try place.fail("flock out \(run) --masks out --overwrite", 73, saying: "another run writes there")
    try place.succeed("diff -r before out")
    try place.succeed("\(run) --masks out --overwrite")
  }

  @Test func aFullStandardOutputIsAFault() throws {
    let place = try Workplace()
    let texts = ["--version", "-h", "inspect $MODEL", "manual", "check-config --document", "check-config $SHORT"]
    for line in texts.map({ "nem-stream \($0)" }) {
      try place.fail("\(line) >/dev/full", 74, saying: "standard output")
      try place.succeed("\(line) | head -c 1")
    }
  }

  @Test func truncation() throws {
    let place = try Workplace()
    try place.succeed(
      """
      ffmpeg -v error -i $SHORT -c copy whole.mkv && head -c 30000 whole.mkv > cut.mkv
      ffmpeg -v error -i $SHORT -c copy -movflags +faststart whole.mp4 && head -c 30000 whole.mp4 > cut.mp4
      ffmpeg -v error -i $SHORT -f yuv4mpegpipe whole.y4m && head -c 2000000 whole.y4m > cut.y4m
      head -c 30000 $SHORT > headless.mp4
      """)
    for name in ["cut.mkv", "cut.mp4", "cut.y4m"] {
      let outcome = try place.run("nem-stream \(name) --masks \(name).out --model none -q")
      #expect(outcome.status == 65 && outcome.errors.contains(name))
      let folder = MaskFolder(place, name + ".out")
      if name == "cut.mp4" {
        #expect(outcome.errors.contains("\(90 - (try folder.frames().count)) of 90 frames are missing"))
      }
      #expect(try folder.manifest().status == .truncated)
      #expect(try 10..<90 ~= folder.frames().count)
      try folder.expectConsistent()
    }
    try place.fail("nem-stream headless.mp4 --masks none --model none", 65, saying: "moov")
  }

  @Test func fullDisk() throws {
    let place = try Workplace()
    guard try place.run("mkdir disk && mount -t tmpfs -o size=200k none disk").status == 0 else {
      print("mounting is not permitted here: a full disk is not tested")
      return
    }
    defer { _ = try? place.run("umount disk") }
    try place.fail("nem-stream $SHORT --masks disk/out --model none -q", 74, saying: "No space left")
    let folder = MaskFolder(place, "disk/out")
    #expect(try folder.manifest().status == .failed)
    #expect(try folder.frames().count < 90)
  }
}
