/// An object when it was last seen whole, moved on as it went then: where it must be while scenery hides a part of it.
struct FullSight {
  /// Frames after which it says nothing any more.
  static let lifetime = 60
  /// Share of its area that it keeps from frame to frame: what goes away shrinks slowly, what goes behind something fast.
  static let shrinkage: Float = 0.995
  /// Share of its area from which it counts as whole.
  static let fullShare: Float = 0.97
  /// Growth up to which its way tells its velocity: what comes into sight is slower at its cut edge.
  static let growth: Float = 1.03
  /// Least frames of such a way.
  static let stride = 5
  /// Frames in which an object must have been seen at a place that hides nothing.
  static let shownFrames: UInt8 = 3
  /// Share of its area that its parts may have together.
  static let tolerance: Float = 1.1
  /// Cells by which its extent may be wrong.
  static let slack: Float = 3

  /// Whether it was seen clear of the picture's edges, no larger than before: its extent is known.
  var isSettled = false
  /// Frames since it was seen whole.
  var age = 0
  /// Cells that were owned.
  var area: Float
  var centreX: Float
  var centreY: Float
  /// Half of its width and height.
  var reachX: Float
  var reachY: Float
  var velocityX: Float
  var velocityY: Float
  /// An earlier centre, and the frames since.
  var anchorX: Float
  var anchorY: Float
  var anchorAge = 0

  /// The area that it may have now if it went away from the camera meanwhile.
  var leastArea: Float { (0..<min(age, 10 * Self.lifetime)).reduce(area) { area, _ in area * Self.shrinkage } }

  /// Goes on by one frame.
  mutating func advance() {
    age += 1
    anchorAge += 1
    centreX += velocityX
    centreY += velocityY
  }

  /// Takes the velocity from the way since an earlier sight: a pose follows the edge at which scenery cuts the object.
  mutating func takeVelocity(of before: FullSight) {
    (velocityX, velocityY) = (before.velocityX, before.velocityY)
    guard before.anchorAge >= Self.stride else {
      (anchorX, anchorY, anchorAge) = (before.anchorX, before.anchorY, before.anchorAge)
      return
    }
    let t = Float(before.anchorAge)
    velocityX += 0.5 * ((centreX - before.anchorX) / t - velocityX)
    velocityY += 0.5 * ((centreY - before.anchorY) / t - velocityY)
  }

  /// Comes to lie over what is seen of the object.
  mutating func cover(_ part: GridPart) {
    func shift(_ first: Int, _ last: Int, _ centre: Float, _ reach: Float) -> Float {
      let (low, high) = (Float(last) + 0.5 - reach, Float(first) - 0.5 + reach)
      return low < high ? min(max(centre, low), high) - centre : (low + high) / 2 - centre
    }
    centreX += shift(part.left, part.right, centreX, reachX)
    centreY += shift(part.top, part.bottom, centreY, reachY)
  }

  /// Whether something from `first` to `last` column and row goes beyond the object.
  func isExceeded(left: Int, top: Int, right: Int, bottom: Int) -> Bool {
    let (x, y) = (reachX + Self.slack, reachY + Self.slack)
    return Float(left) < centreX - x || Float(right) > centreX + x || Float(top) < centreY - y
      || Float(bottom) > centreY + y
  }

  /// Whether the object is large enough to be seen at both parts.
  func holds(_ one: GridPart, _ other: GridPart) -> Bool {
    let (x, y) = (2 * (reachX + Self.slack), 2 * (reachY + Self.slack))
    return Float(max(one.right, other.right) - min(one.left, other.left)) <= x
      && Float(max(one.bottom, other.bottom) - min(one.top, other.top)) <= y
  }

  /// Whether a place is outside the object.
  func isOutside(x: Float, y: Float) -> Bool {
    abs(x - centreX) > reachX + Self.slack || abs(y - centreY) > reachY + Self.slack
  }

  /// How far a place is from the object, in units of its size; within 1 it may be part of it.
  func distance(x: Float, y: Float) -> Float {
    let t = Float(age)
    // What stops or turns meanwhile is not where it was expected.
    let (slackX, slackY) = (2 + 0.25 * abs(velocityX) * t, 2 + 0.25 * abs(velocityY) * t)
    return max(abs(x - centreX) / (reachX + slackX), abs(y - centreY) / (reachY + slackY))
  }
}

extension TrackerCore {
  /// Notes the slots that are seen whole, as large as in the frames before, and those of which scenery hides a part.
  mutating func noteFullSights() {
    for k in slots.indices where slots[k].live && slots[k].id > 0 {
      slots[k].spanning = max(slots[k].spanning - 1, 0)
      let area = Float(slots[k].ownedCells)
      // What stays small for long has become smaller.
      let before = slots[k].sight.flatMap { $0.age <= FullSight.lifetime ? $0 : nil }
      slots[k].veiled = area < configuration.wholeShare * (before?.area ?? 0) && !touchesEdge(slots[k])
      guard slots[k].unseen == 0, let main = parts.largest(of: k + 1) else { continue }
      let part = parts.list[main]
      let isWhole = area >= FullSight.fullShare * (before?.area ?? 0)
      guard slots[k].covered < 0.1, slots[k].spanning == 0, isWhole else {
        // What another one may own says nothing about its place.
        if !slots[k].shares { slots[k].sight?.cover(part) }
        continue
      }
      note(part, area: area, of: k, before)
    }
  }

  private mutating func note(_ part: GridPart, area: Float, of k: Int, _ before: FullSight?) {
    func kept(_ value: Float, _ before: Float?) -> Float { max(value, FullSight.shrinkage * (before ?? 0)) }
    var sight = FullSight(
      area: kept(area, before?.area), centreX: part.centreX, centreY: part.centreY,
      reachX: kept(Float(part.right - part.left + 1) / 2, before?.reachX),
      reachY: kept(Float(part.bottom - part.top + 1) / 2, before?.reachY),
      velocityX: slots[k].velocityX, velocityY: slots[k].velocityY, anchorX: part.centreX, anchorY: part.centreY)
    if let before {
      let isClear = area <= FullSight.growth * before.area && !touchesEdge(slots[k])
      if isClear { sight.takeVelocity(of: before) }
      sight.isSettled = before.isSettled || isClear
    }
    slots[k].sight = sight
  }

  /// The object, hidden in part or wholly, of which a part is likely to be what comes out, by place and colour.
  func reappearing(_ part: GridPart, label: Int32) -> Int? {
    var found: Int?
    var best = Float.infinity
    for k in slots.indices where slots[k].live && slots[k].id > 0 {
      guard let sight = slots[k].sight, sight.age > 0 else { continue }
      let owned = Float(slots[k].ownedCells)
      guard owned < configuration.wholeShare * sight.area, owned + Float(part.area) < 1.3 * sight.area else { continue }
      let distance = sight.distance(x: part.centreX, y: part.centreY)
      guard distance < 1, !isApart(part, from: k, sight) else { continue }
      let colour = meanColour(of: part, label: label, for: k)
      guard colour > -0.3, distance - 0.5 * colour < best else { continue }
      (found, best) = (k, distance - 0.5 * colour)
    }
    return found
  }

  /// Whether open ground lies between a part and what is seen of a slot, and more than its object can bridge.
  private func isApart(_ part: GridPart, from k: Int, _ sight: FullSight) -> Bool {
    guard let main = parts.largest(of: k + 1), !sight.holds(part, parts.list[main]) else { return false }
    return isOpen(between: part.bounds, parts.list[main].bounds)
  }

  /// Cells that scenery hides of a slot's object, if it would also be at the place of a part.
  func missingArea(of k: Int, at part: GridPart) -> Float {
    guard slots[k].id > 0, let sight = slots[k].sight, sight.age > 0, sight.age <= FullSight.lifetime,
      sight.distance(x: part.centreX, y: part.centreY) < 1
    else { return 0 }
    return FullSight.tolerance * sight.area - Float(slots[k].ownedCells)
  }
}
