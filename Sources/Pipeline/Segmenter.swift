import Kernels
import Masks
import NEM

/// Assigns the pixels of successive frames to objects: what stands between the model grid and the mask streams.
///
/// One instance sees one stream, frame after frame, from one thread.
public protocol Segmenter: AnyObject {
  /// The grid that the segmenter needs for a picture of `width` × `height` pixels.
  func grid(width: Int, height: Int) -> SegmenterGrid
  /// Frames after its first one in which a candidate may become an object.
  var confirmationDelay: Int { get }
  /// Takes the next frame and says which object owns each cell.
  func segment(_ frame: GridFrame) -> GridSegmentation
  /// Forgets all objects: the next frame shows another picture. Their numbers are not used again.
  func restart()
  /// Carries the state, see `Checkpointed`, for a grid of `width` × `height` cells.
  func carry(_ archive: inout StateArchive, width: Int, height: Int) throws(StateFault)
  /// Leaves out the numbers up to `id`, which another run may have given.
  func skipIds(through id: Int32)
}

extension Segmenter {
  /// Segmenters without candidates need none.
  public var confirmationDelay: Int { 0 }
}

/// The size of a segmenter's grid.
public enum SegmenterGrid: Sendable, Equatable {
  /// At most this many columns, in the picture's proportions.
  case columns(Int)
  /// Exactly this size.
  case exact(width: Int, height: Int)
}

/// The segmenters there are.
public enum Segmenters {
  /// The object-centred RNN-EM tracker; without a predictor it is the parametric generalised EM.
  ///
  /// - Parameter smallest: pixels of the smallest object to be found; nil for as many as the usual grid shows.
  public static func objectCentred(
    _ configuration: TrackerConfiguration, predictor: (any ShapePredictor)?, seed: UInt64, smallest: Int? = nil
  ) -> any Segmenter {
    ObjectCentredSegmenter(configuration, predictor: predictor, seed: seed, smallest: smallest)
  }

  /// A baseline: connected components of the background subtractor's mask, linked by overlap or as another tracker does.
  ///
  /// - Parameter smallest: pixels of the smallest component that counts; nil for the tracker's own cells.
  public static func components(
    _ tracker: any MaskTracker = ComponentTracker(), smallest: Int? = nil
  ) -> any Segmenter {
    ComponentSegmenter(tracker, smallest: smallest)
  }

  /// The papers' full-frame RNN-EM with K = `slots`. Throws `ModelError` when the model is not a full-frame one.
  public static func fullFrame(_ model: Model, slots: Int, seed: UInt64) throws -> any Segmenter {
    try FullFrameSegmenter(model, slots: slots, seed: seed)
  }
}

/// The object-centred RNN-EM tracker; it is made when the first frame tells the size of the grid.
final class ObjectCentredSegmenter: Segmenter {
  var confirmationDelay: Int { configuration.confirmationFrames }
  private let configuration: TrackerConfiguration
  private var sizes: ObjectSizes
  private let predictor: (any ShapePredictor)?
  private let seed: UInt64
  private var tracker: ObjectTracker?
  private var firstId: Int32 = 1

  init(_ configuration: TrackerConfiguration, predictor: (any ShapePredictor)?, seed: UInt64, smallest: Int?) {
    self.configuration = configuration
    sizes = ObjectSizes(smallest: smallest)
    self.predictor = predictor
    self.seed = seed
  }

  func grid(width: Int, height: Int) -> SegmenterGrid { sizes.grid(width: width, height: height) }

  func segment(_ frame: GridFrame) -> GridSegmentation {
    let tracker = tracker ?? newTracker(width: frame.width, height: frame.height)
    self.tracker = tracker
    return tracker.step(frame)
  }

  private func newTracker(width: Int, height: Int) -> ObjectTracker {
    var configuration = configuration
    if let cells = sizes.cells(of: width * height) {
      (configuration.minimumArea, configuration.smallestMover) = (cells, cells)
    }
    return ObjectTracker(
      configuration: configuration, width: width, height: height, predictor: predictor, seed: seed, firstId: firstId)
  }

  func restart() {
    firstId = tracker?.nextId ?? firstId
    tracker = nil
  }

  func carry(_ archive: inout StateArchive, width: Int, height: Int) throws(StateFault) {
    try archive.carry(&firstId, in: 1...Int32.max)
    try archive.carry(optional: &tracker, blank: newTracker(width: width, height: height)) {
      (tracker, archive) throws(StateFault) in try tracker.carry(&archive)
    }
  }

  func skipIds(through id: Int32) {
    firstId = max(firstId, id + 1)
    tracker?.skipIds(through: id)
  }
}

/// The baselines: connected components of the background subtractor's mask, linked from frame to frame by a tracker.
final class ComponentSegmenter: Segmenter {
  private var tracker: any MaskTracker
  private var sizes: ObjectSizes

  init(_ tracker: any MaskTracker, smallest: Int?) {
    self.tracker = tracker
    sizes = ObjectSizes(smallest: smallest)
  }

  func grid(width: Int, height: Int) -> SegmenterGrid { sizes.grid(width: width, height: height) }

  func segment(_ frame: GridFrame) -> GridSegmentation {
    if let cells = sizes.cells(of: frame.width * frame.height) { tracker.minimumArea = cells }
    let moving = frame.foreground.map { $0 >= 0.5 ? UInt8.max : 0 }
    let mask = Image(width: frame.width, height: frame.height, pixels: moving)
    let step = tracker.step(mask)
    let seen = Set(tracker.objects.map(\.id))
    let objects = tracker.aliveIDs.map { GridObject(id: Int32($0), confidence: 1, hidden: !seen.contains($0)) }
    return GridSegmentation(
      labels: step.labels, objects: objects,
      ended: step.ended.map { EndedSlot(id: Int32($0), reason: .lost) }, unassigned: 0)
  }

  func restart() { tracker.restart() }

  func carry(_ archive: inout StateArchive, width: Int, height: Int) throws(StateFault) { try tracker.carry(&archive) }

  func skipIds(through id: Int32) { tracker.skipIDs(through: Int(id)) }
}

/// The papers' full-frame RNN-EM.
final class FullFrameSegmenter: Segmenter {
  private let tracker: FullFrameTracker

  init(_ model: Model, slots: Int, seed: UInt64) throws {
    tracker = try FullFrameTracker(model, slots: slots, seed: seed)
  }

  func grid(width: Int, height: Int) -> SegmenterGrid { .exact(width: tracker.width, height: tracker.height) }

  func segment(_ frame: GridFrame) -> GridSegmentation { tracker.step(frame) }

  func restart() { tracker.restart() }

  func carry(_ archive: inout StateArchive, width: Int, height: Int) throws(StateFault) { try tracker.carry(&archive) }

  func skipIds(through id: Int32) { tracker.skipIds(through: id) }
}
