import Foundation
import Kernels
import Masks
import Testing

@Suite struct RecordsTests {
  @Test func recordsSurviveEncoding() throws {
    let object = ObjectRecord(
      id: 12, bounds: PixelRect(x: 1, y: 2, width: 3, height: 4), area: 11, centroidX: 1.5, centroidY: 3.25,
      confidence: 0.5)
    let frame = FrameRecord(frame: 3, pts: 0.12, objects: [object])
    let data = try JSONEncoder().encode(frame)
    #expect(try JSONDecoder().decode(FrameRecord.self, from: data) == frame)
    let text = #"{"frame":3,"pts":0.12,"objects":[{"id":12,"bbox":[1,2,3],"area":1,"centroid":[1,2],"confidence":1}]}"#
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(FrameRecord.self, from: Data(text.utf8)) }
  }

  /// Older versions did not tell the greatest area and the way.
  @Test func tracksOfOlderVersionsAreRead() throws {
    let text = """
      {"id":3,"first_frame":1,"last_frame":9,"first_pts":0.04,"last_pts":0.36,"frames_seen":9,"mean_area":12.5,"ended":"left"}
      """
    let track = try JSONDecoder().decode(TrackRecord.self, from: Data(text.utf8))
    #expect(track.maxArea == nil && track.pathLength == nil && track.meanArea == 12.5 && track.ended == .left)
  }

  @Test func settingsAreReadAsTheyWereWritten() throws {
    let settings: [Manifest.Setting] = [.text("10"), .whole(10), .number(10), .number(12.5), .flag(true), .number(1)]
    let read = try JSONDecoder().decode([Manifest.Setting].self, from: JSONEncoder().encode(settings))
    #expect(read == settings)
    #expect(Manifest.Setting.number(10) != Manifest.Setting.whole(11))
    #expect(Manifest.Setting.whole(10) != Manifest.Setting.text("10"))
  }

  @Test func statusWordsAreTheContracts() {
    let words = [Manifest.Status.running, .complete, .truncated, .interrupted, .failed].map(\.rawValue)
    #expect(words == ["running", "complete", "truncated", "interrupted", "failed"])
    #expect(EndReason.endOfStream.rawValue == "end-of-stream")
  }
}
