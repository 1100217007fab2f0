import Kernels

/// Scores a foreground segmentation over sequences with known masks, frame by frame and in order.
public enum ForegroundBenchmark {
  /// The score of one sequence: counts are added up over its frames, as CDnet does.
  ///
  /// - Parameters:
  ///   - sequence: the pictures and their truth.
  ///   - readGray: reads a truth or region picture.
  ///   - segment: given a picture's path, returns the mask (255 moving). Called for every frame, scored or not.
  ///
  /// A region picture of another size than the truth is ignored: some published ones do not fit their sequence. Throws
  /// `EvaluationError.mismatch` where a mask and its truth differ in size or no frame has a truth.
  public static func score(
    _ sequence: ForegroundSequence, readGray: (String) throws -> Image<UInt8>,
    segment: (String) throws -> Image<UInt8>
  ) throws -> ForegroundScore {
    let region = try sequence.region.map(readGray)
    guard sequence.frames.contains(where: { $0.truth != nil }) else { throw EvaluationError.unscored(sequence.name) }
    var score = ForegroundScore()
    for frame in sequence.frames {
      let mask = try segment(frame.input)
      guard let path = frame.truth else { continue }
      let truth = try readGray(path)
      guard (mask.width, mask.height) == (truth.width, truth.height) else {
        throw EvaluationError.mismatch(
          "\(path) is \(truth.width)x\(truth.height) and its frame \(mask.width)x\(mask.height)")
      }
      let fits = region.map { $0.width == truth.width && $0.height == truth.height } ?? false
      score.add(mask: mask, truth: truth, region: fits ? region : nil)
    }
    return score
  }
}
