import Kernels

/// The peer that most trackers are compared with: SORT (Bewley, Ge, Ott, Ramos & Upcroft, Simple Online and Realtime
/// Tracking, ICIP 2016) on the boxes of the foreground's components.
///
/// Each track predicts its box by a Kalman filter of constant velocity; predicted and seen boxes are paired so that the
/// sum of their overlaps is greatest, and pairs that overlap too little are parted again. The rules of life and death,
/// and the noise, are those of the authors' program. A track gets its number when it is first reported, so that numbers
/// start at 1 and none is missing.
public struct SORTTracker: MaskTracker {
  /// The paper's parameters; defaults as published.
  public struct Settings: Sendable, Equatable {
    /// Least intersection over union of a predicted box and the box it takes.
    public var minimumOverlap: Double
    /// Frames a track may be missed before it ends.
    public var maximumAge: Int
    /// Frames in a row that a track must be found after its first before it is reported; none at a video's beginning.
    public var minimumHits: Int
    /// Smaller components are noise; in pixels. SORT itself takes every box of its detector.
    public var minimumArea: Int

    /// Settings for links.
    public init(minimumOverlap: Double = 0.3, maximumAge: Int = 1, minimumHits: Int = 3, minimumArea: Int = 20) {
      self.minimumOverlap = minimumOverlap
      self.maximumAge = maximumAge
      self.minimumHits = minimumHits
      self.minimumArea = minimumArea
    }
  }

  private struct Track {
    var filter: SORTFilter
    var id: Int?
    var missed = 0
    var hitsInARow = 0

    mutating func predict() {
      filter.predict()
      if missed > 0 { hitsInARow = 0 }
      missed += 1
    }

    mutating func correct(_ bounds: PixelRect) {
      filter.correct(SORTFilter.Box(bounds))
      missed = 0
      hitsInARow += 1
    }
  }

  private var settings: Settings
  private var tracks: [Track] = []
  private var frames = 0
  private var nextID = 1

  /// The objects reported in the last frame, by rising number.
  public private(set) var objects: [ObjectRecord] = []
  /// The numbers of all reported objects that live, those missed at present included, rising.
  public var aliveIDs: [Int] { tracks.compactMap(\.id).sorted() }

  /// Smaller components are noise; in pixels.
  public var minimumArea: Int {
    get { settings.minimumArea }
    set { settings.minimumArea = newValue }
  }

  /// A tracker that has seen nothing.
  public init(settings: Settings = Settings()) {
    self.settings = settings
  }

  /// Takes the next frame's foreground; labels are the components' pixels, those of unreported tracks stay 0.
  public mutating func step(_ foreground: Image<UInt8>) -> (labels: Image<Int32>, ended: [Int]) {
    frames += 1
    let components = Components(foreground).removing(smallerThan: settings.minimumArea)
    for t in tracks.indices { tracks[t].predict() }
    let trackOf = link(components.list)
    objects = []
    let numbers = zip(components.list, trackOf).map { component, track in
      report(track, as: component)
    }
    objects.sort { $0.id < $1.id }
    let ended = tracks.filter { $0.missed > settings.maximumAge }.compactMap(\.id).sorted()
    tracks.removeAll { $0.missed > settings.maximumAge }
    return (components.labels(numbered: numbers), ended)
  }

  /// Forgets all objects, as at a video's beginning; their numbers are not used again.
  public mutating func restart() { (tracks, frames) = ([], 0) }

  /// Leaves out the numbers up to `id`.
  public mutating func skipIDs(through id: Int) { nextID = max(nextID, id + 1) }

  /// Carries the tracks, the frames so far and the next number.
  public mutating func carry(_ archive: inout StateArchive) throws(StateFault) {
    try archive.carry(&nextID, in: 1...Int(Int32.max))
    try archive.carry(&frames, in: 0...(1 << 48))
    let next = nextID
    let blank = Track(filter: SORTFilter(SORTFilter.Box(.empty)))
    try archive.carry(list: &tracks, blank: blank) { (track, archive) throws(StateFault) in
      try track.filter.carry(&archive)
      try archive.carry(optional: &track.id, blank: 0) { (id, archive) throws(StateFault) in
        try archive.carry(&id, in: 1...max(1, next - 1))
      }
      try archive.carry(&track.missed, in: 0...(1 << 32))
      try archive.carry(&track.hitsInARow, in: 0...(1 << 48))
    }
    let ids = tracks.compactMap(\.id)
    try archive.check(Set(ids).count == ids.count, "it holds two objects of one number")
  }

  /// Gives each component a track, a new one where no track predicted it, and corrects the tracks.
  private mutating func link(_ components: [Component]) -> [Int] {
    var trackOf = pair(components)
    for (index, component) in components.enumerated() {
      if let track = trackOf[index] {
        tracks[track].correct(component.bounds)
      } else {
        trackOf[index] = tracks.count
        tracks.append(Track(filter: SORTFilter(SORTFilter.Box(component.bounds))))
      }
    }
    return trackOf.map { $0! }
  }

  /// The track of each component whose prediction it overlaps enough, by the greatest sum of overlaps.
  private func pair(_ components: [Component]) -> [Int?] {
    let boxes = tracks.map(\.filter.box)
    let overlaps = components.flatMap { component in
      boxes.map { SORTFilter.Box(component.bounds).overlap($0) }
    }
    if let unique = uniquePairs(overlaps, components.count) { return unique }
    let best = Assignment.minimumCost(overlaps.map { -$0 }, rows: components.count, columns: tracks.count)
    return best.enumerated().map { component, track in
      guard let track, overlaps[component * tracks.count + track] >= settings.minimumOverlap else { return nil }
      return track
    }
  }

  /// The pairs where overlaps that are great enough leave no choice; nil if they do. The authors' program takes these
  /// without looking for the greatest sum, which overlaps that are too small could turn.
  private func uniquePairs(_ overlaps: [Double], _ components: Int) -> [Int?]? {
    var trackOf = [Int?](repeating: nil, count: components)
    var isTaken = [Bool](repeating: false, count: tracks.count)
    for component in 0..<components {
      for track in tracks.indices
      where overlaps[component * tracks.count + track] >= settings.minimumOverlap {
        if trackOf[component] != nil || isTaken[track] { return nil }
        (trackOf[component], isTaken[track]) = (track, true)
      }
    }
    return trackOf
  }

  /// The number under which a track appears in this frame, 0 if it is not trusted yet.
  private mutating func report(_ track: Int, as component: Component) -> Int32 {
    guard tracks[track].hitsInARow >= settings.minimumHits || frames <= settings.minimumHits else { return 0 }
    let id = tracks[track].id ?? nextID
    if tracks[track].id == nil { nextID += 1 }
    tracks[track].id = id
    objects.append(
      ObjectRecord(
        id: id, bounds: component.bounds, area: component.area, centroidX: component.centroidX,
        centroidY: component.centroidY, confidence: 1))
    return Int32(truncatingIfNeeded: id)
  }
}
