import CKernels

/// The way of a frame that has the background's place and exposure.
extension BackgroundSubtractor {
  /// Learns from a frame at the background's place and writes its mask there.
  func segment(
    _ luma: UnsafePointer<UInt8>, _ stride: Int, _ colours: ColourPlanes?, _ shift: GlobalMotion.Shift, _ gain: Float,
    into mask: UnsafeMutablePointer<UInt8>
  ) {
    if framesSeen == 0 {
      start(luma, stride)
      if let colours { chroma?.start(colours) }
    } else {
      let means = mixtures.means
      measureLight { means[$1 * width + $0] }
      learn(luma, stride, step(age: age, gain: gain))
    }
    clean(into: mask)
    compareInLight(luma, stride, gain, mask)
    standing.save(mask)
    shadows?.remove(from: mask, luma: luma, stride: stride, gain: gain, mean: mixtures.means)
    standing.restore(mask)
    let comparesOutlines = !standing.isEmpty && framesSeen % StandingGuard.stride == 0
    if comparesOutlines { fillHoles(luma, stride, gain, mask) }
    if let chroma, let colours {
      chroma.withAligned(colours, shift) { colours in
        if comparesOutlines { fillHoles(colours, gain) }
        let keeps = !standing.isEmpty && !RowTurns.inTurn.isLeak(frame: framesSeen)
        chroma.apply(colours, gain: gain, frame: framesSeen, to: mask, pitch: width, pictureRows: height) {
          keeps ? standing.kept(row: $0) : []
        }
      }
    }
    let pictures = change.observe(mask, luma, stride)
    if change.isInDoubt { for plane in [mask, plane(.smooth)] { plane.update(repeating: 0, count: width * height) } }
    if let pictures {
      beginAnew(pictures)
      if let colours { chroma?.withAligned(colours, shift) { chroma?.start($0) } }
    }
  }

  private func learn(_ luma: UnsafePointer<UInt8>, _ stride: Int, _ step: nem_gmm_step) {
    let turns = LearningTurns(step)
    let keeps = !standing.isEmpty && !turns.rows.isLeak(frame: framesSeen)
    for row in 0..<height {
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

  /// Where a part of the picture has another light, it is compared with the background in that light.
  private func compareInLight(
    _ luma: UnsafePointer<UInt8>, _ stride: Int, _ gain: Float, _ mask: UnsafeMutablePointer<UInt8>
  ) {
    guard framesSeen > 0,
      lightField?.find(mask, luma: luma, stride: stride, gain: gain, mean: mixtures.means) == true
    else { return }
    lightField?.compare(
      plane(.evidence), luma: luma, stride: stride, gain: gain, mean: mixtures.means, variance: mixtures.variances)
    clean(into: mask)
  }

  /// Averages the evidence and cuts it into a mask.
  private func clean(into mask: UnsafeMutablePointer<UInt8>) {
    nem_smooth(plane(.evidence), Int32(width), Int32(height), plane(.smooth), level)
    nem_majority(
      plane(.smooth), Int32(width), Int32(height), Int32(configuration.cleaningRadius), Self.evidenceThreshold, mask,
      level)
  }

  /// Forgets the background for the mode of some pictures, rows of `width` one picture after the other.
  private func beginAnew(_ pictures: [UInt8]) {
    let count = pictures.count / (width * height)
    measureLight { UInt16(pictures[$1 * width + $0]) << 8 }
    pictures.withUnsafeBufferPointer { pictures in
      forEachMode(count, columns: width, rows: height) { frame, row, target in
        target.update(from: pictures.baseAddress! + (frame * height + row) * width, count: width)
      } body: { row, mode in
        mixtures.restart(row: row, 0..<width, variance: startVariance) { UInt16(mode[$0]) << 8 }
      }
    }
    motion?.forgetBackground()
    age = count
  }
}
