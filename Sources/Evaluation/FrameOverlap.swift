import Kernels

/// How the true and the found objects of one frame cover each other.
///
/// Labels are ids: 0 is background. Negative labels of the truth are ignored: found pixels there count nowhere.
public struct FrameOverlap: Sendable {
  /// One object of the frame.
  public struct Object: Sendable, Equatable {
    /// Its id.
    public let id: Int32
    /// Its pixels outside of what is ignored; never 0.
    public let area: Int
    /// Its pixels inside of what is ignored.
    public let ignoredArea: Int
  }

  /// The true objects, ids ascending.
  public let truth: [Object]
  /// The found objects, ids ascending.
  public let result: [Object]
  private let shared: [Int]

  /// Counts the pixels of two pictures of the same size.
  public init(truth: Image<Int32>, result: Image<Int32>) {
    let counts = FrameOverlap.countPairs(truth, result)
    var areas: (truth: [Int32: Int], result: [Int32: Int], ignored: [Int32: Int]) = ([:], [:], [:])
    for (pair, count) in counts {
      if pair.truth > 0 { areas.truth[pair.truth, default: 0] += count }
      guard pair.result > 0 else { continue }
      if pair.truth < 0 { areas.ignored[pair.result, default: 0] += count }
      if pair.truth >= 0 { areas.result[pair.result, default: 0] += count }
    }
    let trueObjects = areas.truth.sorted { $0.key < $1.key }.map { Object(id: $0, area: $1, ignoredArea: 0) }
    let foundObjects = areas.result.sorted { $0.key < $1.key }.map {
      Object(id: $0, area: $1, ignoredArea: areas.ignored[$0] ?? 0)
    }
    shared = trueObjects.flatMap { object in
      foundObjects.map { counts[LabelPair(truth: object.id, result: $0.id)] ?? 0 }
    }
    (self.truth, self.result) = (trueObjects, foundObjects)
  }

  /// Intersection over union of a true and a found object, both given by their position, 0…1.
  public func iou(_ trueIndex: Int, _ foundIndex: Int) -> Double {
    let both = shared[trueIndex * result.count + foundIndex]
    return Double(both) / Double(truth[trueIndex].area + result[foundIndex].area - both)
  }

  /// Labels come in long runs: one look-up per run.
  private static func countPairs(_ truth: Image<Int32>, _ result: Image<Int32>) -> [LabelPair: Int] {
    precondition(truth.width == result.width && truth.height == result.height, "truth and result differ in size")
    var counts: [LabelPair: Int] = [:]
    var (start, current) = (0, LabelPair(truth: 0, result: 0))
    for i in truth.pixels.indices {
      let pair = LabelPair(truth: truth.pixels[i], result: result.pixels[i])
      if pair == current { continue }
      if i > start { counts[current, default: 0] += i - start }
      (start, current) = (i, pair)
    }
    if truth.pixels.count > start { counts[current, default: 0] += truth.pixels.count - start }
    return counts
  }
}

/// A true and a found id.
struct LabelPair: Hashable {
  let truth: Int32
  let result: Int32
}
