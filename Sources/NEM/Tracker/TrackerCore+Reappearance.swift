/// An object when it was last seen whole, moved on as it went then: where it must be while scenery hides a part of it.
struct FullSight {
  /// Frames after which it says nothing any more.
  static let lifetime = 60
  /// Share of its area that it keeps from frame to frame: what goes away shrinks slowly, what goes behind something fast.
  static let shrinkage: Float = 0.995
  static let refreshShare: Float = 0.97
  static let growth: Float = 1.03
  static let stride = 5

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
  /// An earlier place, and the frames since.
  var anchorX: Float
  var anchorY: Float
  var anchorAge = 0

  /// Goes on by one frame.
  mutating func advance() {
    age += 1
    anchorAge += 1
    centreX += velocityX
    centreY += velocityY
  }

  /// Takes the velocity from the way since an earlier sight: the pose of what is hidden in part follows its cut edge too.
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

  /// How far a place is from the object, in units of its size; within 1 it may be part of it.
  func distance(x: Float, y: Float) -> Float {
    let t = Float(age)
    // What stops or turns meanwhile is not where it was expected.
    let (slackX, slackY) = (2 + 0.25 * abs(velocityX) * t, 2 + 0.25 * abs(velocityY) * t)
    return max(abs(x - centreX) / (reachX + slackX), abs(y - centreY) / (reachY + slackY))
  }
}

extension TrackerCore {
  /// Notes the slots that are seen whole: as large as in the frames before.
  mutating func noteFullSights() {
    for k in slots.indices where slots[k].live && slots[k].id > 0 {
      slots[k].spanning = max(slots[k].spanning - 1, 0)
      let area = Float(slots[k].ownedCells)
      // What stays small for long has become smaller.
      let before = slots[k].sight.flatMap { $0.age <= FullSight.lifetime ? $0 : nil }
      slots[k].veiled = area < configuration.wholeShare * (before?.area ?? 0) && !touchesEdge(slots[k])
      guard slots[k].unseen == 0, let main = parts.largest(of: k + 1) else { continue }
      let part = parts.list[main]
      let isWhole = area >= FullSight.refreshShare * (before?.area ?? 0)
      guard slots[k].covered < 0.1, slots[k].spanning == 0, isWhole else {
        slots[k].sight?.cover(part)
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
    if let before, area <= FullSight.growth * before.area, !touchesEdge(slots[k]) { sight.takeVelocity(of: before) }
    slots[k].sight = sight
  }

  /// The object, hidden in part or wholly, of which a part is likely to be what comes out.
  func reappearing(_ part: GridPart, label: Int32) -> Int? {
    var found: Int?
    var nearest: Float = 1
    for k in slots.indices where slots[k].live && slots[k].id > 0 {
      guard let sight = slots[k].sight, sight.age > 0 else { continue }
      let owned = Float(slots[k].ownedCells)
      guard owned < configuration.wholeShare * sight.area, owned + Float(part.area) < 1.3 * sight.area else { continue }
      let distance = sight.distance(x: part.centreX, y: part.centreY)
      guard distance < nearest, meanColour(of: part, label: label, for: k) > -0.3 else { continue }
      (found, nearest) = (k, distance)
    }
    return found
  }
}
