import Kernels

/// Region J and boundary F as the unsupervised task of DAVIS 2017 counts them (Caelles et al. 2019): the true objects are
/// paired once for the whole sequence with found ones, one to one, so that the mean of J and F is largest; both are
/// averaged over all frames, then over the true objects.
///
/// A frame in which both objects of a pair are absent counts 1, one in which only one is counts 0. No frame is left out:
/// DAVIS leaves out the first and the last only where the first is given. There is no limit of 20 found objects.
public struct RegionBoundaryScore: Sendable {
  private struct Pair {
    /// Frames in which both objects are there.
    var frames = 0
    var region = 0.0
    var boundary = 0.0
  }

  private var frameCount = 0
  private var truthFrames: [Int32: Int] = [:]
  private var resultFrames: [Int32: Int] = [:]
  private var pairs: [LabelPair: Pair] = [:]

  /// A score that has seen no frame.
  public init() {}

  /// Adds the next frame: its labels as in `FrameOverlap`, and the overlap of just these.
  public mutating func add(truth: Image<Int32>, result: Image<Int32>, overlap: FrameOverlap) {
    frameCount += 1
    for object in overlap.truth { truthFrames[object.id, default: 0] += 1 }
    for object in overlap.result { resultFrames[object.id, default: 0] += 1 }
    if overlap.truth.isEmpty || overlap.result.isEmpty { return }
    let reach = RegionBoundaryScore.reach(width: truth.width, height: truth.height)
    let trueOutlines = ObjectBoundary.all(in: truth, reach: reach)
    let foundOutlines = ObjectBoundary.all(in: RegionBoundaryScore.seen(result, truth), reach: reach)
    for (row, trueObject) in overlap.truth.enumerated() {
      for (column, found) in overlap.result.enumerated() {
        let boundary = ObjectBoundary.fMeasure(foundOutlines[found.id], trueOutlines[trueObject.id])
        let pair = LabelPair(truth: trueObject.id, result: found.id)
        pairs[pair, default: Pair()].frames += 1
        pairs[pair, default: Pair()].region += overlap.iou(row, column)
        pairs[pair, default: Pair()].boundary += boundary
      }
    }
  }

  /// The mean J and F, both 0…1; nil if the truth holds no object.
  public func means() -> (region: Double, boundary: Double)? {
    let (truth, result) = (truthFrames.keys.sorted(), resultFrames.keys.sorted())
    guard !truth.isEmpty else { return nil }
    // Empty objects stand in where fewer are found than there are.
    let columns = max(truth.count, result.count)
    let scores = truth.flatMap { id in
      (0..<columns).map { means(id, $0 < result.count ? result[$0] : nil) }
    }
    let sums = scores.map { $0.region + $0.boundary }
    let columnOfRow = Assignment.minimumCost(sums.map { -$0 }, rows: truth.count, columns: columns)
    let chosen = columnOfRow.enumerated().map { row, column in scores[row * columns + column!] }
    let count = Double(truth.count)
    return (chosen.reduce(0) { $0 + $1.region } / count, chosen.reduce(0) { $0 + $1.boundary } / count)
  }

  private func means(_ truth: Int32, _ result: Int32?) -> (region: Double, boundary: Double) {
    let pair = result.flatMap { pairs[LabelPair(truth: truth, result: $0)] } ?? Pair()
    let present = truthFrames[truth]! + (result.map { resultFrames[$0]! } ?? 0) - pair.frames
    let absent = Double(frameCount - present)
    return ((pair.region + absent) / Double(frameCount), (pair.boundary + absent) / Double(frameCount))
  }

  /// How far apart outlines may be, in pixels: 0.008 of the picture's diagonal, rounded up.
  static func reach(width: Int, height: Int) -> Int {
    Int((0.008 * Double(width * width + height * height).squareRoot()).rounded(.up))
  }

  /// The result without the pixels that the truth ignores.
  private static func seen(_ result: Image<Int32>, _ truth: Image<Int32>) -> Image<Int32> {
    var seen = result
    for i in seen.pixels.indices where truth.pixels[i] < 0 { seen.pixels[i] = 0 }
    return seen
  }
}
