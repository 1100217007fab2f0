import Kernels
import Masks
import Testing

@Suite struct TrackBookTests {
  private func frame(_ index: Int, _ objects: [(id: Int, x: Double, area: Int)], ended: [Int] = []) -> SegmentedFrame {
    SegmentedFrame(
      index: index, timestamp: Int64(index), pts: Double(index), labels: Image(width: 1, height: 1, fill: 0),
      foreground: Image(width: 1, height: 1, fill: 0),
      objects: objects.map {
        ObjectRecord(
          id: $0.id, bounds: PixelRect(x: Int($0.x), y: 0, width: 1, height: 1), area: $0.area, centroidX: $0.x,
          centroidY: 0, confidence: 1)
      }, ended: ended.map { EndedObject(id: $0, reason: .left) })
  }

  @Test func followsAnObjectThatHidesForAWhile() throws {
    var book = TrackBook()
    #expect(book.note(frame(4, [(7, 10, 2)])).begun.map(\.track.id) == [7])
    #expect(book.note(frame(5, [(7, 0, 0)])).begun.isEmpty)
    #expect(book.note(frame(6, [(7, 13, 6), (8, 0, 1)])).begun.map(\.track.id) == [8])
    let ended = book.note(frame(7, [(8, 4, 1)], ended: [7])).ended
    let track = try #require(ended.first?.track)
    #expect(ended.count == 1 && track.firstFrame == 4 && track.lastFrame == 6 && track.framesSeen == 2)
    #expect(track.meanArea == 4 && track.maxArea == 6 && track.ended == .left)
    #expect(ended[0].bounds.x == 13)
    #expect(abs(try #require(track.pathLength) - 3) < 1e-9)
    let rest = book.endAll(.endOfStream)
    #expect(rest.map(\.track.id) == [8] && rest[0].track.ended == .endOfStream)
    #expect(abs(try #require(rest[0].track.pathLength) - 4) < 1e-9)
    #expect(book.endAll(.lost).isEmpty)
  }

  /// A run that goes on after a restart may begin with objects that are hidden.
  @Test func anObjectBeginsWhenItIsSeen() {
    var book = TrackBook()
    #expect(book.note(frame(0, [(3, 0, 0), (4, 0, 0)])).begun.isEmpty)
    #expect(book.note(frame(1, [(3, 5, 8), (4, 0, 0)])).begun.map(\.track.id) == [3])
    #expect(book.note(frame(2, [(3, 6, 8)], ended: [4])).ended.map(\.track.framesSeen) == [0])
  }

  /// The centre of a mask jumps with its outline; that is no way it has gone.
  @Test func pathsAreThoseOfObjectsAndNotOfTheirOutlines() throws {
    var (straight, still) = (TrackBook(), TrackBook())
    for index in 0...200 {
      let jump = Double(index * 7 % 5 - 2)
      _ = straight.note(frame(index, [(1, Double(index) + (index == 0 || index == 200 ? 0 : jump), 400)]))
      _ = still.note(frame(index, [(1, 50 + jump, 400)]))
    }
    let (way, rest) = (straight.endAll(.left)[0].track.pathLength, still.endAll(.left)[0].track.pathLength)
    #expect(190...210 ~= way ?? 0 && rest ?? 99 < 10, "\(way ?? 0) \(rest ?? 0)")
  }
}
