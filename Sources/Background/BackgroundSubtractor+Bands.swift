import CKernels

extension BackgroundSubtractor {
  /// Rows of a picture whose evidence is still in the cache when it is averaged and cleaned.
  private static let bandRows = 16

  /// Learns from a frame at the background's place and writes where it is foreground, band after band.
  func find(
    _ luma: UnsafePointer<UInt8>, _ stride: Int, _ step: nem_gmm_step, into mask: UnsafeMutablePointer<UInt8>
  ) {
    let turns = LearningTurns(step)
    let radius = configuration.cleaningRadius
    var averaged = 0..<0, cleaned = 0..<0
    for first in Swift.stride(from: 0, to: height, by: Self.bandRows) {
      let end = min(first + Self.bandRows, height)
      if framesSeen > 0 { learn(first..<end, luma, stride, turns) }
      // The last rows need those below them.
      averaged = averaged.upperBound..<(end == height ? end : end - 1)
      cleaned = cleaned.upperBound..<(end == height ? end : max(averaged.upperBound - radius, cleaned.upperBound))
      nem_smooth(plane(.evidence), band(averaged), plane(.smooth), level)
      nem_majority(plane(.smooth), band(cleaned), Int32(radius), Self.evidenceThreshold, mask, level)
    }
  }

  private func band(_ rows: Range<Int>) -> nem_band {
    nem_band(
      width: Int32(width), height: Int32(height), first: Int32(rows.lowerBound), end: Int32(rows.upperBound))
  }

  private func learn(_ rows: Range<Int>, _ luma: UnsafePointer<UInt8>, _ stride: Int, _ turns: LearningTurns) {
    let keeps = !standing.isEmpty && !turns.rows.isLeak(frame: framesSeen)
    for row in rows {
      let (pixels, evidence) = (luma + row * stride, plane(.evidence) + row * width)
      guard turns.rows.learns(row: row, frame: framesSeen) else {
        mixtures.compare(row: row, pixels, turns.step, evidence: evidence)
        continue
      }
      let isKept = keeps && standing.save(row: row, of: mixtures)
      mixtures.learn(row: row, pixels, turns.step, evidence: evidence)
      if isKept { standing.restore(row: row, of: mixtures) }
    }
  }
}
