import Events
import Foundation
import Masks
import Testing

/// Reports, clips and hooks of what appears and ends.
@Suite struct EventCommandTests {
  private func rows(_ place: Workplace, _ name: String) throws -> [[Substring]] {
    let text = try String(contentsOf: place.url(name), encoding: .utf8)
    #expect(text.hasSuffix("\n"))
    return text.split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
  }

  @Test func theReportSaysWhatTheTracksSay() throws {
    let place = try Workplace()
    try place.succeed("nem-stream $SHORT --masks out --report events.csv --model none")
    let tracks = try MaskFolder(place, "out").tracks()
    let rows = try rows(place, "events.csv")
    #expect(rows.count == tracks.count + 1 && tracks.count > 2)
    for (row, track) in zip(rows.dropFirst(), tracks) {
      #expect(row.count == rows[0].count)
      #expect(row[0] == String(track.id) && row[1] == Timecode.text(track.firstPTS))
      #expect(row[4] == String(track.firstFrame) && row.last! == track.ended.rawValue)
      #expect(try #require(track.pathLength) > 0 && Double(try #require(track.maxArea)) >= track.meanArea)
    }
    // The same without masks, as JSON, and from the folder.
    try place.succeed("nem-stream $SHORT --report events.json --model none")
    let json = try Data(contentsOf: place.url("events.json"))
    let objects = try #require(try JSONSerialization.jsonObject(with: json) as? [[String: Any]])
    #expect(objects.map { $0["id"] as? Int } == tracks.map(\.id))
    try place.succeed("nem-stream inspect out --report later.csv && cmp events.csv later.csv")
    try place.fail("nem-stream inspect out --report later.csv", 73, saying: "--overwrite")
    try place.succeed("nem-stream inspect out --report later.csv --overwrite")
  }

  @Test func theFoldersOfALongRunAreOneTable() throws {
    let place = try Workplace()
    try place.succeed("nem-stream $SHORT --masks out --report events.csv --model none --segment 1s")
    let whole = try rows(place, "events.csv")
    for folder in ["out", "out/$(ls out)"] {
      try place.succeed("nem-stream inspect \(folder) --report all.csv --overwrite | tee all")
      let joined = try rows(place, "all.csv")
      #expect(joined.count == whole.count && joined[0] == whole[0])
      // Not by mean areas, whose means are rounded twice, and paths, which each folder smooths on its own.
      func key(_ row: [Substring]) -> [Substring] { Array(row[0..<7]) + [row[8], row[10]] }
      #expect(Set(joined.map(key)) == Set(whole.map(key)))
    }
    let text = try String(contentsOf: place.url("all"), encoding: .utf8)
    #expect(text.contains("folders  4, begun 20") && text.contains("frames   90 written, 0 dropped"))
    #expect(text.contains("objects  \(whole.count - 1) ended"))
    let first = try place.succeed("nem-stream inspect $(ls -d out/*/* | head -1)").output
    #expect(first.contains("go on in the next folder"))
    try place.fail("nem-stream inspect out --sheet sheet.png", 64, saying: "pictures are of one")
  }

  @Test func aKillLeavesAWholeReport() throws {
    let place = try Workplace()
    let line = """
      nem-stream $CLIP --report events.json --masks out --model none -q & p=$!
      until [ -e out/tracks.jsonl ] && [ $(wc -l < out/tracks.jsonl) -ge 5 ]; do sleep 0.02; done
      kill -KILL $p; wait $p
      """
    #expect(try place.run(line).status == 137)
    let json = try Data(contentsOf: place.url("events.json"))
    let objects = try #require(try JSONSerialization.jsonObject(with: json) as? [[String: Any]])
    #expect(objects.count >= 4)
  }

  @Test func reportsThatCannotBeWrittenAreRefusedAtOnce() throws {
    let place = try Workplace()
    try place.succeed("echo mine > mine.csv")
    try place.fail("nem-stream $SHORT --masks out --report mine.csv --model none", 73, saying: "--overwrite")
    try place.fail("nem-stream $SHORT --report report.txt --model none", 64, saying: ".csv or .json")
    try place.fail("nem-stream $SHORT --masks out --report none/r.csv --model none", 73, saying: "none/r.csv")
    try place.fail("nem-stream $SHORT --service --masks out --report r.csv", 64, saying: "service")
    try place.fail("nem-stream $SHORT --service --clips c", 64, saying: "set masks")
    try place.fail("nem-stream $SHORT $CLIP --report r.csv --model none", 64, saying: "{stem}")
    #expect(!FileManager.default.fileExists(atPath: place.url("out").path))
    #expect(try String(contentsOf: place.url("mine.csv"), encoding: .utf8) == "mine\n")
  }

  /// When each frame is shown, and what it shows. There must be sound too.
  private func shown(_ place: Workplace, _ file: String) throws -> [(time: Double, hash: Substring)] {
    let decoded = try place.succeed(
      """
      ffmpeg -nostdin -v error -copyts -i \(file) -map 0:v -map 0:a -c:a copy -enc_time_base 1:90000 \
      -fps_mode passthrough -f framemd5 -
      """)
    #expect(decoded.errors.isEmpty, "\(file): \(decoded.errors)")
    // Stream, two time stamps, duration, size, hash.
    let rows = decoded.output.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { $0.split(separator: ",") }
    #expect(rows.contains { $0[0] == "1" }, "\(file) is silent")
    return try rows.filter { $0[0] == "0" }.map { row in
      (try #require(Double(row[2].trimmingCharacters(in: .whitespaces))) / 90_000, row[5])
    }
  }

  /// Clips hold the source's own frames, from a key frame at or before the object's time to after it.
  @Test(arguments: [("mp4", false), ("mkv", false), ("ts", false), ("avi", false), ("ts", true), ("mkv", true)])
  func clipsAreCopiesOfTheSource(_ container: String, _ isPiped: Bool) throws {
    let place = try Workplace()
    // AVI tells the order in which frames are decoded, and not when they are shown.
    let reordered = container == "avi" ? 0 : 2
    try place.succeed(
      """
      ffmpeg -nostdin -v error -i $SHORT -f lavfi -i sine -c:v libx264 -g 8 -bf \(reordered) -c:a aac -shortest \
      in.\(container)
      """)
    let input = isPiped ? "cat in.\(container) | nem-stream -" : "nem-stream in.\(container)"
    try place.succeed("\(input) --clips clips --report r.csv --model none -tb 0.4s --clip-after 5")
    let source = try shown(place, "in.\(container)")
    let end = try #require(source.last).time
    let rows = try rows(place, "r.csv").dropFirst()
    #expect(rows.count > 2)
    for row in rows {
      let time = row[1].replacing(":", with: "-")
      let name = "clips/" + String(repeating: "0", count: 4 - row[0].count) + "\(row[0])_\(time)"
      let file = name + "." + (container == "ts" ? "mkv" : container)
      let clip = try shown(place, file)
      let first = try #require(source.firstIndex { $0.hash == clip[0].hash }, "\(file)")
      // At the end of what is copied while it is read, frames that others are shown before may be missing.
      let whole = clip.dropLast(isPiped ? 3 : 0).map(\.hash)
      #expect(whole == source[first...].prefix(whole.count).map(\.hash), "\(file)")
      // The last key frame before that is no farther away than key frames are from each other.
      let start = max(try seconds(row[1]) - 0.4, source[0].time)
      let begin = source[first].time
      #expect(begin <= start + 0.001 && begin >= start - 8.0 / 25 - 0.001, "\(file)")
      let last = begin + clip.last!.time - clip[0].time
      let after = try seconds(row[2]) + 0.2
      // Of what can be read only once, a clip goes on until it is known that its object is gone.
      let late = isPiped ? 1.2 : 0
      #expect(last >= min(after, end) - 0.001 && last <= after + 4.0 / 25 + late + 0.001, "\(file)")
    }
  }

  /// Stamps that no container takes cost the clip, and neither masks nor rows.
  @Test func aClipThatCannotBeStoredIsGivenUp() throws {
    let place = try Workplace()
    try place.succeed(
      """
      ffmpeg -nostdin -v error -i $SHORT -c copy -output_ts_offset -100 -avoid_negative_ts disabled early.mkv
      """)
    let outcome = try place.succeed("nem-stream early.mkv --masks out --clips c --report r.csv --model none")
    #expect(outcome.errors.contains("no clip of object"), "\(outcome.errors)")
    let count = try MaskFolder(place, "out").tracks().count
    #expect(try count > 0 && rows(place, "r.csv").count == count + 1)
  }

  private func seconds(_ text: Substring) throws -> Double {
    try text.split(separator: ":").reduce(0) { $0 * 60 + (try #require(Double($1))) }
  }

  @Test func clipsAreNeverLostOrShownWhereTheyMustNot() throws {
    let place = try Workplace()
    try place.succeed("nem-stream $SHORT --clips clips --model none; echo mine > clips/notes.txt")
    let before = try place.succeed("ls clips").output
    try place.fail("nem-stream $SHORT --clips clips --model none", 73, saying: "already holds")
    try place.succeed("touch clips/9999_00-00-01.000.mp4.part")
    try place.succeed("nem-stream $SHORT --clips clips --model none --overwrite")
    #expect(try place.succeed("ls clips").output == before)
    try place.succeed("cp $SHORT clips/0001_00-00-00.000.mp4")
    let kept = try place.succeed("ls clips").output
    try place.fail(
      "nem-stream clips/0001_00-00-00.000.mp4 --clips clips --model none --overwrite", 73, saying: "the input")
    #expect(try place.succeed("ls clips").output == kept)
    try place.fail("nem-stream $SHORT --clips c --mask-image m.png --model none", 64, saying: "mask_image")
    try place.succeed("ffmpeg -nostdin -v error -i $SHORT raw.y4m")
    try place.fail("nem-stream raw.y4m --clips c --masks out --model none", 64, saying: "rawvideo")
    try place.fail("cat raw.y4m | nem-stream - --clips c --masks out --model none", 64, saying: "rawvideo")
    try place.succeed("ffmpeg -nostdin -v error -i $SHORT -c copy -bsf:v h264_mp4toannexb in.h264")
    try place.fail("nem-stream in.h264 --clips c --masks out --model none", 64, saying: "time stamps")
    try place.fail("cat in.h264 | nem-stream - --clips c --masks out --model none", 64, saying: "time stamps")
    for name in ["c", "out"] { #expect(!FileManager.default.fileExists(atPath: place.url(name).path)) }
  }

  @Test func aProgramIsStartedForEachEvent() throws {
    let place = try Workplace()
    let hook =
      #"echo "$NEM_STREAM_EVENT $NEM_STREAM_OBJECT $1"; [ -z "$NEM_STREAM_CLIP" ] || [ -s "$NEM_STREAM_CLIP" ] || exit 1; ! ls -l /proc/self/fd | tail -n +5 | grep "$PWD""#
    try place.write(Data("#!/bin/sh\n\(hook)\n".utf8), as: "hook.sh")
    try place.write(Data("exec: [./hook.sh, a b]\nclips: clips\nmodel: none\n".utf8), as: "run.yaml")
    let told = try place.succeed(
      "chmod +x hook.sh; nem-stream $SHORT --config run.yaml --masks - --report r.csv > lines")
    let lines = told.errorLines.filter { $0.hasSuffix(" a b") }
    let ids = try rows(place, "r.csv").dropFirst().map { $0[0] }
    #expect(Set(lines) == Set(ids.flatMap { ["start \($0) a b", "end \($0) a b"] }) && lines.count == 2 * ids.count)
    // Behind a head and the three standard streams.
    #expect(!told.errors.contains("ended with"), "clips are there, and no files of ours: \(told.errors)")
    #expect(try place.succeed("grep -vc '^{' lines || true").output == "0\n", "standard output is the masks'")
  }

  @Test func aProgramThatHangsDoesNotHoldUpTheRun() throws {
    let place = try Workplace()
    let outcome = try place.succeed(
      #"nem-stream $SHORT --masks out --model none -t 40 --exec '["sleep", "61"]' --exec-timeout 1s"#)
    #expect(outcome.errors.contains("sleep took too long"))
    #expect(try place.run("pgrep -f 'sleep 6[1]'").status == 1)
    try place.fail("nem-stream $SHORT --exec 'echo hi' --model none", 64, saying: "no program echo hi")
    try place.write(Data("#!/bin/sh\n".utf8), as: "plain.sh")
    try place.fail("nem-stream $SHORT --exec ./plain.sh --model none", 64, saying: "plain.sh is not executable")
    #expect(try place.run("nem-stream $SHORT --exec '[]'").status == 64)
  }
}
