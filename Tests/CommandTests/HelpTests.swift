import Foundation
import Testing

/// What the program says of itself.
@Suite struct HelpTests {
  private static let commands = [
    "", "run", "check-config", "inspect", "bench", "bench clip", "bench training", "train", "train footage",
    "train silhouettes", "train flying-shapes", "train flying-mnist", "train balls", "evaluate", "evaluate video",
    "evaluate foreground", "evaluate flying-mnist", "evaluate balls", "generate", "generate balls",
    "generate composite", "generate silhouettes",
  ]

  @Test(arguments: commands) func helpFitsAScreenAndShowsAnExample(_ command: String) throws {
    let help = try Workplace().succeed("nem-stream \(command) -h").output
    let lines = help.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    #expect(lines.count <= 40, "\(command): \(lines.count) lines")
    for line in lines { #expect(line.count <= 80, "\(command): \(line)") }
    #expect(help.contains("Example") && help.contains("nem-stream \(command)"), "\(command)")
  }

  /// Every option that a command line may have, also those that the short help leaves out.
  @Test func theManualNamesEveryOption() throws {
    let place = try Workplace()
    let manual = try place.succeed("nem-stream manual").output
    let help = try place.succeed("nem-stream run --help-hidden").output
    let flags = help.matches(of: /--[a-z][a-z-]+/).map { String($0.output) }
    #expect(flags.count > 40)
    for flag in Set(flags).subtracting(["--version"]) {
      #expect(manual.contains(flag.replacing("-", with: "\\-")), "\(flag)")
    }
    for command in ["RUN", "TRAIN FOOTAGE", "EVALUATE VIDEO", "INSPECT", "BENCH"] {
      #expect(manual.contains(".SH NEM\\-STREAM \(command)\n"), "\(command)")
    }
    #expect(manual.contains("Allowed: one or more of ffv1"))
    // Every line that begins with a point is a macro that man knows.
    for line in manual.split(separator: "\n") where line.hasPrefix(".") {
      #expect(
        [".TH", ".SH", ".TP", ".PP", ".nf", ".fi", ".br", ".B", ".I", ".BR"].contains(line.prefix { $0 != " " }),
        "\(line)")
    }
  }

  @Test func typosGetASuggestion() throws {
    let place = try Workplace()
    let typos = [
      ("$SHORT --maks out", "Did you mean '--masks'?"), ("$SHORT --thread 2", "Did you mean '--threads'?"),
      ("$SHORT --dry", "Did you mean '--dry-run'?"), ("train balls --model m --rte 1", "Did you mean '--rate'?"),
      // The parser takes the letters for flags, of which h asks for help.
      ("$SHORT --masks out -threads 2", "Unknown option '-threads'. Did you mean '--threads'?"),
      ("$SHORT --masks out -hide_banner", "Unknown option '-hide_banner'"),
      // What begins with a hyphen is a wrong value where only numbers will do.
      ("$SHORT --masks out --slots -3", "a whole number, 1…256"),
    ]
    for (line, words) in typos {
      let outcome = try place.run("nem-stream \(line)")
      #expect(outcome.status == 64 && outcome.errors.contains(words), "\(line): \(outcome.errors)")
    }
    try place.fail("nem-stream $SHORT --masks out --model defualt", 66, saying: "did you mean 'default'?")
    #expect(try place.succeed("nem-stream run -qh").output.contains("USAGE"))
    try place.fail("nem-stream evalute", 64, saying: "did you mean 'nem-stream evaluate'?")
    try place.fail("nem-stream --masks $SHORT out", 66, saying: "no such file: out")
    try place.fail("NEM_MAKS=out nem-stream $SHORT", 78, saying: "did you mean 'NEM_MASKS'?")
  }

  /// What the shells offer, also without the name of the default command.
  @Test(arguments: [
    ("in", "files inspect"), ("out/", "files"), ("a.mp4 --mask", "words --mask-image --masks"),
    ("a.mp4 --masks ''", "files"), ("run --rtsp-transport u", "words udp"),
    ("--region 0,0,8,8 --reg", "words --region"),
    ("a.mp4 --masks out --masks", "words"), ("--slots ''", "words"), ("--model defau", "files default"),
    ("train shapes --system rnn", "words rnn-em"), ("reproduce ba", "words balls"), ("help trai", "words train"),
    ("-- --masks", "files"),
  ])
  func completionsAreWhatMayBeTyped(_ line: String, _ expected: String) throws {
    let lines = try Workplace().succeed("nem-stream complete -- \(line)").output.split(separator: "\n")
    #expect(lines.map { $0.split(separator: "\t")[0] }.joined(separator: " ") == expected, "\(line)")
  }

  @Test func shellsAskTheProgram() throws {
    let place = try Workplace()
    for shell in ["zsh", "fish"] {
      let script = try place.succeed("nem-stream --generate-completion-script \(shell)").output
      #expect(script.contains("complete --") && script.contains("nem-stream"), "\(shell)")
    }
    let line = "COMP_WORDS=(nem-stream a.mp4 --log-le); COMP_CWORD=2; _nem_stream nem-stream; echo ${COMPREPLY[*]}"
    try place.succeed("nem-stream --generate-completion-script=bash > c; echo '\(line)' >> c")
    #expect(try place.succeed("bash c").output == "--log-level\n")
    #expect(try place.run("nem-stream --generate-completion-script csh").status == 64)
  }

  @Test func inspectDescribesOutputAndModels() throws {
    let place = try Workplace()
    try place.succeed("nem-stream $SHORT --masks out --model none")
    let tracks = try MaskFolder(place, "out").tracks()
    let output = try place.succeed("nem-stream inspect out/ --objects 3").output
    #expect(output.contains("320×180") && output.contains("complete, 90 of 90 frames"))
    #expect(output.contains("objects  \(tracks.count) ended") && output.contains("and \(tracks.count - 3) more"))
    #expect(try place.succeed("nem-stream inspect $MODEL").output.contains("object-centred"))
    try place.succeed("mkdir other; echo '{}' > other/manifest.json; echo x > x.safetensors")
    try place.fail("nem-stream inspect other", 65, saying: "manifest")
    try place.fail("nem-stream inspect x.safetensors", 65, saying: "x.safetensors")
    try place.fail("nem-stream inspect flying-shapse", 66, saying: "did you mean 'flying-shapes'?")
  }

  @Test func benchMeasuresAClip() throws {
    let place = try Workplace()
    let line = try place.succeed("nem-stream bench $SHORT --repeats 1 --model none --json").output
    let report = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    let stages = try #require(report["stages"] as? [String: Double])
    #expect(Set(stages.keys) == ["decode", "background", "segment", "write"])
    #expect(stages.values.allSatisfy { $0 > 0 } && report["frames"] as? Int == 90)
    // A run contains the decoding, and each stage works no longer than the run.
    let run = try #require(report["run"] as? Double)
    #expect(stages.values.allSatisfy { $0 <= run * 1.01 })
    let words = try place.succeed("nem-stream bench $SHORT --repeats 1 --model none").output
    #expect(words.contains("whole run") && words.contains("keeps up with 25 fps"))
    #expect(try place.run("nem-stream bench $SHORT --repeats 0").status == 64)
    try place.fail("nem-stream bench missing.mp4", 66)
  }
}
