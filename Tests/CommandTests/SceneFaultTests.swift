import Masks
import Testing

/// What happens to fixed cameras at once, on the bundled clip from frame 200 on: objects and masks must be as usual again
/// within two seconds.
@Suite struct SceneFaultTests {
  private static let rate = 25, fault = 200

  @Test(arguments: [
    "eq=brightness=0.25:enable='gte(t,8)'",
    "eq=brightness=-0.3:enable='gte(t,8)'",
    "hue=s=0:enable='gte(t,8)',negate=enable='gte(t,8)'",
    "split[a][b];[b]hflip,vflip[c];[a][c]overlay=enable='gte(t,8)'",
    "drawbox=color=black:t=fill:enable='between(t,8,9)'",
    "split[a][b];[b]trim=8:8.04,setpts=PTS-STARTPTS,tpad=stop_mode=clone:stop=-1[c];"
      + "[a][c]overlay=shortest=1:enable='between(t,8,11)'",
  ]) func isOverSoon(_ filter: String) throws {
    let place = try Workplace()
    try place.succeed(
      """
      ffmpeg -nostdin -v error -i $SMALL -filter_complex "\(filter)" -t 14 -preset ultrafast -qp 12 -pix_fmt yuv420p scene.mp4
      nem-stream scene.mp4 --masks out --format none --model none -q
      """)
    let frames = try MaskFolder(place, "out").frames()
    #expect(frames.count >= Self.fault + 4 * Self.rate)
    let known = Set(frames[..<Self.fault].flatMap { $0.objects.map(\.id) })
    let second = frames[Self.fault..<Self.fault + Self.rate]
    #expect(Set(second.flatMap { $0.objects.map(\.id) }).subtracting(known).count <= 32)
    // A black picture lasts a second by itself.
    let after = frames[(Self.fault + 3 * Self.rate)...]
    for frame in after {
      let share = Double(frame.objects.reduce(0) { $0 + $1.area }) / (320 * 180)
      #expect(share < 0.15, "frame \(frame.frame): \(share) of the picture")
    }
    #expect(after.contains { !$0.objects.isEmpty })
  }
}
