/// Whose colours a slot shows: objects that met may have come out of it in each other's slots.
extension TrackerCore {
  /// Learns the likeness of what is seen alone and whole, and exchanges the identities of slots that show each other's.
  mutating func keepIdentities() {
    for k in slots.indices where slots[k].live && slots[k].id > 0 { learnLikeness(k) }
    for k in slots.indices where isDoubtful(k) && isShown(k) {
      guard let j = likelierIdentity(of: k) else {
        slots[k].doubts = 0
        continue
      }
      slots[k].doubts = slots[k].doubtedFor == j ? slots[k].doubts + 1 : 1
      slots[k].doubtedFor = j
      if slots[k].doubts >= configuration.doubtFrames { exchange(k, j) }
    }
  }

  private mutating func learnLikeness(_ k: Int) {
    let isClear =
      isShown(k) && !slots[k].shares && slots[k].covered < 0.1 && !slots[k].veiled && slots[k].spanning == 0
    guard isClear else {
      slots[k].unsettled = slots[k].likenessFrames > 0 ? configuration.settlingFrames : 0
      return
    }
    slots[k].unsettled = max(slots[k].unsettled - 1, 0)
    if slots[k].unsettled == 0 { slots[k].learnLikeness(rate: configuration.histogramRate) }
  }

  private func isShown(_ k: Int) -> Bool {
    slots[k].unseen == 0 && slots[k].ownedCells >= configuration.reappearingArea
  }

  /// Whether a slot met others or was hidden a short while ago, and what it looked like before is known.
  private func isDoubtful(_ k: Int) -> Bool {
    slots[k].live && slots[k].unsettled > 0 && slots[k].likenessFrames >= FullSight.stride
  }

  /// The slot nearby whose likeness fits what slot `k` shows clearly better than its own. If it is seen too, the same
  /// must hold the other way round; if not, it must have had about the size of what `k` shows.
  private func likelierIdentity(of k: Int) -> Int? {
    var found: Int?
    var best = configuration.likenessMargin
    for j in slots.indices where j != k && isDoubtful(j) && areNear(k, j) {
      var gains = [likeness(of: slots[k].colour, to: j) - likeness(of: slots[k].colour, to: k)]
      if isShown(j) {
        gains.append(likeness(of: slots[j].colour, to: k) - likeness(of: slots[j].colour, to: j))
      } else if let sight = slots[j].sight {
        let ratio = Float(slots[k].ownedCells) / sight.area
        guard ratio > 0.5, ratio < 2 else { continue }
      }
      let gain = gains.reduce(0, +)
      guard gains.allSatisfy({ $0 > 0.5 * configuration.likenessMargin }), gain > best else { continue }
      (found, best) = (j, gain)
    }
    return found
  }

  private func areNear(_ k: Int, _ j: Int) -> Bool {
    let (dx, dy) = (slots[k].centreX - slots[j].centreX, slots[k].centreY - slots[j].centreY)
    let sizes = max(slots[k].columns, slots[k].rows) + max(slots[j].columns, slots[j].rows)
    return max(abs(dx), abs(dy)) < Float(sizes) / 2 + configuration.exchangeReach
  }

  /// Mean log-likelihood of counted colours under the likeness of slot `j`.
  func likeness(of colour: [Float], to j: Int) -> Float {
    var (sum, total): (Float, Float) = (0, 0)
    for b in 0..<ColourModel.lumaBins { total += colour[b] }
    // A share of a flat histogram: few cells were counted.
    for b in colour.indices where colour[b] > 0 { sum += colour[b] * fastLog(slots[j].likeness[b] + 0.02) }
    return total > 0 ? sum / total : 0
  }

  /// Exchanges who two slots are; what they show and where stays.
  private mutating func exchange(_ k: Int, _ j: Int) {
    var other = slots[j]
    swap(&slots[k].id, &other.id)
    swap(&slots[k].serial, &other.serial)
    swap(&slots[k].histogram, &other.histogram)
    swap(&slots[k].likeness, &other.likeness)
    swap(&slots[k].likenessFrames, &other.likenessFrames)
    swap(&slots[k].sight, &other.sight)
    swap(&slots[k].alone, &other.alone)
    (slots[k].doubts, other.doubts) = (0, 0)
    slots[j] = other
  }
}
