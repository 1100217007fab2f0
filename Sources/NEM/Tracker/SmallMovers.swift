import Kernels

/// Parts too small for an object, followed from frame to frame: what goes its way steadily is an object far away, and no
/// flicker or loose piece of another.
struct SmallMovers {
  /// Most parts that are followed.
  static let most = 64
  /// Frames in which a part must be seen, and the way it must go: so many cells, and so much of its extent.
  static let frames = 8
  static let travel: Float = 4
  static let travelShare: Float = 0.5
  /// Length of its way as it went, in steps of a cell at least, of which the straight way must be this share.
  static let straightness: Float = 0.8
  /// Frames without sight after which a part is given up.
  static let patience = 2
  /// Distance from its expected place up to which a part is the same, or half its extent.
  static let reach: Float = 3
  /// Share of the shift found that is added to the velocity.
  static let velocityRate: Float = 0.4
  /// New parts per frame from which they are weather or noise; frames count less by this factor as they grow older.
  static let turmoil: Float = 0.5
  static let memory: Float = 0.98

  private var movers: [Mover] = []
  /// Sums over the frames so far of new parts, and of frames.
  private var newcomers: Float = 0
  private var frames: Float = 0

  /// Expects all parts where their velocity takes them.
  mutating func advance() {
    newcomers *= Self.memory
    frames = Self.memory * frames + 1
    movers.removeAll { $0.unseen > Self.patience }
    for m in movers.indices {
      movers[m].x += movers[m].velocityX
      movers[m].y += movers[m].velocityY
      movers[m].unseen += 1
    }
  }

  /// Follows a part; returns its velocity once it has gone its way for long enough, and begins anew with it.
  mutating func follow(_ part: GridPart) -> (x: Float, y: Float)? {
    guard let m = nearest(to: part) else {
      newcomers += 1
      if movers.count < Self.most { movers.append(Mover(part)) }
      return nil
    }
    movers[m].goOn(to: part)
    guard newcomers < Self.turmoil * frames, movers[m].isSteady(extent: Float(part.extent)) else { return nil }
    let mover = movers.remove(at: m)
    return (mover.velocityX, mover.velocityY)
  }

  private func nearest(to part: GridPart) -> Int? {
    var found: Int?
    var least = max(Self.reach, Float(part.extent) / 2)
    for m in movers.indices where movers[m].unseen > 0 {
      let ratio = Float(part.area) / movers[m].area
      guard ratio > 0.4, ratio < 2.5 else { continue }
      let distance = max(abs(part.centreX - movers[m].x), abs(part.centreY - movers[m].y))
      if distance < least { (found, least) = (m, distance) }
    }
    return found
  }
}

/// A part that is followed.
private struct Mover {
  var x: Float
  var y: Float
  var velocityX: Float = 0
  var velocityY: Float = 0
  var area: Float
  var firstX: Float
  var firstY: Float
  /// Last corner of its way, and the length of the way until there.
  var cornerX: Float
  var cornerY: Float
  var path: Float = 0
  var seen = 1
  var unseen = 0

  init(_ part: GridPart) {
    (x, y, area) = (part.centreX, part.centreY, Float(part.area))
    (firstX, firstY, cornerX, cornerY) = (x, y, x, y)
  }

  /// To be read into.
  static var blank: Mover { Mover(GridPart(value: 0, area: 1, left: 0, top: 0, right: 0, bottom: 0, sumX: 0, sumY: 0)) }

  mutating func goOn(to part: GridPart) {
    let rate = SmallMovers.velocityRate / Float(unseen)
    velocityX += rate * (part.centreX - x)
    velocityY += rate * (part.centreY - y)
    (x, y) = (part.centreX, part.centreY)
    area += 0.2 * (Float(part.area) - area)
    (seen, unseen) = (seen + 1, 0)
    let step = length(x - cornerX, y - cornerY)
    guard step >= 1 else { return }
    path += step
    (cornerX, cornerY) = (x, y)
  }

  func isSteady(extent: Float) -> Bool {
    let way = length(x - firstX, y - firstY)
    return seen >= SmallMovers.frames && way >= max(SmallMovers.travel, SmallMovers.travelShare * extent)
      && way >= SmallMovers.straightness * path
  }
}

private func length(_ x: Float, _ y: Float) -> Float { (x * x + y * y).squareRoot() }

extension TrackerCore {
  /// Velocity of a part that is too small for an object but goes its way like one; nil if it does not.
  mutating func velocityOfSmallObject(_ index: Int) -> (x: Float, y: Float)? {
    let part = parts.list[index]
    guard part.area >= configuration.smallestMover, standsApart(index), let velocity = movers.follow(part),
      !goesAlong(part, velocity)
    else { return nil }
    return velocity
  }

  /// Whether no other part of a like size is so near that both may be pieces of one object.
  private func standsApart(_ index: Int) -> Bool {
    let part = parts.list[index]
    return !parts.list.indices.contains {
      $0 != index && 3 * parts.list[$0].area > part.area && parts.list[$0].gap(to: part) < part.extent
    }
  }

  /// Whether a part moves with a larger object near it, as reflections, shadows and loose pieces do.
  private func goesAlong(_ part: GridPart, _ velocity: (x: Float, y: Float)) -> Bool {
    slots.indices.contains { k in
      let isLarger = slots[k].live && slots[k].unseen == 0 && slots[k].ownedCells > 3 * part.area
      guard isLarger, let main = parts.largest(of: k + 1) else { return false }
      let difference = length(slots[k].velocityX - velocity.x, slots[k].velocityY - velocity.y)
      return difference < 0.5 * length(velocity.x, velocity.y)
        && part.gap(to: parts.list[main]) <= 2 * parts.list[main].extent
    }
  }
}

extension SmallMovers: Checkpointed {
  /// Carries what is followed.
  mutating func carry(_ archive: inout StateArchive) throws(StateFault) {
    try archive.carry(&newcomers, in: 0...1e6)
    try archive.carry(&frames, in: 0...1e6)
    try archive.carry(list: &movers, blank: .blank) { (mover, archive) throws(StateFault) in
      try mover.carry(&archive)
    }
  }
}

extension Mover {
  fileprivate mutating func carry(_ archive: inout StateArchive) throws(StateFault) {
    var numbers = [x, y, velocityX, velocityY, area, firstX, firstY, cornerX, cornerY, path]
    try archive.carry(&numbers, eachIn: -1e6...1e6)
    (x, y, velocityX, velocityY, area) = (numbers[0], numbers[1], numbers[2], numbers[3], numbers[4])
    (firstX, firstY, cornerX, cornerY, path) = (numbers[5], numbers[6], numbers[7], numbers[8], numbers[9])
    try archive.carry(&seen, in: 1...(1 << 48))
    try archive.carry(&unseen, in: 0...SmallMovers.patience + 1)
  }
}
