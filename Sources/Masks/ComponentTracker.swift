import Kernels

/// Identities without learning, the bar that the tracker has to pass: the foreground's components are linked from frame
/// to frame by the overlap of their boxes, the best overlap first. A component that is missed for some frames keeps its
/// number; numbers start at 1 and are never used again.
public struct ComponentTracker: MaskTracker {
  /// What decides over links.
  public struct Settings: Sendable, Equatable {
    /// Least intersection over union of two linked boxes.
    public var minimumOverlap: Double
    /// Frames an object may be missed before it ends.
    public var memory: Int
    /// Smaller components are noise; in pixels.
    public var minimumArea: Int

    /// Settings for links.
    public init(minimumOverlap: Double = 0.1, memory: Int = 5, minimumArea: Int = 20) {
      self.minimumOverlap = minimumOverlap
      self.memory = memory
      self.minimumArea = minimumArea
    }
  }

  private struct Track {
    var id: Int
    var bounds: PixelRect
    var missed = 0
  }

  private var settings: Settings
  private var tracks: [Track] = []
  private var nextID = 1

  /// The objects seen in the last frame, by rising number.
  public private(set) var objects: [ObjectRecord] = []
  /// The numbers of all objects that live, those missed at present included, rising.
  public var aliveIDs: [Int] { tracks.map(\.id) }

  /// Smaller components are noise; in pixels.
  public var minimumArea: Int {
    get { settings.minimumArea }
    set { settings.minimumArea = newValue }
  }

  /// A tracker that has seen nothing.
  public init(settings: Settings = Settings()) {
    self.settings = settings
  }

  /// Takes the next frame's foreground.
  ///
  /// - Returns: object numbers per pixel (0 for none), and the numbers of the objects that have ended.
  public mutating func step(_ foreground: Image<UInt8>) -> (labels: Image<Int32>, ended: [Int]) {
    let components = Components(foreground).removing(smallerThan: settings.minimumArea)
    var idOf = link(components.list)
    let ended = tracks.filter { $0.missed > settings.memory }.map(\.id)
    tracks.removeAll { $0.missed > settings.memory }
    for (index, component) in components.list.enumerated() where idOf[index] == 0 {
      idOf[index] = nextID
      tracks.append(Track(id: nextID, bounds: component.bounds))
      nextID += 1
    }
    objects = zip(idOf, components.list).map { id, component in
      ObjectRecord(
        id: id, bounds: component.bounds, area: component.area, centroidX: component.centroidX,
        centroidY: component.centroidY, confidence: 1)
    }.sorted { $0.id < $1.id }
    return (components.labels(numbered: idOf.map { Int32(truncatingIfNeeded: $0) }), ended)
  }

  /// Forgets all objects; their numbers are not used again.
  public mutating func restart() { tracks = [] }

  /// Leaves out the numbers up to `id`.
  public mutating func skipIDs(through id: Int) { nextID = max(nextID, id + 1) }

  /// Carries the tracks and the next number.
  public mutating func carry(_ archive: inout StateArchive) throws(StateFault) {
    try archive.carry(&nextID, in: 1...Int(Int32.max))
    let next = nextID
    try archive.carry(list: &tracks, blank: Track(id: 0, bounds: .empty)) { (track, archive) throws(StateFault) in
      try archive.carry(&track.id, in: 1...max(1, next - 1))
      try archive.carry(&track.missed, in: 0...(1 << 32))
      try track.bounds.carry(&archive)
    }
    try archive.check(Set(tracks.map(\.id)).count == tracks.count, "it holds two objects of one number")
  }

  /// Gives each component the number of a track, or 0; tracks that found one take its box, the others count a miss.
  private mutating func link(_ components: [Component]) -> [Int] {
    var pairs: [(overlap: Double, track: Int, component: Int)] = []
    for t in tracks.indices {
      for (c, component) in components.enumerated() {
        let overlap = tracks[t].bounds.overlap(component.bounds)
        if overlap >= settings.minimumOverlap { pairs.append((overlap, t, c)) }
      }
    }
    // Ties fall to the older object and the upper component, so that the result does not depend on the sort.
    pairs.sort {
      $0.overlap != $1.overlap ? $0.overlap > $1.overlap : ($0.track, $0.component) < ($1.track, $1.component)
    }
    var idOf = [Int](repeating: 0, count: components.count)
    for t in tracks.indices { tracks[t].missed += 1 }
    for pair in pairs where idOf[pair.component] == 0 && tracks[pair.track].missed > 0 {
      idOf[pair.component] = tracks[pair.track].id
      tracks[pair.track].bounds = components[pair.component].bounds
      tracks[pair.track].missed = 0
    }
    return idOf
  }
}

extension PixelRect {
  /// Intersection over union of two rectangles' areas; 0 for empty ones.
  func overlap(_ other: PixelRect) -> Double {
    let w = min(x + width, other.x + other.width) - max(x, other.x)
    let h = min(y + height, other.y + other.height) - max(y, other.y)
    guard w > 0, h > 0 else { return 0 }
    return Double(w * h) / Double(width * height + other.width * other.height - w * h)
  }
}
