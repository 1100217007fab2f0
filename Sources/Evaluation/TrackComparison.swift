/// True and found objects over a sequence: what the tracking scores are computed from. It keeps some numbers per frame
/// and no picture.
///
/// A found object that lies for more than half in what the truth ignores, and that matches no true object, is dropped.
public struct TrackComparison: Sendable {
  /// The IoU from which on a true and a found object may be the same.
  public static let threshold = 0.5

  /// One frame; objects are numbered from 0 in order of first appearance in the sequence.
  struct Frame: Sendable {
    let truth: [Int]
    let result: [Int]
    /// True by found objects.
    let iou: [Double]
  }

  private(set) var frames: [Frame] = []
  /// Frames in which each true object is seen.
  private(set) var truthFrames: [Int] = []
  /// Frames in which each found object is seen.
  private(set) var resultFrames: [Int] = []
  private var truthNumbers: [Int32: Int] = [:]
  private var resultNumbers: [Int32: Int] = [:]

  /// A comparison that has seen no frame.
  public init() {}

  /// Number of true objects.
  public var truthCount: Int { truthFrames.count }
  /// Number of found objects.
  public var resultCount: Int { resultFrames.count }
  /// True objects, counted in each frame.
  var truthTotal: Int { truthFrames.reduce(0, +) }
  /// Found objects, counted in each frame.
  var resultTotal: Int { resultFrames.reduce(0, +) }

  /// Adds the next frame.
  public mutating func add(_ overlap: FrameOverlap) {
    let kept = overlap.result.indices.filter { found in
      let object = overlap.result[found]
      let isMatch = overlap.truth.indices.contains { overlap.iou($0, found) >= TrackComparison.threshold }
      return isMatch || object.ignoredArea <= object.area
    }
    let frame = Frame(
      truth: overlap.truth.map { TrackComparison.number($0.id, &truthNumbers) },
      result: kept.map { TrackComparison.number(overlap.result[$0].id, &resultNumbers) },
      iou: overlap.truth.indices.flatMap { row in kept.map { overlap.iou(row, $0) } })
    TrackComparison.count(frame.truth, &truthFrames)
    TrackComparison.count(frame.result, &resultFrames)
    frames.append(frame)
  }

  /// Frames in which a true and a found object match, true by found objects.
  func matchedFrames() -> [Int] {
    var counts = Array(repeating: 0, count: truthCount * resultCount)
    for frame in frames {
      frame.forEachPair { truth, result, iou in
        if iou >= TrackComparison.threshold { counts[truth * resultCount + result] += 1 }
      }
    }
    return counts
  }

  private static func number(_ id: Int32, _ numbers: inout [Int32: Int]) -> Int {
    let number = numbers[id] ?? numbers.count
    numbers[id] = number
    return number
  }

  private static func count(_ objects: [Int], _ frames: inout [Int]) {
    for object in objects {
      if object == frames.count { frames.append(0) }
      frames[object] += 1
    }
  }
}

extension TrackComparison.Frame {
  func forEachPair(_ body: (_ truth: Int, _ result: Int, _ iou: Double) -> Void) {
    for (row, truth) in self.truth.enumerated() {
      for (column, result) in self.result.enumerated() { body(truth, result, iou[row * self.result.count + column]) }
    }
  }
}
