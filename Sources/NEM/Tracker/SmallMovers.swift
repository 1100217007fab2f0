import Kernels

/// Parts too small for an object, followed from frame to frame: what goes its way steadily is an object far away, and no
/// flicker or loose piece of another.
struct SmallMovers {
  /// Most parts that are followed.
  static let most = 64
  /// Frames without sight after which a part is given up.
  static let patience = 2
  /// Cells from its expected place up to which a part is the same; half its extent, if that is more.
  static let reach: Float = 3
  /// The same where its velocity is not known yet.
  static let firstReach: Float = 8
  /// Factor by which the area of a part may differ from what it was.
  static let likeArea: Float = 2.5
  /// New parts per frame from which they are weather or noise.
  static let turmoil: Float = 0.5
  /// Factor by which a frame counts less than the one after it.
  static let memory: Float = 0.98

  private var movers: [Mover] = []
  /// Sums over the frames so far of new parts, and of frames.
  private var newcomers: Float = 0
  private var frameWeight: Float = 0

  /// Expects all parts where their velocity takes them.
  mutating func advance() {
    newcomers *= Self.memory
    frameWeight = Self.memory * frameWeight + 1
    movers.removeAll { $0.unseen > Self.patience }
    for m in movers.indices {
      movers[m].x += movers[m].velocityX
      movers[m].y += movers[m].velocityY
      movers[m].unseen += 1
    }
  }

  /// Follows a part; returns its velocity once it has gone its way for long enough, and once more after as long a way.
  mutating func follow(_ part: GridPart) -> (x: Float, y: Float)? {
    guard let m = nearest(to: part) else {
      newcomers += 1
      if movers.count < Self.most { movers.append(Mover(part)) }
      return nil
    }
    movers[m].goOn(to: part)
    if movers[m].isBent { movers[m].beginAnew() }
    guard newcomers < Self.turmoil * frameWeight, movers[m].isSteady(extent: Float(part.extent)) else { return nil }
    movers[m].beginAnew()
    return (movers[m].velocityX, movers[m].velocityY)
  }

  private func nearest(to part: GridPart) -> Int? {
    var found: Int?
    var least = Float.infinity
    for m in movers.indices where movers[m].unseen > 0 {
      let ratio = Float(part.area) / movers[m].area
      guard ratio > 1 / Self.likeArea, ratio < Self.likeArea else { continue }
      let reach = movers[m].isNew ? Self.firstReach : max(Self.reach, Float(part.extent) / 2)
      let distance = max(abs(part.centreX - movers[m].x), abs(part.centreY - movers[m].y))
      if distance < min(reach, least) { (found, least) = (m, distance) }
    }
    return found
  }
}

/// A part that is followed.
private struct Mover {
  /// Frames in which it must be seen on its way.
  static let sightings = 8
  /// Cells of the way.
  static let travel: Float = 4
  /// Share of its own extent that the way must have.
  static let travelShare: Float = 0.5
  /// Share of its path that the straight way must be.
  static let straightness: Float = 0.8
  /// Least step, in cells, that counts for the path: smaller ones are noise.
  static let step: Float = 1
  /// Share of the shift found that is added to the velocity, and of a new area that is learned.
  static let rate: Float = 0.4

  var x: Float
  var y: Float
  var velocityX: Float = 0
  var velocityY: Float = 0
  var area: Float
  /// Where its way began.
  var firstX: Float
  var firstY: Float
  /// Last corner of its path, and the length of the path until there.
  var cornerX: Float
  var cornerY: Float
  var path: Float = 0
  /// Frames in which it was seen on its way.
  var seen = 1
  var unseen = 0
  /// Whether it was seen in one frame alone: nothing is known of its velocity.
  var isNew = true

  init(_ part: GridPart) {
    (x, y, area) = (part.centreX, part.centreY, Float(part.area))
    (firstX, firstY, cornerX, cornerY) = (x, y, x, y)
  }

  /// To be read into.
  static var blank: Mover { Mover(GridPart(value: 0, area: 1, left: 0, top: 0, right: 0, bottom: 0, sumX: 0, sumY: 0)) }

  mutating func goOn(to part: GridPart) {
    let rate = (isNew ? 1 : Self.rate) / Float(unseen)
    velocityX += rate * (part.centreX - x)
    velocityY += rate * (part.centreY - y)
    (x, y) = (part.centreX, part.centreY)
    area += Self.rate * (Float(part.area) - area)
    (seen, unseen, isNew) = (seen + 1, 0, false)
    let step = length(x - cornerX, y - cornerY)
    guard step >= Self.step else { return }
    path += step
    (cornerX, cornerY) = (x, y)
  }

  mutating func beginAnew() {
    (firstX, firstY, cornerX, cornerY) = (x, y, x, y)
    (path, seen) = (0, 1)
  }

  private var way: Float { length(x - firstX, y - firstY) }

  /// Whether it went far enough to be steady, but not straight.
  var isBent: Bool { path > 2 * Self.travel && way < Self.straightness * path }

  func isSteady(extent: Float) -> Bool {
    seen >= Self.sightings && way >= max(Self.travel, Self.travelShare * extent) && way >= Self.straightness * path
  }
}

private func length(_ x: Float, _ y: Float) -> Float { (x * x + y * y).squareRoot() }

extension TrackerCore {
  /// Follows a part that is too small for an object; makes one of it, and returns true, when it goes its way like one.
  mutating func followSmall(_ index: Int) -> Bool {
    let part = parts.list[index]
    guard part.area >= configuration.smallestMover, standsApart(index), let velocity = movers.follow(part),
      !goesAlong(part, velocity)
    else { return false }
    bear(index, velocityX: velocity.x, velocityY: velocity.y, alone: configuration.aloneFrames)
    return true
  }

  /// Whether no other part, of more than a third of its area, is so near that both may be pieces of one object.
  private func standsApart(_ index: Int) -> Bool {
    let part = parts.list[index]
    return !parts.list.indices.contains {
      $0 != index && 3 * parts.list[$0].area > part.area && parts.list[$0].gap(to: part) < part.extent
    }
  }

  /// Whether a part moves with a larger object near it, as reflections, shadows and loose pieces do.
  private func goesAlong(_ part: GridPart, _ velocity: (x: Float, y: Float)) -> Bool {
    isNearLarger(part, within: 2) { slot in
      let difference = length(slot.velocityX - velocity.x, slot.velocityY - velocity.y)
      return slot.unseen == 0 && difference < 0.5 * length(velocity.x, velocity.y)
    }
  }
}

extension SmallMovers: Checkpointed {
  /// Carries what is followed.
  mutating func carry(_ archive: inout StateArchive) throws(StateFault) {
    try archive.carry(&newcomers, in: 0...1e6)
    try archive.carry(&frameWeight, in: 0...1e6)
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
    try archive.carry(&isNew)
  }
}
