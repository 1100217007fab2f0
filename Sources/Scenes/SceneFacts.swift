/// What can be told of a scene: how many objects, how often they cross, and when they cannot be seen.
public struct SceneFacts: Sendable, Equatable, Codable {
  /// A stretch of frames in which an object that was seen before, and is seen again after, is covered wholly.
  public struct Occlusion: Sendable, Equatable, Codable {
    /// The object that is hidden.
    public var id: Int
    /// First frame without a pixel of it, from 0.
    public var firstFrame: Int
    /// Last frame without a pixel of it.
    public var lastFrame: Int
    /// What covers it in any of these frames, rising; 0 is scenery.
    public var behind: [Int]

    /// A stretch of frames.
    public init(id: Int, firstFrame: Int, lastFrame: Int, behind: [Int]) {
      (self.id, self.firstFrame, self.lastFrame, self.behind) = (id, firstFrame, lastFrame, behind)
    }
  }

  /// Number of objects with at least one pixel.
  public var objects: Int
  /// Stretches of frames in which one of a pair of objects covers pixels of the other.
  public var crossings: Int
  /// All stretches without sight of an object, by their first frame.
  public var occlusions: [Occlusion]

  /// Gathers the facts of successive frames.
  public init(_ frames: [FrameFacts]) {
    objects = frames.reduce(into: Set<UInt16>()) { $0.formUnion($1.visible) }.count
    crossings = 0
    var before: Set<IDPair> = []
    for frame in frames {
      crossings += frame.overlaps.subtracting(before).count
      before = frame.overlaps
    }
    occlusions = Self.occlusions(frames)
  }

  private static func occlusions(_ frames: [FrameFacts]) -> [Occlusion] {
    var found: [Occlusion] = []
    var open: [UInt16: Occlusion] = [:]
    for (index, frame) in frames.enumerated() {
      let past = index > 0 ? frames[index - 1].visible : []
      for (id, covering) in frame.hidden {
        if past.contains(id) {
          open[id] = Occlusion(id: Int(id), firstFrame: index, lastFrame: index, behind: [])
        }
        let all = Set(open[id]?.behind ?? []).union(covering.map(Int.init))
        open[id]?.lastFrame = index
        open[id]?.behind = all.sorted()
      }
      for (id, occlusion) in open where frame.hidden[id] == nil {
        if frame.visible.contains(id) { found.append(occlusion) }
        open[id] = nil
      }
    }
    return found.sorted { ($0.firstFrame, $0.id) < ($1.firstFrame, $1.id) }
  }
}
