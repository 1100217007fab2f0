import Kernels
import Masks

extension TrackerCore {
  /// Gives each foreground cell to a slot or to none, from the posterior and the components of the foreground.
  mutating func assignOwners() {
    takePosteriors()
    let components = Components(foregroundMask())
    var presence = measurePresence(components)
    separateMixtures(components, &presence)
    if configuration.fastPath { takeWholeComponents(components, presence) }
    freeUnexplainedComponents(components, presence)
    parts.find(in: owners)
    releaseDistantParts()
    growSlots()
    countOwned()
    noteShown()
    parts.find(in: owners)
  }

  private func foregroundMask() -> Image<UInt8> {
    Image(width: width, height: height, pixels: owners.map { $0 == 0 ? 0 : 1 })
  }

  private mutating func takePosteriors() {
    let background = configuration.backgroundConstant
    for i in owners.indices {
      owners[i] = x[i] >= configuration.foregroundThreshold ? unexplained : 0
      forced[i] = false
      best[i] = background / (total[i] + background)
    }
    for k in slots.indices where slots[k].live {
      let (rows, columns) = slots[k].clipped(width: width, height: height)
      for r in rows {
        let window = r * slots[k].windowColumns
        let grid = (slots[k].originY + r) * width + slots[k].originX
        for c in columns where owners[grid + c] != 0 {
          let posterior = slots[k].gamma[window + c]
          if posterior > best[grid + c] {
            best[grid + c] = posterior
            owners[grid + c] = Int16(1 + k)
          }
        }
      }
    }
    countOwned()
  }

  private mutating func countOwned() {
    for k in slots.indices { slots[k].ownedCells = 0 }
    for owner in owners where owner != 0 && owner != unexplained { slots[Int(owner) - 1].ownedCells += 1 }
  }

  private mutating func noteShown() {
    let most = FullSight.shownFrames
    for i in owners.indices where owners[i] != 0 && owners[i] != unexplained && shown[i] < most { shown[i] += 1 }
  }

  /// What the slots own of, and which of them are in, each component: `[component, slot]`.
  struct Presence {
    var cells: [Int32]
    var explained: [Int32]
    var present: [Bool]

    /// Notes that one of `count` slots has a component to itself.
    mutating func give(_ component: Int, to slot: Int, of count: Int, area: Int) {
      for k in 0..<count {
        cells[component * count + k] = k == slot ? Int32(area) : 0
        present[component * count + k] = k == slot
      }
      explained[component] = Int32(area)
    }
  }

  private mutating func measurePresence(_ components: Components) -> Presence {
    let (n, k) = (components.list.count, slots.count)
    var presence = Presence(
      cells: [Int32](repeating: 0, count: n * k), explained: [Int32](repeating: 0, count: n),
      present: [Bool](repeating: false, count: n * k))
    for i in owners.indices where owners[i] != 0 && owners[i] != unexplained {
      let component = Int(components.labels.pixels[i]) - 1
      presence.cells[component * k + Int(owners[i]) - 1] += 1
      presence.explained[component] += 1
    }
    for slot in slots.indices where slots[slot].live {
      if slots[slot].visible < configuration.hiddenShare {
        if let component = hidingComponent(slot, components) { presence.present[component * k + slot] = true }
      }
      let least = max(0.15 * Float(slots[slot].ownedCells), 2)
      for component in 0..<n {
        let cells = Float(presence.cells[component * k + slot])
        if cells >= least || cells >= 0.3 * Float(components.list[component].area) {
          presence.present[component * k + slot] = true
        }
      }
    }
    noteNeighbours(components, presence)
    return presence
  }

  /// The component that lies over most of a slot's prediction.
  private func hidingComponent(_ k: Int, _ components: Components) -> Int? {
    let slot = slots[k]
    let column = Int(slot.centreX.rounded())
    let row = Int(slot.centreY.rounded())
    guard column >= 0, column < width, row >= 0, row < height else { return nil }
    let label = Int(components.labels.pixels[row * width + column])
    return label > 0 ? label - 1 : nil
  }

  private mutating func noteNeighbours(_ components: Components, _ presence: Presence) {
    for k in slots.indices where slots[k].live { (slots[k].neighbour, slots[k].shares) = (-1, false) }
    for component in components.list.indices {
      let row = component * slots.count
      for k in slots.indices where presence.present[row + k] {
        for j in slots.indices where j != k && presence.present[row + j] {
          slots[k].shares = true
          let current = slots[k].neighbour
          let largest = current < 0 || slots[j].ownedCells > slots[current].ownedCells
          if largest && dominates(j, k) { slots[k].neighbour = j }
        }
      }
    }
  }

  /// Of two slots of like size the older one dominates, else the larger one.
  private func dominates(_ j: Int, _ k: Int) -> Bool {
    let factor: Float = slots[j].serial < slots[k].serial ? 1 : 1.5 * 1.5
    return 1.5 * Float(slots[j].ownedCells) > factor * Float(slots[k].ownedCells)
  }

  /// The fast path: a component with exactly one slot in it goes to it whole.
  private mutating func takeWholeComponents(_ components: Components, _ presence: Presence) {
    for (c, component) in components.list.enumerated() {
      var only = -1
      var count = 0
      for k in slots.indices where presence.present[c * slots.count + k] {
        only = k
        count += 1
      }
      guard count == 1, slots[only].visible >= configuration.hiddenShare else { continue }
      let share = Float(presence.cells[c * slots.count + only]) / Float(component.area)
      let needed = slots[only].age <= 1 ? configuration.newbornShare : configuration.fastPathShare
      guard share >= needed, !mayHoldNewcomer(component.bounds, beside: only) else { continue }
      give(component.bounds, label: c, of: components, to: Int16(1 + only), forced: true)
    }
  }

  /// Takes the few cells that slots hold of a component that none of them is in, so that it is born whole.
  private mutating func freeUnexplainedComponents(_ components: Components, _ presence: Presence) {
    for (c, component) in components.list.enumerated() {
      let row = c * slots.count
      guard !presence.present[row..<row + slots.count].contains(true) else { continue }
      guard Float(presence.explained[c]) <= configuration.explainedShare * Float(component.area) else { continue }
      give(component.bounds, label: c, of: components, to: unexplained, forced: false)
    }
  }

  mutating func give(_ box: PixelRect, label: Int, of components: Components, to owner: Int16, forced: Bool) {
    for y in box.y..<box.y + box.height {
      for i in y * width + box.x..<y * width + box.x + box.width
      where Int(components.labels.pixels[i]) == label + 1 {
        owners[i] = owner
        self.forced[i] = forced
      }
    }
  }

  /// Gives small unexplained parts beside a slot to it.
  private mutating func growSlots() {
    for (index, part) in parts.list.enumerated() where part.value == Int(unexplained) {
      guard let k = touchingSlot(part, label: Int32(index + 1)) else {
        _ = reappear(index, beside: nil)
        continue
      }
      let growth = max(configuration.growthShare * Float(slots[k].ownedCells), Float(configuration.minimumArea))
      let limit = max(growth, missingArea(of: k, at: part))
      guard Float(part.area) < limit else { continue }
      if let hidden = emergingSlot(part, label: Int32(index + 1), behind: k) {
        emerge(hidden, at: part)
        hand(index, to: Int16(1 + hidden))
        continue
      }
      if reappear(index, beside: k) { continue }
      hand(index, to: Int16(1 + k))
    }
  }

  /// Gives a part to the object that comes out of hiding there, whose colour it must fit better than that of the slot
  /// it touches; false if there is none.
  private mutating func reappear(_ index: Int, beside neighbour: Int?) -> Bool {
    let part = parts.list[index]
    guard part.area >= configuration.reappearingArea, let k = reappearing(part, label: Int32(index + 1)) else {
      return false
    }
    if let neighbour {
      let margin = configuration.emergenceMargin
      let own = meanColour(of: part, label: Int32(index + 1), for: neighbour)
      guard k != neighbour, meanColour(of: part, label: Int32(index + 1), for: k) > own + margin else { return false }
    }
    if slots[k].visible < configuration.hiddenShare || slots[k].ownedCells == 0 {
      emerge(k, at: part)
      if let sight = slots[k].sight { (slots[k].velocityX, slots[k].velocityY) = (sight.velocityX, sight.velocityY) }
    }
    slots[k].spanning = configuration.hiddenLimit
    slots[k].ownedCells += part.area
    hand(index, to: Int16(1 + k))
    return true
  }

  /// Takes parts away from slots whose main part is too far from them.
  private mutating func releaseDistantParts() {
    // What another slot hides lies between the parts of one object, however far they are.
    for k in slots.indices where slots[k].live && slots[k].covered < 0.1 && slots[k].spanning == 0 && !slots[k].veiled {
      guard let main = parts.largest(of: k + 1) else { continue }
      let reach = max(configuration.releaseDistance * Float(parts.list[main].extent), 3)
      for index in parts.list.indices where index != main && parts.list[index].value == k + 1 {
        guard Float(parts.list[index].gap(to: parts.list[main])) > reach else { continue }
        hand(index, to: unexplained)
      }
    }
  }

  private mutating func hand(_ index: Int, to owner: Int16) {
    let part = parts.list[index]
    for y in part.top...part.bottom {
      for i in y * width + part.left...y * width + part.right where parts.labels[i] == Int32(index + 1) {
        owners[i] = owner
        forced[i] = true
      }
    }
  }

  /// The visible slot that owns most cells around a part and may have grown there.
  private func touchingSlot(_ part: GridPart, label: Int32) -> Int? {
    var contacts = [Int32](repeating: 0, count: slots.count)
    let gap = max(configuration.growthGap, 1)
    for y in part.top...part.bottom {
      for x in part.left...part.right where parts.labels[y * width + x] == label {
        for ny in max(y - gap, 0)...min(y + gap, height - 1) {
          for n in ny * width + max(x - gap, 0)...ny * width + min(x + gap, width - 1) {
            let owner = owners[n]
            if owner != 0 && owner != unexplained { contacts[Int(owner) - 1] += 1 }
          }
        }
      }
    }
    var found: Int?
    for k in slots.indices where contacts[k] > 0 && slots[k].visible >= configuration.hiddenShare {
      if isNewcomer(part, beside: k) { continue }
      if found == nil || contacts[k] > contacts[found!] { found = k }
    }
    return found
  }
}
