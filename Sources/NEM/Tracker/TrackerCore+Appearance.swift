extension TrackerCore {
  /// The appearance part of the M-step: templates and histograms of slots that are seen.
  mutating func learnAppearance() {
    coverOwnedCells()
    let ownership = ownership()
    for k in slots.indices where slots[k].live && slots[k].visible >= configuration.hiddenShare {
      slots[k].learnTemplate(
        ownership, owner: Int16(1 + k), rate: configuration.templateRate, own: &logs, free: &sums)
    }
    learnColours()
    for k in slots.indices where slots[k].live {
      let found = slots[k].refit(
        margin: configuration.windowMargin, maxColumns: width, maxRows: height, scratch: &logs)
      if !found { slots[k].fullMass = 0 }
    }
  }

  func ownership() -> Ownership {
    Ownership(
      x: x, owned: owned, owners: owners, forced: forced, shown: shown, unexplained: unexplained, width: width,
      height: height)
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
      // What touches another may hold cells of it.
      let trust = slots[k].visible * (slots[k].shares ? configuration.touchingTrust : 1)
      let rate = max(configuration.histogramRate, 1 / Float(slots[k].age + 1)) * trust
      slots[k].learnHistogram(rate: min(rate, 1))
    }
  }
}

/// Who owns the evidence of a frame, as the slots' M-step sees it.
struct Ownership {
  let x: [Float]
  let owned: [Float]
  let owners: [Int16]
  let forced: [Bool]
  let shown: [UInt8]
  let unexplained: Int16
  let width: Int
  let height: Int

  /// Evidence of cell `g` that belongs to a slot with posterior γ there, and the share that no other slot owns.
  @inline(__always) func share(of g: Int, posterior: Float, owner: Int16) -> (own: Float, free: Float) {
    guard forced[g] else {
      let own = x[g] * posterior
      return (own, 1 - min(max(owned[g] - own, 0), 1))
    }
    if owners[g] == owner { return (x[g], 1) }
    return (0, owners[g] == unexplained ? 1 : 1 - x[g])
  }
}

extension ObjectSlot {
  /// m ← m + α(γx − m), where no other slot owns the evidence and the picture goes on.
  mutating func learnTemplate(
    _ ownership: Ownership, owner: Int16, rate: Float, own: inout [Float], free: inout [Float]
  ) {
    takeShares(ownership, owner: owner, own: &own, free: &free)
    let alpha = max(rate, 1 / Float(age + 2))
    let (ax, ay) = (x - Float(originX), y - Float(originY))
    let (w00, w10) = ((1 - ax) * (1 - ay), ax * (1 - ay))
    let (w01, w11) = ((1 - ax) * ay, ax * ay)
    for v in 0..<rows {
      for u in 0..<columns {
        let i = v * windowColumns + u
        let j = i + windowColumns
        let evidence = w00 * own[i] + w10 * own[i + 1] + w01 * own[j] + w11 * own[j + 1]
        let seen = w00 * free[i] + w10 * free[i + 1] + w01 * free[j] + w11 * free[j + 1]
        let m = template[v * columns + u]
        // The evidence is already weighted by what is free, so that a half-hidden cell pulls towards its own half only.
        template[v * columns + u] = m + alpha * (evidence - seen * m)
      }
    }
  }

  /// Own evidence and the share that no other slot owns in the window; both 0 outside the picture.
  private mutating func takeShares(
    _ ownership: Ownership, owner: Int16, own: inout [Float], free: inout [Float]
  ) {
    for i in 0..<windowRows * windowColumns { (own[i], free[i]) = (0, 0) }
    let (inRows, inColumns) = clipped(width: ownership.width, height: ownership.height)
    for r in inRows {
      for c in inColumns {
        let i = r * windowColumns + c
        let g = (originY + r) * ownership.width + originX + c
        if ownership.forced[g] { gamma[i] = ownership.owners[g] == owner ? 1 : 0 }
        (own[i], free[i]) = ownership.share(of: g, posterior: gamma[i], owner: owner)
        // Where nothing has ever been seen scenery may hide it: it is still there.
        if veiled && ownership.shown[g] < FullSight.shownFrames { (own[i], free[i]) = (0, 0) }
      }
    }
  }

  /// Moves the histogram towards the counts collected in `colour`.
  mutating func learnHistogram(rate: Float) { Self.move(&histogram, towards: colour, by: rate) }

  /// Moves the likeness towards them; `rate` is the least.
  mutating func learnLikeness(rate: Float) {
    likenessFrames += 1
    Self.move(&likeness, towards: colour, by: max(rate, 1 / Float(likenessFrames)))
  }

  private static func move(_ histogram: inout [Float], towards counts: [Float], by rate: Float) {
    var total: Float = 0
    for b in 0..<ColourModel.lumaBins { total += counts[b] }
    guard total > 0 else { return }
    for b in 0..<ColourModel.binCount { histogram[b] += rate * (counts[b] / total - histogram[b]) }
  }
}
