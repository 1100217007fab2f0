import Foundation
import Kernels
import Masks
import Testing
import VideoIO

/// The whole bundled clip, at its own size.
@Suite struct TrafficCameraTests {
  @Test func segmentsTheBundledClip() throws {
    let place = try Workplace()
    // VmHWM is the peak so far, so the last sample is the peak up to a moment before the end.
    let line = """
      nem-stream $CLIP --masks one --model none --threads 1 -q & p=$!
      while grep VmHWM /proc/$p/status >sample 2>/dev/null && [ -s sample ]; do cp sample peak; sleep 0.05; done
      wait $p
      """
    #expect(try place.run(line).status == 0)
    let folder = MaskFolder(place, "one")
    let (frames, tracks, manifest) = (try folder.frames(), try folder.tracks(), try folder.manifest())
    #expect(frames.count == 576)
    #expect(manifest.status == .complete)
    #expect(manifest.frames == .init(expected: 576, decoded: 576))
    #expect((manifest.width, manifest.height) == (1280, 720))
    #expect(tracks.filter { $0.meanArea > 500 }.count >= 5)
    #expect(tracks.allSatisfy { $0.id >= 1 } && Set(tracks.map(\.id)).count == tracks.count)
    let peak = try String(contentsOf: place.url("peak"), encoding: .utf8).filter(\.isNumber)
    #expect(Int(peak)! < 200_000, "kilobytes at the peak")

    try expectCounts(folder, tracks, frames, place)
    try place.succeed("nem-stream $CLIP --masks two --model none --threads 2 -q")
    try place.succeed("diff -r one two")
  }

  /// ffprobe counts the masks, and some of them are counted pixel by pixel.
  private func expectCounts(
    _ folder: MaskFolder, _ tracks: [TrackRecord], _ frames: [FrameRecord], _ place: Workplace
  ) throws {
    let largest = tracks.sorted { $0.meanArea > $1.meanArea }.prefix(3)
    for track in largest {
      let alive = frames.filter { $0.objects.contains { $0.id == track.id } }
      let count = try place.succeed(
        "ffprobe -v error -count_frames -show_entries stream=nb_read_frames -of csv=p=0 \(folder.objectPath(track.id))")
      #expect(Int(count.output.filter(\.isNumber)) == alive.count)
      for (frame, mask) in zip(alive, try MaskFolder.masks(folder.objectPath(track.id))) where frame.frame % 10 == 0 {
        let area = mask.mask.pixels.reduce(0) { $0 + ($1 == 255 ? 1 : 0) }
        #expect(area == frame.objects.first { $0.id == track.id }!.area)
      }
    }
    let baseline = try VideoReader(folder.baselinePath)
    var masks = 0
    while try baseline.next() != nil { masks += 1 }
    #expect(masks == 576)
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: Package.defaultModel.path), "no default model is here yet"))
  func usesTheDefaultModel() throws {
    let place = try Workplace()
    try place.succeed("nem-stream $SHORT --masks out -q")
    #expect(try MaskFolder(place, "out").manifest().model?.sha256 == FileDigest.sha256(Package.defaultModel.path))
  }
}
