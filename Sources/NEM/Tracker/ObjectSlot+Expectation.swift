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
    // Most of a window lies outside the object.
    let outside = (psi: configuration.predictionFloor, log: fastLog(configuration.predictionFloor))
    for r in rows {
      let grid = (originY + r) * width + originX
      for c in columns {
        let prior = psi[r * windowColumns + c]
        var value = prior == outside.psi ? outside.log : fastLog(prior)
        if x[grid + c] > 0 { value += weight * colours.evidence(colour, at: grid + c, clip: clip) }
        logs[r * windowColumns + c] = value
      }
    }
    sumRows(rows, columns, logs, into: &sums)
    let share = configuration.smoothing
    for r in rows {
      let (above, below) = (max(r - 1, rows.lowerBound), min(r + 1, rows.upperBound - 1))
      let grid = (originY + r) * width + originX
      let counted = Float(below - above + 1)
      for c in columns {
        var sum: Float = 0
        for n in above...below { sum += sums[n * windowColumns + c] }
        let i = r * windowColumns + c
        gamma[i] = fastExp(logs[i] + share * (sum / counted - logs[i]))
        total[grid + c] += gamma[i]
      }
    }
  }

  /// Means over each cell and its left and right neighbours.
  private func sumRows(_ rows: Range<Int>, _ columns: Range<Int>, _ logs: [Float], into sums: inout [Float]) {
    for r in rows {
      let row = r * windowColumns
      for c in columns {
        let (left, right) = (max(c - 1, columns.lowerBound), min(c + 1, columns.upperBound - 1))
        var sum: Float = 0
        for n in left...right { sum += logs[row + n] }
        sums[row + c] = sum / Float(right - left + 1)
      }
    }
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
