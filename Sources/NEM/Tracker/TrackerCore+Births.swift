extension TrackerCore {
  /// Makes objects of the parts that no slot explains.
  mutating func giveBirths() {
    movers.advance()
    for (index, part) in parts.list.enumerated() where part.value == Int(unexplained) {
      let hasComeIn = hasComeInBesideAnother(part)
      let isLoose = !hasComeIn && isBesideLarger(part)
      if part.area >= (isLoose ? 2 : 1) * configuration.minimumArea {
        bear(index, velocityX: 0, velocityY: 0, alone: hasComeIn ? configuration.aloneFrames : 0)
      } else if !isLoose, !followSmall(index) {
        largestSmall = max(largestSmall, part.area)
      }
    }
  }

  /// Whether a part may be a loose piece of a much larger object nearby.
  private func isBesideLarger(_ part: GridPart) -> Bool {
    isNearLarger(part, within: configuration.fragmentDistance) { _ in true }
  }

  /// Whether a much larger object that `fits` lies within `share` of its own extent from a part.
  func isNearLarger(_ part: GridPart, within share: Float, where fits: (ObjectSlot) -> Bool) -> Bool {
    for k in slots.indices where slots[k].live && slots[k].ownedCells > 3 * part.area && fits(slots[k]) {
      guard let main = parts.largest(of: k + 1) else { continue }
      let reach = share * Float(parts.list[main].extent)
      if Float(part.gap(to: parts.list[main])) <= reach { return true }
    }
    return false
  }

  /// Gives a part to a lost object that fits it, or else to a new one, which counts as seen alone for `alone` frames.
  mutating func bear(_ index: Int, velocityX: Float, velocityY: Float, alone: Int = 0) {
    let part = parts.list[index]
    if let k = lostSlot(for: part, label: Int32(index + 1)) {
      reunite(k, with: part)
      own(index, by: k)
    } else if let k = slots.firstIndex(where: { !$0.live }) {
      begin(k, from: index, velocityX: velocityX, velocityY: velocityY)
      slots[k].alone = alone
      own(index, by: k)
    } else {
      refused += 1
    }
  }

  private mutating func begin(_ k: Int, from index: Int, velocityX: Float, velocityY: Float) {
    slots[k].reset(serial: nextSerial)
    network?.clear(slot: k)
    nextSerial += 1
    (slots[k].velocityX, slots[k].velocityY) = (velocityX, velocityY)
    shape(k, from: index)
    (slots[k].birthX, slots[k].birthY) = (slots[k].centreX, slots[k].centreY)
  }

  /// Gives a slot the template and the colours of a part.
  mutating func shape(_ k: Int, from index: Int) {
    let part = parts.list[index]
    let margin = configuration.windowMargin
    let columns = min(part.right - part.left + 1 + 2 * margin, width)
    let rows = min(part.bottom - part.top + 1 + 2 * margin, height)
    (slots[k].columns, slots[k].rows) = (columns, rows)
    let left = part.left - (columns - (part.right - part.left + 1)) / 2
    let top = part.top - (rows - (part.bottom - part.top + 1)) / 2
    (slots[k].x, slots[k].y) = (Float(left), Float(top))
    for i in 0..<columns * rows { slots[k].template[i] = 0 }
    for b in 0..<ColourModel.binCount { slots[k].colour[b] = 0 }
    for y in part.top...part.bottom {
      for column in part.left...part.right where parts.labels[y * width + column] == Int32(index + 1) {
        slots[k].template[(y - top) * columns + column - left] = x[y * width + column]
        colours.count(y * width + column, weight: x[y * width + column], into: &slots[k].colour)
      }
    }
    slots[k].learnHistogram(rate: 1)
    (slots[k].mass, slots[k].fullMass) = (Float(part.area), Float(part.area))
  }

  /// The hidden object that a part continues: near where it should be, of its size and colour.
  private func lostSlot(for part: GridPart, label: Int32) -> Int? {
    var found: Int?
    var nearest = Float.infinity
    for k in slots.indices where slots[k].live && slots[k].unseen > 0 && slots[k].id > 0 {
      let (dx, dy) = (slots[k].centreX - part.centreX, slots[k].centreY - part.centreY)
      let distance = (dx * dx + dy * dy).squareRoot()
      let reach = Float(max(slots[k].columns, slots[k].rows)) / 2 + configuration.reunionSpeed * Float(slots[k].unseen)
      let ratio = Float(part.area) / max(slots[k].fullMass, 1)
      guard distance < min(reach, configuration.reunionReach, nearest), ratio > 0.3, ratio < 3 else { continue }
      guard meanColour(of: part, label: label, for: k) > -0.3 else { continue }
      (found, nearest) = (k, distance)
    }
    return found
  }

  /// Mean log-ratio of a part's cells between a slot's histogram and the scene's.
  func meanColour(of part: GridPart, label: Int32, for k: Int) -> Float {
    var ratios = slots[k].colour
    colours.logRatios(of: slots[k].histogram, into: &ratios)
    var sum: Float = 0
    for y in part.top...part.bottom {
      for i in y * width + part.left...y * width + part.right where parts.labels[i] == label {
        sum += colours.evidence(ratios, at: i, clip: configuration.colourClip)
      }
    }
    return sum / Float(part.area)
  }

  private mutating func reunite(_ k: Int, with part: GridPart) {
    slots[k].x += part.centreX - slots[k].centreX
    slots[k].y += part.centreY - slots[k].centreY
    (slots[k].unseen, slots[k].exposed, slots[k].visible) = (0, 0, 1)
    (slots[k].mass, slots[k].fullMass) = (Float(part.area), Float(part.area))
  }

  /// The hidden object that comes out behind slot `k` as a part: near where it should be, and closer to its colour.
  func emergingSlot(_ part: GridPart, label: Int32, behind k: Int) -> Int? {
    var found: Int?
    var best = meanColour(of: part, label: label, for: k) + configuration.emergenceMargin
    for h in slots.indices where slots[h].live && slots[h].unseen > 0 && slots[h].id > 0 && slots[h].covered > 0.3 {
      let reach = min(configuration.reunionSpeed * Float(slots[h].unseen), configuration.reunionReach)
      let shift = shiftToCover(part, by: slots[h])
      guard max(abs(shift.x), abs(shift.y)) <= reach, Float(part.area) > 0.1 * slots[h].fullMass else { continue }
      let colour = meanColour(of: part, label: label, for: h)
      if colour > best { (found, best) = (h, colour) }
    }
    return found
  }

  /// The smallest shift that brings a part inside a slot's support.
  private func shiftToCover(_ part: GridPart, by slot: ObjectSlot) -> (x: Float, y: Float) {
    let margin = Float(configuration.windowMargin)
    func shift(_ first: Int, _ last: Int, _ start: Float, _ size: Int) -> Float {
      let (low, high) = (start + margin, start + Float(size - 1) - margin)
      return Float(first) < low ? Float(first) - low : max(Float(last) - high, 0)
    }
    return (
      shift(part.left, part.right, slot.x, slot.columns), shift(part.top, part.bottom, slot.y, slot.rows)
    )
  }

  /// Brings a hidden slot to the part of it that comes out.
  mutating func emerge(_ h: Int, at part: GridPart) {
    let shift = shiftToCover(part, by: slots[h])
    slots[h].x += shift.x
    slots[h].y += shift.y
    slots[h].render(floor: configuration.predictionFloor)
    // What it owned at the old place says nothing about the new one.
    for i in 0..<slots[h].windowRows * slots[h].windowColumns { slots[h].gamma[i] = 0 }
    slots[h].visible = configuration.hiddenShare
  }

  private mutating func own(_ index: Int, by k: Int) {
    let part = parts.list[index]
    for y in part.top...part.bottom {
      for i in y * width + part.left...y * width + part.right where parts.labels[i] == Int32(index + 1) {
        owners[i] = Int16(1 + k)
      }
    }
    slots[k].ownedCells = part.area
  }
}
