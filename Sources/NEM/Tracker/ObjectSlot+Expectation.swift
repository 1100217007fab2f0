import CKernels

extension ObjectSlot {
  /// First half of the E-step: the unnormalised posterior exp(log ψ + colour), its log smoothed over 3×3 cells, goes to
  /// `gamma` and is added to `total`.
  mutating func weigh(
    _ x: [Float], width: Int, height: Int, colours: ColourModel, _ configuration: TrackerConfiguration,
    logs: inout [Float], sums: inout [Float], total: inout [Float]
  ) {
    let (rows, columns) = clipped(width: width, height: height)
    guard !rows.isEmpty, !columns.isEmpty else { return }
    let (weight, clip) = (configuration.colourWeight, configuration.colourClip)
    for r in rows {
      let grid = (originY + r) * width + originX
      for c in columns {
        let seen = x[grid + c] > 0
        logs[r * windowColumns + c] = seen ? weight * colours.evidence(colour, at: grid + c, clip: clip) : 0
      }
    }
    let first = rows.lowerBound * windowColumns + columns.lowerBound
    let grid = (originY + rows.lowerBound) * width + originX + columns.lowerBound
    nem_weigh(
      psi, &logs, &sums, &gamma, first, windowColumns, rows.count, columns.count, configuration.smoothing, &total, grid,
      width, nem_cpu_level())
  }

  /// Second half: divides by the sum over slots and background, and adds the owned evidence γx to `owned`.
  mutating func normalise(
    _ x: [Float], width: Int, height: Int, total: [Float], background: Float, owned: inout [Float]
  ) {
    let (rows, columns) = clipped(width: width, height: height)
    (mass, fullMass) = (0, 0)
    for i in 0..<windowRows * windowColumns where psi[i] > 0.05 { fullMass += psi[i] }
    var (evidence, squares, seenMass): (Float, Float, Float) = (0, 0, 0)
    for r in rows {
      let grid = (originY + r) * width + originX
      for c in columns {
        let i = r * windowColumns + c
        let posterior = gamma[i] / (total[grid + c] + background)
        gamma[i] = posterior
        if psi[i] > 0.05 {
          mass += psi[i]
          // Under another object the prior alone leaves a share to each: only a majority is sight.
          if posterior > 0.5 { seenMass += min(psi[i], x[grid + c] * posterior) }
        }
        let own = x[grid + c] * posterior
        owned[grid + c] += own
        evidence += own
        squares += own * posterior
      }
    }
    visible = mass > 0 ? seenMass / mass : 0
    confidence = evidence > 0 ? squares / evidence : 0
  }

  /// Share of the prediction that other slots own.
  mutating func measureCover(_ x: [Float], width: Int, height: Int, owned: [Float]) {
    let (rows, columns) = clipped(width: width, height: height)
    var sum: Float = 0
    for r in rows {
      let grid = (originY + r) * width + originX
      for c in columns {
        let i = r * windowColumns + c
        if psi[i] > 0.05 { sum += psi[i] * max(owned[grid + c] - x[grid + c] * gamma[i], 0) }
      }
    }
    covered = mass > 0 ? sum / mass : 0
  }
}
