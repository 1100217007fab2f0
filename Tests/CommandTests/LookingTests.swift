import Foundation
import Kernels
import Testing
import VideoIO

/// Pictures of output, previews in terminals, and curves of training.
@Suite struct LookingTests {
  private func picture(_ place: Workplace, _ name: String) throws -> Image<RGB> {
    let frame = try ImageFile.readFrame(place.url(name).path)
    return frame.colours(in: PixelRect(x: 0, y: 0, width: frame.width, height: frame.height))
  }

  /// The pixels of a sheet in which an object is painted are those of its mask.
  @Test func theSheetShowsTheMasks() throws {
    let place = try Workplace()
    try place.succeed("nem-stream $SHORT --masks out --model none -ss 0.4s")
    try place.succeed("mv out plain; sed -i 's,^  \"input\" : .*,  \"input\" : \"gone.mp4\"\\,,' plain/manifest.json")
    try place.succeed("nem-stream inspect plain --sheet sheet.png --timeline time.png")
    let (sheet, frames) = (try picture(place, "sheet.png"), try MaskFolder(place, "plain").frames())
    #expect(sheet.width == 6 + 4 * 326 && sheet.height == 6 + 3 * (180 + 22))
    for cell in 0..<12 {
      let frame = frames[cell * (frames.count - 1) / 11]
      let (left, top) = (6 + cell % 4 * 326, 6 + cell / 4 * 202)
      var found = 0
      for y in 0..<180 {
        for x in 0..<320 where max(sheet[left + x, top + y].red, sheet[left + x, top + y].green) > 60 { found += 1 }
      }
      let area = frame.objects.map(\.area).reduce(0, +)
      // Blue alone does not count, and colours come back rounded.
      #expect(found <= area && found * 2 >= area, "cell \(cell): \(found) of \(area)")
    }
    #expect(try picture(place, "time.png").width == 960)
    // With the source there, the road is seen between the objects.
    try place.succeed("cp -r plain out; sed -i \"s,gone.mp4,$SHORT,\" out/manifest.json")
    try place.succeed("nem-stream inspect out --sheet sheet.png --overwrite")
    let seen = try picture(place, "sheet.png")
    let dark = seen.pixels.filter { $0.red < 60 && $0.green < 60 && $0.blue < 60 }.count
    #expect(dark < seen.pixels.count / 2 && dark * 2 < sheet.pixels.count)
  }

  /// Black is 0 in pictures and 16 in most videos; the overlay is as bright as either, and as wide.
  @Test func overlaysLookLikeTheirSource() throws {
    let place = try Workplace()
    try place.succeed(
      """
      mkdir pictures; ffmpeg -nostdin -v error -f lavfi -i color=0x202020:s=64x48 -frames:v 5 pictures/%d.png
      ffmpeg -nostdin -v error -f lavfi -i color=0x202020:s=64x48,setsar=64/45 -frames:v 5 -color_primaries bt709 \
        -color_trc bt709 -colorspace bt709 -c:v ffv1 wide.mkv
      """)
    for (name, range, aspect) in [("pictures", "pc", "N/A"), ("wide.mkv", "tv", "64:45")] {
      for overlay in ["o.mp4", "o.mkv"] {
        try place.succeed("nem-stream \(name) --overlay \(overlay) --overwrite --model none -q")
        let gray = try place.succeed(
          "ffmpeg -v error -i \(overlay) -frames:v 1 -vf scale=1:1,format=rgb24 -f rawvideo - | od -An -tu1")
        let values = gray.output.split(separator: " ").compactMap { Int($0.trimmingCharacters(in: .newlines)) }
        #expect(values.count == 3 && values.allSatisfy { 28...36 ~= $0 }, "\(name) \(overlay): \(values)")
        let tags = try place.succeed("ffprobe -v error -show_entries stream=color_range,sample_aspect_ratio \(overlay)")
        #expect(tags.output.contains("color_range=\(range)"), "\(name) \(overlay): \(tags.output)")
        let shown = tags.output.contains("sample_aspect_ratio=\(aspect)")
        #expect(shown || (aspect == "N/A" && tags.output.contains("=1:1")), "\(name) \(overlay): \(tags.output)")
      }
    }
    let tags = try place.succeed("ffprobe -v error -show_entries stream=color_space,color_primaries o.mkv").output
    #expect(tags.contains("color_space=bt709") && tags.contains("color_primaries=bt709"))
  }

  @Test func outputOfOlderVersionsIsRead() throws {
    let place = try Workplace()
    try place.succeed("nem-stream $SHORT --masks out --model none -q; nem-stream inspect out > new")
    try place.succeed(#"sed -i 's/,"max_area.*,"ended/,"ended/' out/tracks.jsonl; ! grep -q max_area out/tracks.jsonl"#)
    try place.succeed("nem-stream inspect out --report old.csv --timeline t.png > old && cmp old new")
    try place.succeed("tail -n +2 old.csv | grep -vE '^[0-9]+,.*,,,[a-z-]+$' && exit 1; [ $(wc -l < old.csv) -gt 2 ]")
    try place.succeed("nem-stream inspect out --report old.json > old && grep -q '\"path_length\":null' old.json")
  }

  @Test func recordsThatWereCutAreNoticed() throws {
    let place = try Workplace()
    try place.succeed(
      """
      nem-stream $SHORT --masks out --model none -q && ! nem-stream inspect out | grep 'was cut'
      sed -i 16,\\$d out/frames.jsonl && nem-stream inspect out | grep 'frames.jsonl was cut: the run wrote 90 lines'
      """)
  }

  @Test(arguments: ["1s/^[0-9]*/-9223372036854775808/", "1s/ 2 180/ 9223372036854775807 180/", "1s/ [0-9]*/ x/"])
  func damagedRunLengthsAreNamed(_ damage: String) throws {
    let place = try Workplace()
    try place.succeed(
      "nem-stream $SHORT --masks out --model none -q --format mots-txt && sed -i '\(damage)' out/mots.txt")
    try place.fail("nem-stream inspect out --sheet sheet.png", 65, saying: "line 1")
  }

  @Test func picturesAreNeverReplacedUnasked() throws {
    let place = try Workplace()
    try place.succeed("nem-stream $SHORT --masks out --format yolo-seg --model none; echo mine > mine.png")
    for option in ["--sheet", "--timeline"] {
      try place.fail("nem-stream inspect out \(option) mine.png", 73, saying: "--overwrite")
      #expect(try place.run("nem-stream inspect out \(option) x.jpg").status == 64)
      try place.fail("nem-stream inspect default \(option) x.png", 64, saying: "no output of a run")
    }
    try place.fail("nem-stream inspect out --sheet x.png", 64, saying: "ffv1, png")
    #expect(try place.succeed("cat mine.png").output == "mine\n")
  }

  @Test func theSheetOfARunThatWasKilledShowsWhatIsThere() throws {
    let place = try Workplace()
    let line = """
      nem-stream $CLIP --masks out --model none -q & p=$!
      until [ -e out/frames.jsonl ] && [ $(wc -l < out/frames.jsonl) -ge 90 ]; do sleep 0.02; done
      kill -KILL $p; wait $p
      """
    #expect(try place.run(line).status == 137)
    try place.succeed("nem-stream inspect out --sheet sheet.png --timeline time.png")
    #expect(try picture(place, "sheet.png").width == 6 + 4 * 326)
  }

  /// What a terminal of 80×24 gets.
  private func terminal(_ place: Workplace, _ line: String, colours: String) throws -> String {
    let command = "stty cols 80 rows 24; TERM=xterm COLORTERM=\(colours) \(line)"
    return try place.succeed("SHELL=/bin/sh script -qec '\(command)' /dev/null").output
  }

  @Test func thePreviewFitsTheTerminal() throws {
    let place = try Workplace()
    let output = try terminal(place, "nem-stream $CLIP --model none --preview -t 150", colours: "truecolor")
    let rows = output.split(whereSeparator: \.isNewline).filter { $0.contains("▀") }
    #expect(rows.count > 40 && rows.count % 22 == 0, "\(rows.count) rows")
    for row in rows { #expect(row.count { $0 == "▀" } == 78 && row.contains("\u{1B}[0m")) }
    #expect(output.contains("\u{1B}[22A") && output.contains("38;2;") && !output.contains("38;5;"))
    // No mode is changed that somebody would have to put back.
    #expect(!output.contains("\u{1B}[?"))
    let few = try terminal(place, "nem-stream $CLIP --model none --preview -t 50", colours: "")
    #expect(few.contains("38;5;") && !few.contains("38;2;"))
  }

  @Test func withoutATerminalThereIsNoPreview() throws {
    let place = try Workplace()
    let outcome = try place.succeed("nem-stream $SHORT --model none --preview --masks out")
    #expect(outcome.errors.contains("there is no preview") && !outcome.errors.contains("▀"))
    try place.succeed("nem-stream $SHORT --model none --masks plain; diff -r out plain")
    try place.fail("nem-stream $SHORT --preview --service --masks x", 64, saying: "preview")
  }

  @Test func trainingWritesItsCurves() throws {
    let place = try Workplace()
    let line = "nem-stream train shapes --model m.safetensors --batch 2 --steps 2 --updates 6 --threads 1"
    try place.succeed(line)
    let text = try String(contentsOf: place.url("m.loss.csv"), encoding: .utf8)
    let rows = text.split(separator: "\n")
    #expect(rows[0] == "update,loss,held_out" && rows.count == 7)
    for (index, row) in rows.dropFirst().enumerated() {
      let fields = row.split(separator: ",", omittingEmptySubsequences: false)
      #expect(fields.count == 3 && Int(fields[0]) == index + 1 && Double(fields[1])! > 0 && fields[2].isEmpty)
    }
    #expect(try picture(place, "m.loss.png").width == 720)
  }
}
