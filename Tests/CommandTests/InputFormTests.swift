import Foundation
import Testing

/// The same frames by every way into the program give the same masks.
@Suite struct InputFormTests {
  private static let raw = "--raw-video 320x180:yuv420p@25"

  @Test func theSameFramesGiveTheSameMasks() throws {
    let place = try Workplace()
    try place.succeed("nem-stream $SHORT --masks file --model none")
    let file = MaskFolder(place, "file")
    #expect(try file.tracks().count >= 5)
    try file.expectConsistent()

    let spooled = try place.succeed("cat $SHORT | nem-stream - --masks pipe --model none")
    #expect(spooled.errors.contains("temporary file"))
    try MaskFolder(place, "pipe").expectSame(as: file)

    let sought = try place.succeed("nem-stream - --masks sought --model none < $SHORT")
    #expect(!sought.errors.contains("temporary file"))
    try place.succeed("diff -r -x manifest.json file sought")

    try place.succeed("ffmpeg -v error -i $SHORT -f yuv4mpegpipe - | nem-stream - --masks y4m --model none")
    try MaskFolder(place, "y4m").expectSame(as: file)

    let raw = try place.succeed(
      "ffmpeg -v error -i $SHORT -f rawvideo - | nem-stream - \(Self.raw) --masks raw --model none -v")
    #expect(raw.errors.contains("25 fps"))
    try MaskFolder(place, "raw").expectSame(as: file)
  }

  @Test(arguments: [
    (filter: "scale=641:359", frames: 25), (filter: "scale=16:12", frames: 25), (filter: "transpose", frames: 25),
    (filter: "scale=2:2", frames: 8), (filter: "scale=1:1", frames: 8), (filter: "scale=700:4", frames: 8),
    (filter: "format=gray", frames: 25), (filter: "format=yuv444p10le", frames: 25), (filter: "null", frames: 1),
  ])
  func sizesAndFormats(_ clip: (filter: String, frames: Int)) throws {
    let place = try Workplace()
    try place.succeed("ffmpeg -v error -i $SHORT -vf \(clip.filter) -frames:v \(clip.frames) -c:v ffv1 in.mkv")
    try place.succeed("nem-stream in.mkv --masks out --model none")
    let folder = MaskFolder(place, "out")
    #expect(try folder.frames().count == clip.frames)
    #expect(try folder.manifest().status == .complete)
    try folder.expectConsistent()
  }
}
