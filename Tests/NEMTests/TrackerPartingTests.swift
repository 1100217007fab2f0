import NEM
import Testing

/// Objects that were one to the tracker, or mixed up by it, until ground shows between them.
@Suite struct TrackerPartingTests {
  /// The ids shown in a box of an answer, with the cells of each.
  private func ids(_ answer: GridSegmentation, columns: ClosedRange<Int>, rows: ClosedRange<Int>) -> [Int32: Int] {
    var counts: [Int32: Int] = [:]
    for y in rows {
      for x in columns {
        let label = answer.labels.pixels[y * answer.labels.width + x]
        if label > 0 { counts[label, default: 0] += 1 }
      }
    }
    return counts
  }

  /// Two go away side by side. That they look smaller must not pass for scenery in the gap that opens between them.
  @Test func twoThatGoAwayTogetherPart() {
    let scenes = (0..<60).map { t in
      var scene = TrackerScene(width: 160, height: 54)
      let size = t < 10 ? 1 : max(1 - 0.02 * Float(t - 10), 0.75)
      let (x, apart) = (20 + 2 * Float(t), t < 25 ? 4 : 6.5 as Float)
      for (id, side) in [(1, -1), (2, 1)] as [(Int32, Float)] {
        scene.ellipse(
          id: id, x: x + side * apart, y: 27, radiusX: 5.5 * size, radiusY: 12 * size, luma: id == 1 ? 0.8 : 0.7)
      }
      return scene
    }
    let answers = ObjectTracker(width: 160, height: 54).follow(scenes)
    let truth = scenes[20].truth
    #expect(answers[20].id(over: 1, in: truth) == answers[20].id(over: 2, in: truth), "one blob is one object")
    let last = (1...2).map { answers[59].id(over: $0, in: scenes[59].truth) }
    #expect(last[0] != last[1] && last.min()! > 0)
  }

  /// A bright bar comes down and a dark one up, and what they become together parts in two that are bright above and dark
  /// below.
  @Test func twoThatShareTwoPartsGetOneEach() {
    let scenes = (0..<70).map { t in
      var scene = TrackerScene(width: 96, height: 96)
      let (near, apart) = (max(30 - t, 0), max(t - 40, 0) / 2)
      for (top, luma) in [(38 - near, 0.9), (48 + near, 0.1)] as [(Int, Float)] {
        for half in [-1, 1] {
          let left = half < 0 ? 34 - apart : 48 + apart
          scene.box(columns: left..<left + 14, rows: top..<top + 10, luma: luma)
        }
      }
      return scene
    }
    let answers = ObjectTracker(width: 96, height: 96).follow(scenes)
    #expect(ids(answers[25], columns: 34...61, rows: 0...47).count == 1)
    #expect(Set(answers[25].objects.map(\.id)) == [1, 2])
    let left = ids(answers[69], columns: 0...47, rows: 0...95)
    let right = ids(answers[69], columns: 48...95, rows: 0...95)
    #expect(left.count == 1 && right.count == 1 && left.keys != right.keys, "\(left) \(right)")
    #expect(Set(left.keys).union(right.keys) == [1, 2])
  }
}

extension TrackerScene {
  fileprivate mutating func box(columns: Range<Int>, rows: Range<Int>, luma: Float) {
    for y in rows {
      for x in columns {
        frame.foreground[y * frame.width + x] = 1
        frame.luma[y * frame.width + x] = luma
      }
    }
  }
}
