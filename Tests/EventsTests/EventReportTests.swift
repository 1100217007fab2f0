import Events
import Foundation
import Kernels
import Masks
import Testing
import VideoIO

/// A folder for one test, removed when the test ends.
final class EventFolder {
  let path = FileManager.default.temporaryDirectory.appendingPathComponent("nem-events-\(UUID().uuidString)").path

  init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func text(_ name: String) throws -> String { try String(contentsOfFile: path + "/" + name, encoding: .utf8) }
}

/// Events of object `id`, seen from frame `first` to `last` of 25 per second.
func event(_ kind: Event.Kind, id: Int, first: Int, last: Int) -> Event {
  Event(
    kind,
    TrackRecord(
      id: id, firstFrame: first, lastFrame: last, firstPTS: Double(first) / 25, lastPTS: Double(last) / 25,
      framesSeen: last - first + 1, meanArea: 12.5, maxArea: 20, pathLength: 7.25, ended: .left),
    bounds: PixelRect(x: 1, y: 2, width: 3, height: 4))
}

@Suite struct EventReportTests {
  /// The rows of a JSON report, which must be whole.
  private func rows(_ folder: EventFolder) throws -> [[String: Any]] {
    let data = Data(try folder.text("r.json").utf8)
    return try #require(try JSONSerialization.jsonObject(with: data) as? [[String: Any]])
  }

  @Test func aTableOfValuesWithAHead() throws {
    let folder = try EventFolder()
    let report = try EventReport(path: folder.path + "/r.csv", form: .csv)
    try report.note(event(.start, id: 3, first: 10, last: 10))
    try report.note(event(.end, id: 3, first: 10, last: 91_000))
    let expected = """
      id,start,end,duration,first_frame,last_frame,frames_seen,mean_area,max_area,path_length,ended
      3,00:00:00.400,01:00:40.000,3639.6,10,91000,90991,12.5,20,7.25,left

      """
    #expect(try folder.text("r.csv") == expected)
  }

  @Test func theArrayIsWholeAfterEachRow() throws {
    let folder = try EventFolder()
    let report = try EventReport(path: folder.path + "/r.json", form: .json)
    #expect(try rows(folder).isEmpty)
    for id in 1...3 {
      try report.note(event(.end, id: id, first: 5, last: 30))
      #expect(try rows(folder).map { $0["id"] as? Int } == Array(1...id))
    }
    let last = try #require(try rows(folder).last)
    #expect(last["start"] as? String == "00:00:00.200" && last["duration"] as? Double == 1)
    #expect(last["ended"] as? String == "left" && last.count == 11)
  }

  @Test func namesChooseTheForm() {
    #expect(EventReport.Form(path: "a/b.c.CSV") == .csv && EventReport.Form(path: "x.json") == .json)
    #expect(EventReport.Form(path: "csv") == nil && EventReport.Form(path: "a.txt") == nil)
  }

  @Test func devicesAndMissingFoldersAreRefused() throws {
    let folder = try EventFolder()
    for path in ["/dev/null", folder.path + "/none/r.csv"] {
      #expect { try EventReport(path: path, form: .csv) } throws: {
        guard case .cannotCreate = $0 as? VideoError else { return false }
        return true
      }
    }
  }

  @Test func timesAreWrittenAsPlayersDo() {
    #expect(Timecode.text(0) == "00:00:00.000" && Timecode.text(3661.2345) == "01:01:01.235")
    #expect(Timecode.text(59.9996) == "00:01:00.000" && Timecode.text(-1.5) == "-00:00:01.500")
    #expect(Timecode.text(360_000) == "100:00:00.000" && Timecode.text(.nan) == "00:00:00.000")
  }
}
