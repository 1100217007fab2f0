import Kernels
import Masks

extension TrackerCore {
  /// Counts how each slot was seen and confirms those seen often enough.
  mutating func countEvidence(isBlind: Bool) {
    for k in slots.indices where slots[k].live {
      slots[k].age += 1
      if slots[k].visible >= configuration.hiddenShare && slots[k].ownedCells > 0 {
        slots[k].seen += 1
        (slots[k].unseen, slots[k].exposed) = (0, 0)
        if !slots[k].shares && hasTravelled(slots[k]) { slots[k].alone += 1 }
        if !slots[k].arrived { slots[k].arrived = hasMoved(slots[k], by: 0.5) }
      } else if !isBlind {
        slots[k].unseen += 1
        if slots[k].covered < 0.3 { slots[k].exposed += 1 }
      }
      watchLock(k)
      if slots[k].id == 0, slots[k].unseen == 0, isKnown(slots[k]) {
        slots[k].id = nextId
        confirmed.append(ConfirmedCandidate(candidate: -Int32(slots[k].serial), id: nextId))
        nextId += 1
      }
    }
  }

  /// Whether a slot is sure to be an object. What may be a fragment of its neighbour is not yet: an id is an output file.
  private func isKnown(_ slot: ObjectSlot) -> Bool {
    slot.seen >= configuration.confirmationFrames && !isFragment(slot) && !isVain(slot)
  }

  /// Whether a slot may be a fragment of the one it is locked to.
  func isFragment(_ slot: ObjectSlot) -> Bool { slot.locked > 0 && slot.alone < configuration.aloneFrames }

  /// Whether a slot has yet to move, or to last, to be more than what vanished at its place before.
  private func isVain(_ slot: ObjectSlot) -> Bool {
    !slot.arrived && !hasMoved(slot, by: configuration.vainShare) && slot.seen < configuration.vainPatience
      && vain.hold(box(of: slot), frame: frameIndex)
  }

  /// Remembers where a slot vanishes that has gone nowhere.
  private mutating func noteVain(_ slot: ObjectSlot) {
    guard slot.seen >= configuration.confirmationFrames, !slot.arrived, !hasTravelled(slot) else { return }
    vain.note(box(of: slot), until: frameIndex + configuration.vainFrames)
  }

  /// The cells of a slot's template without its margin.
  private func box(of slot: ObjectSlot) -> PixelRect {
    let margin = configuration.windowMargin
    return PixelRect(
      x: Int(slot.x.rounded()) + margin, y: Int(slot.y.rounded()) + margin, width: slot.columns - 2 * margin,
      height: slot.rows - 2 * margin)
  }

  /// Whether a slot is a share of its size away from its birthplace, and no less than flicker gets.
  private func hasMoved(_ slot: ObjectSlot, by share: Float) -> Bool {
    let (dx, dy) = (slot.centreX - slot.birthX, slot.centreY - slot.birthY)
    let margin = 2 * configuration.windowMargin
    let (width, height) = (Float(slot.columns - margin), Float(slot.rows - margin))
    return abs(dx) >= max(configuration.travelDistance, share * width)
      || abs(dy) >= max(configuration.travelDistance, share * height)
  }

  private func hasTravelled(_ slot: ObjectSlot) -> Bool {
    let (dx, dy) = (slot.centreX - slot.birthX, slot.centreY - slot.birthY)
    return max(abs(dx), abs(dy)) >= configuration.travelDistance
  }

  /// Counts the frames in which a slot never alone moves with a larger, older one in the same component.
  private mutating func watchLock(_ k: Int) {
    let j = slots[k].neighbour
    guard j >= 0, slots[j].live else {
      slots[k].locked = 0
      return
    }
    let (dx, dy) = (slots[k].centreX - slots[j].centreX, slots[k].centreY - slots[j].centreY)
    let drift = max(abs(dx - slots[k].lockX), abs(dy - slots[k].lockY))
    let bound = configuration.lockDistance * Float(max(slots[j].columns, slots[j].rows))
    if slots[k].lockedTo == j, slots[k].locked > 0, drift <= bound {
      slots[k].locked += 1
    } else {
      (slots[k].lockedTo, slots[k].locked) = (j, 1)
      (slots[k].lockX, slots[k].lockY) = (dx, dy)
    }
  }

  /// Gives fragments back to the slot they are locked to.
  mutating func mergeFragments() {
    for k in slots.indices where slots[k].live {
      // The longer a slot was an object of its own, the longer it may stay close to another one.
      let patience = configuration.mergePatience * Float(slots[k].alone)
      guard slots[k].locked >= configuration.mergeFrames + Int(patience) else { continue }
      let j = slots[k].lockedTo
      guard slots[j].live else { continue }
      for i in owners.indices where owners[i] == Int16(1 + k) { owners[i] = Int16(1 + j) }
      end(k, .merged)
    }
  }

  /// Makes two slots of one whose cells have been in two distinct parts for some frames.
  mutating func splitDivided() {
    for k in slots.indices where slots[k].live {
      guard let (first, second) = twoParts(of: k), areDistinct(parts.list[first], parts.list[second]) else {
        slots[k].divided = 0
        continue
      }
      slots[k].divided += 1
      guard slots[k].divided >= configuration.splitFrames else { continue }
      (slots[k].divided, slots[k].sight) = (0, nil)
      clear(second, from: k)
      bear(second, velocityX: slots[k].velocityX, velocityY: slots[k].velocityY)
    }
  }

  /// The two largest parts of a slot that no other slot and no scenery divides.
  private func twoParts(of k: Int) -> (Int, Int)? {
    guard slots[k].visible >= configuration.hiddenShare else { return nil }
    var (first, second) = (-1, -1)
    for (index, part) in parts.list.enumerated() where part.value == k + 1 {
      if first < 0 || part.area > parts.list[first].area {
        (first, second) = (index, first)
      } else if second < 0 || part.area > parts.list[second].area {
        second = index
      }
    }
    guard second >= 0, parts.list[second].area >= configuration.minimumArea else { return nil }
    return mayHide(k, between: parts.list[first], parts.list[second]) ? nil : (first, second)
  }

  /// Whether another slot or scenery may hide what an object has between two of its parts.
  private func mayHide(_ k: Int, between first: GridPart, _ second: GridPart) -> Bool {
    guard slots[k].covered >= 0.1 || slots[k].spanning > 0 || slots[k].veiled else { return false }
    return (slots[k].sight?.holds(first, second) ?? true) && !isOpen(between: first.bounds, second.bounds)
  }

  /// Whether most of what lies between two boxes is ground where objects were seen and none is: nothing hides there.
  func isOpen(between first: PixelRect, _ second: PixelRect) -> Bool {
    func between(_ low: Range<Int>, _ high: Range<Int>) -> Range<Int> {
      let inner = (max(low.lowerBound, high.lowerBound), min(low.upperBound, high.upperBound))
      return min(inner.0, inner.1)..<max(inner.0, inner.1)
    }
    var (open, count) = (0, 0)
    for y in between(first.y..<first.y + first.height, second.y..<second.y + second.height) {
      for x in between(first.x..<first.x + first.width, second.x..<second.x + second.width) {
        let i = y * width + x
        open += owners[i] == 0 && shown[i] >= FullSight.shownFrames ? 1 : 0
        count += 1
      }
    }
    return 2 * open > count
  }

  private func areDistinct(_ first: GridPart, _ second: GridPart) -> Bool {
    if Float(second.area) >= configuration.splitShare * Float(first.area) { return true }
    return Float(second.gap(to: first)) > configuration.splitDistance * Float(first.extent)
  }

  /// Takes a part out of a slot's template.
  private mutating func clear(_ index: Int, from k: Int) {
    let part = parts.list[index]
    let (left, top) = (Int(slots[k].x.rounded()), Int(slots[k].y.rounded()))
    for y in part.top...part.bottom {
      for x in part.left...part.right where parts.labels[y * width + x] == Int32(index + 1) {
        let (u, v) = (x - left, y - top)
        guard u >= 0, u < slots[k].columns, v >= 0, v < slots[k].rows else { continue }
        slots[k].template[v * slots[k].columns + u] = 0
      }
    }
  }

  /// Ends slots that left the picture or were not seen for too long.
  mutating func endObjects() {
    for k in slots.indices where slots[k].live {
      let slot = slots[k]
      if slot.age > 0,
        slot.fullMass <= 0 || slot.mass < 0.15 * slot.fullMass && slot.ownedCells < configuration.reappearingArea
      {
        end(k, slot.fullMass <= 0 ? .lost : .left)
        continue
      }
      let young = slot.id == 0 && slot.unseen >= configuration.youngLimit
      if young || slot.exposed >= exposureLimit(slot) || slot.unseen >= configuration.hiddenLimit {
        end(k, touchesEdge(slot) ? .left : .lost)
      }
    }
  }

  /// What moved and grew smaller before it vanished went behind something.
  private func exposureLimit(_ slot: ObjectSlot) -> Int {
    guard let sight = slot.sight, slot.id > 0, sight.age > slot.unseen, !touchesEdge(slot) else {
      return configuration.unseenLimit
    }
    return configuration.hiddenLimit
  }

  func touchesEdge(_ slot: ObjectSlot) -> Bool {
    let margin = Float(configuration.windowMargin)
    return slot.x + margin <= 1 || slot.y + margin <= 1
      || slot.x + Float(slot.columns) - margin >= Float(width) - 1
      || slot.y + Float(slot.rows) - margin >= Float(height) - 1
  }

  private mutating func end(_ k: Int, _ reason: EndReason) {
    slots[k].live = false
    if reason != .merged { noteVain(slots[k]) }
    for i in owners.indices where owners[i] == Int16(1 + k) { owners[i] = 0 }
    if slots[k].id > 0 { ended.append(EndedSlot(id: slots[k].id, reason: reason)) }
  }
}
