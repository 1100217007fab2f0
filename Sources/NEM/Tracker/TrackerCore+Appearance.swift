extension TrackerCore {
  /// The appearance part of the M-step: templates and histograms of slots that are seen.
  mutating func learnAppearance() {
    coverOwnedCells()
    for k in slots.indices where slots[k].live && slots[k].visible >= configuration.hiddenShare {
      slots[k].learnTemplate(
        x, width: width, height: height, owned: owned, owners: owners, forced: forced, owner: Int16(1 + k),
        rate: configuration.templateRate, scratch: &logs)
    }
    learnColours()
    for k in slots.indices where slots[k].live {
      let found = slots[k].refit(
        margin: configuration.windowMargin, maxColumns: width, maxRows: height, scratch: &logs)
      if !found { slots[k].fullMass = 0 }
    }
  }

  /// Enlarges templates over cells that growth or the fast path gave to their slots.
  private mutating func coverOwnedCells() {
    for part in parts.list where part.value != Int(unexplained) {
      let k = part.value - 1
      let slot = slots[k]
      let left = max(slot.originX + 1 - part.left, 0)
      let top = max(slot.originY + 1 - part.top, 0)
      let right = max(part.right + 2 - slot.originX - slot.windowColumns, 0)
      let bottom = max(part.bottom + 2 - slot.originY - slot.windowRows, 0)
      guard left + top + right + bottom > 0 else { continue }
      let fits = slot.columns + left + right <= width && slot.rows + top + bottom <= height
      guard fits else { continue }
      slots[k].resizeTemplate(left: left, top: top, right: right, bottom: bottom, scratch: &logs)
      slots[k].resizeWindow(left: left, top: top, right: right, bottom: bottom, scratch: &logs)
    }
  }

  private mutating func learnColours() {
    for k in slots.indices where slots[k].live { for b in 0..<ColourModel.binCount { slots[k].colour[b] = 0 } }
    for i in owners.indices where owners[i] != 0 && owners[i] != unexplained {
      colours.count(i, weight: x[i], into: &slots[Int(owners[i]) - 1].colour)
    }
    for k in slots.indices where slots[k].live && slots[k].ownedCells > 0 {
      let rate = max(configuration.histogramRate, 1 / Float(slots[k].age + 1)) * slots[k].visible
      slots[k].learnHistogram(rate: min(rate, 1))
    }
  }
}

extension ObjectSlot {
  /// m ← m + α(γx − m), where no other slot owns the evidence and the picture goes on.
  mutating func learnTemplate(
    _ x: [Float], width: Int, height: Int, owned: [Float], owners: [Int16], forced: [Bool], owner: Int16,
    rate: Float, scratch: inout [Float]
  ) {
    let free = freeze(x, width: width, height: height, owned: owned, owners: owners, forced: forced, owner: owner)
    let alpha = max(rate, 1 / Float(age + 2))
    let (ax, ay) = (self.x - Float(originX), y - Float(originY))
    let (w00, w10) = ((1 - ax) * (1 - ay), ax * (1 - ay))
    let (w01, w11) = ((1 - ax) * ay, ax * ay)
    for v in 0..<rows {
      for u in 0..<columns {
        let i = v * windowColumns + u
        let j = i + windowColumns
        let evidence = w00 * gamma[i] + w10 * gamma[i + 1] + w01 * gamma[j] + w11 * gamma[j + 1]
        let seen = w00 * free[i] + w10 * free[i + 1] + w01 * free[j] + w11 * free[j + 1]
        let m = template[v * columns + u]
        // γx is already weighted by what is free, so that a half-hidden cell pulls towards its own half only.
        template[v * columns + u] = m + alpha * (evidence - seen * m)
      }
    }
  }

  /// Replaces γ by the owned evidence γx; returns the share of each cell that no other slot owns, 0 outside the picture.
  private mutating func freeze(
    _ x: [Float], width: Int, height: Int, owned: [Float], owners: [Int16], forced: [Bool], owner: Int16
  ) -> [Float] {
    var free = [Float](repeating: 0, count: windowRows * windowColumns)
    let (inRows, inColumns) = clipped(width: width, height: height)
    for i in 0..<windowRows * windowColumns where psi[i] == 0 { gamma[i] = 0 }
    for r in 0..<windowRows {
      for c in 0..<windowColumns {
        let i = r * windowColumns + c
        guard inRows.contains(r), inColumns.contains(c) else {
          gamma[i] = 0
          continue
        }
        let g = (originY + r) * width + originX + c
        if forced[g] {
          gamma[i] = owners[g] == owner ? x[g] : 0
          free[i] = owners[g] == owner ? 1 : 1 - x[g]
        } else {
          let own = x[g] * gamma[i]
          free[i] = 1 - min(max(owned[g] - own, 0), 1)
          gamma[i] = own
        }
      }
    }
    return free
  }

  /// Moves the histogram towards the counts collected in `colour`.
  mutating func learnHistogram(rate: Float) {
    var total: Float = 0
    for b in 0..<ColourModel.lumaBins { total += colour[b] }
    guard total > 0 else { return }
    for b in 0..<ColourModel.binCount { histogram[b] += rate * (colour[b] / total - histogram[b]) }
  }
}
