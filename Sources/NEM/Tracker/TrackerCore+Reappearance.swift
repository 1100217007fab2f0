/// An object when it was last seen whole: where it must be while scenery hides a part of it, if it goes on as it did.
struct FullSight {
  /// Frames after which it says nothing any more.
  static let lifetime = 60

  var frame: Int
  /// Cells that were owned.
  var area: Float
  var centreX: Float
  var centreY: Float
  /// Half of its width and height.
  var reachX: Float
  var reachY: Float
  var velocityX: Float
  var velocityY: Float

  /// How far a place is from the object after some frames, in units of its size; within 1 it may be part of it.
  func distance(x: Float, y: Float, after frames: Int) -> Float {
    let t = Float(frames)
    // What stops or turns meanwhile is not where it was expected.
    let (slackX, slackY) = (2 + 0.25 * abs(velocityX) * t, 2 + 0.25 * abs(velocityY) * t)
    let u = abs(x - centreX - velocityX * t) / (reachX + slackX)
    let v = abs(y - centreY - velocityY * t) / (reachY + slackY)
    return max(u, v)
  }
}

extension TrackerCore {
  /// Notes the slots that are seen whole: as large as in the frames before.
  mutating func noteFullSights() {
    for k in slots.indices where slots[k].live && slots[k].id > 0 {
      slots[k].spanning = max(slots[k].spanning - 1, 0)
      let area = Float(slots[k].ownedCells)
      let before = slots[k].sight
      // What stays small for long has become smaller.
      let isRecent = frameIndex - (before?.frame ?? 0) <= FullSight.lifetime
      let least = isRecent ? configuration.wholeShare * (before?.area ?? 0) : 0
      guard slots[k].unseen == 0, slots[k].covered < 0.1, slots[k].spanning == 0, area >= least,
        let main = parts.largest(of: k + 1)
      else { continue }
      let part = parts.list[main]
      let rate: Float = before == nil ? 1 : configuration.sightRate
      let (vx, vy) = (before?.velocityX ?? 0, before?.velocityY ?? 0)
      slots[k].sight = FullSight(
        frame: frameIndex, area: max(area, 0.97 * (before?.area ?? 0)), centreX: part.centreX, centreY: part.centreY,
        reachX: Float(part.right - part.left + 1) / 2, reachY: Float(part.bottom - part.top + 1) / 2,
        velocityX: vx + rate * (slots[k].velocityX - vx), velocityY: vy + rate * (slots[k].velocityY - vy))
    }
  }

  /// The object, hidden in part or wholly, of which a part is likely to be what comes out.
  func reappearing(_ part: GridPart, label: Int32) -> Int? {
    var found: Int?
    var nearest: Float = 1
    for k in slots.indices where slots[k].live && slots[k].id > 0 {
      guard let sight = slots[k].sight, frameIndex > sight.frame else { continue }
      let owned = Float(slots[k].ownedCells)
      guard owned < configuration.wholeShare * sight.area, owned + Float(part.area) < 1.3 * sight.area else { continue }
      let distance = sight.distance(x: part.centreX, y: part.centreY, after: frameIndex - sight.frame)
      guard distance < nearest, meanColour(of: part, label: label, for: k) > -0.3 else { continue }
      (found, nearest) = (k, distance)
    }
    return found
  }
}
