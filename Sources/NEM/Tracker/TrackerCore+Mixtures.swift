import Masks

/// Two slots that share what are two components, as when one holds the jackets of two people and the other their trousers:
/// colours alone do not tell which cells belong together.
extension TrackerCore {
  /// Two slots in two components with nobody else in them: one slot is in both, the other in both or in one.
  private struct Mixture {
    let k: Int, j: Int
    let a: Int, b: Int
  }

  /// Gives each of two slots one of the components that have been mixed for some frames.
  mutating func separateMixtures(_ components: Components, _ presence: inout Presence) {
    separated.removeAll(keepingCapacity: true)
    for k in slots.indices where slots[k].live {
      var found: Mixture?
      if slots[k].shares {
        for j in slots.indices where j > k && found == nil { found = mixture(k, j, components, presence) }
      }
      // Those that touch now and then are one component in between.
      slots[k].mixed = found == nil ? max(slots[k].mixed - 1, 0) : slots[k].mixed + 1
      guard let found, slots[k].mixed >= configuration.mixtureFrames else { continue }
      slots[k].mixed = 0
      let (first, second) = isCrossed(found, components, presence) ? (found.b, found.a) : (found.a, found.b)
      guard isOfSize(components.list[first], found.k), isOfSize(components.list[second], found.j) else { continue }
      for (slot, component) in [(found.k, first), (found.j, second)] {
        let (box, area) = (components.list[component].bounds, components.list[component].area)
        give(box, label: component, of: components, to: Int16(1 + slot), forced: true)
        presence.give(component, to: slot, of: slots.count, area: area)
        separated.append(slot)
      }
    }
  }

  /// The two largest components that hold either slot, if one of the two is in both, and they are of like size.
  private func mixture(_ k: Int, _ j: Int, _ components: Components, _ presence: Presence) -> Mixture? {
    guard slots[j].live, slots[j].shares, min(slots[k].visible, slots[j].visible) >= configuration.hiddenShare else {
      return nil
    }
    func holds(_ slot: Int, _ component: Int) -> Bool {
      let least = configuration.mixtureShare * Float(components.list[component].area)
      return presence.present[component * slots.count + slot]
        && Float(presence.cells[component * slots.count + slot]) >= least
    }
    // Few pairs get past this, and what follows allocates.
    guard components.list.indices.contains(where: { holds(k, $0) && holds(j, $0) }) else { return nil }
    let either = components.list.indices.filter { holds(k, $0) || holds(j, $0) }
      .sorted { components.list[$0].area > components.list[$1].area }
    guard either.count >= 2 else { return nil }
    let (a, b) = (either[0], either[1])
    let shared = [a, b].count { holds(k, $0) && holds(j, $0) }
    guard shared > 0, holds(k, a) && holds(k, b) || holds(j, a) && holds(j, b) else { return nil }
    // One of the two may be seen on both sides of scenery, with the other before it on one.
    guard shared == 2 || isOpen(between: components.list[a].bounds, components.list[b].bounds) else { return nil }
    let (large, small) = (components.list[a].area, components.list[b].area)
    guard small >= configuration.minimumArea, Float(small) >= configuration.splitShare * Float(large) else {
      return nil
    }
    for component in [a, b] {
      let row = component * slots.count
      if slots.indices.contains(where: { $0 != k && $0 != j && presence.present[row + $0] }) { return nil }
    }
    return Mixture(k: k, j: j, a: a, b: b)
  }

  /// Whether a component may be all of a slot's object, which grows smaller as it goes away.
  private func isOfSize(_ component: Component, _ k: Int) -> Bool {
    guard let sight = slots[k].sight else { return true }
    let area = Float(component.area)
    return area > 0.5 * sight.leastArea && area < 2 * sight.area
  }

  /// Whether the first slot rather has the second component, by what the two looked like when they were alone, or else by
  /// what they hold.
  private func isCrossed(_ mixture: Mixture, _ components: Components, _ presence: Presence) -> Bool {
    let counts = [mixture.a, mixture.b].map { colourCounts(of: components.list[$0], label: $0, components) }
    func leaning(_ k: Int) -> Float {
      guard slots[k].likenessFrames >= FullSight.stride else { return 0 }
      return likeness(of: counts[0], to: k) - likeness(of: counts[1], to: k)
    }
    let likelier = leaning(mixture.k) - leaning(mixture.j)
    if abs(likelier) >= configuration.mixtureMargin { return likelier < 0 }
    func held(_ k: Int) -> Int32 {
      presence.cells[mixture.a * slots.count + k] - presence.cells[mixture.b * slots.count + k]
    }
    return held(mixture.k) < held(mixture.j)
  }

  private func colourCounts(of component: Component, label: Int, _ components: Components) -> [Float] {
    var counts = [Float](repeating: 0, count: ColourModel.binCount)
    let box = component.bounds
    for y in box.y..<box.y + box.height {
      for i in y * width + box.x..<y * width + box.x + box.width
      where Int(components.labels.pixels[i]) == label + 1 { colours.count(i, weight: x[i], into: &counts) }
    }
    return counts
  }

  /// Makes slots what they were given: templates and colours of a mixture are of two objects.
  mutating func reshapeSeparated() {
    for k in separated {
      guard slots[k].live, let main = parts.largest(of: k + 1) else { continue }
      shape(k, from: main)
      slots[k].sight = nil
      network?.clear(slot: k)
    }
  }
}
