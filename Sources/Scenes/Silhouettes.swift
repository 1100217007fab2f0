import Kernels

/// What a silhouette scene looks like. Lengths are in cells of the grid, times in frames, rates are probabilities.
public struct SilhouetteConfiguration: Sendable, Equatable, Codable {
  /// Columns of the grid.
  public var width = 96
  /// Rows of the grid.
  public var height = 54
  /// Most objects at the same time.
  public var maximumObjects = 5
  /// Chance of a new object in each frame while there is room.
  public var arrivalRate: Float = 0.05
  /// Least half axis, the larger of the two, of an object.
  public var minimumRadius: Float = 5
  /// Greatest half axis of an object.
  public var maximumRadius: Float = 12
  /// Least speed, cells per frame.
  public var minimumSpeed: Float = 0.3
  /// Greatest speed across the edge where an object enters, cells per frame.
  public var maximumSpeed: Float = 1.5
  /// Chance per frame that an object stops.
  public var stopRate: Float = 0.005
  /// Chance per frame that a standing object goes on.
  public var goRate: Float = 0.05
  /// Depth of the noise on outlines.
  public var raggedness: Float = 0.7
  /// Chance that an object has holes, as windows or missed patches.
  public var holeRate: Float = 0.4
  /// Chance per cell of a single false foreground cell.
  public var speckleRate: Float = 0.001
  /// Chance per frame that a patch of an object is missed, or that a false blob appears, for some frames.
  public var errorRate: Float = 0.02
  /// Whether the frames have chroma.
  public var colour = true

  /// The defaults.
  public init() {}

  /// The same scene without any error of the foreground.
  public var clean: SilhouetteConfiguration {
    var copy = self
    (copy.raggedness, copy.holeRate, copy.speckleRate, copy.errorRate) = (0, 0, 0, 0)
    return copy
  }
}

/// One frame of a silhouette scene; planes hold `width · height` values from 0 to 1.
public struct SilhouetteFrame: Sendable, Equatable {
  /// Columns of the grid.
  public let width: Int
  /// Rows of the grid.
  public let height: Int
  /// Share of foreground in each cell, with its errors.
  public var foreground: [Float]
  /// Luma of each cell.
  public var luma: [Float]
  /// Blue difference of each cell, 0.5 for gray; empty without colour.
  public var cb: [Float]
  /// Red difference of each cell, 0.5 for gray; empty without colour.
  public var cr: [Float]
  /// Id of the object in front at each cell, 0 for none. Ids start at 1 and are never used again.
  public var truth: Image<Int32>
}

/// An endless scene of silhouettes that enter, cross, hide each other, stop, deform and leave, with the faults that
/// background subtraction has: ragged outlines, holes, missed patches, speckle and false blobs.
///
/// The same configuration and seed give the same frames.
public struct SilhouetteScene: Sendable {
  /// What the scene looks like.
  public let configuration: SilhouetteConfiguration
  private var random: RandomSource
  private var actors: [SilhouetteActor] = []
  private var faults: [SilhouetteFault] = []
  private var nextId: Int32 = 1
  private let background: RandomSource

  /// A scene before its first frame; it starts empty.
  public init(configuration: SilhouetteConfiguration, seed: UInt64) {
    self.configuration = configuration
    random = RandomSource(seed: seed)
    background = RandomSource(seed: seed, index: 0)
  }

  /// Moves the scene on by one frame and draws it.
  public mutating func next() -> SilhouetteFrame {
    for i in actors.indices { actors[i].move(configuration, &random) }
    actors.removeAll { $0.isGone(configuration) }
    if actors.count < configuration.maximumObjects, random.uniform() < configuration.arrivalRate {
      actors.append(SilhouetteActor(id: nextId, configuration, &random))
      nextId += 1
      // Far ones are drawn first. Equal depths keep the order of arrival.
      actors.sort { ($0.depth, $1.id) > ($1.depth, $0.id) }
    }
    var frame = blankFrame()
    for actor in actors { actor.draw(into: &frame, configuration, &random) }
    addFaults(to: &frame)
    return frame
  }

  private func blankFrame() -> SilhouetteFrame {
    var texture = background
    let cells = configuration.width * configuration.height
    let chroma = configuration.colour ? [Float](repeating: 0.5, count: cells) : []
    return SilhouetteFrame(
      width: configuration.width, height: configuration.height, foreground: [Float](repeating: 0, count: cells),
      luma: (0..<cells).map { _ in texture.uniform(0.3, 0.5) }, cb: chroma, cr: chroma,
      truth: Image(width: configuration.width, height: configuration.height, fill: 0))
  }

  private mutating func addFaults(to frame: inout SilhouetteFrame) {
    faults.removeAll { $0.framesLeft == 0 }
    if random.uniform() < configuration.errorRate {
      faults.append(SilhouetteFault(near: actors.isEmpty ? nil : actors[0], configuration, &random))
    }
    for i in faults.indices { faults[i].apply(to: &frame) }
    guard configuration.speckleRate > 0 else { return }
    for i in frame.foreground.indices where random.uniform() < configuration.speckleRate {
      frame.foreground[i] = random.uniform(0.5, 1)
    }
  }
}
