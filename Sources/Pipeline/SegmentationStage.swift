import Background
import Kernels
import Masks
import NEM
import VideoIO

/// From a frame and its foreground to objects at source size: grid, segmenter, upsampling, measures.
struct SegmentationStage {
  private let segmenter: any Segmenter
  private var preprocessor: Preprocessor
  private var upsampler: LabelUpsampler
  private var delay: ConfirmationDelay<EvidentFrame>
  /// Objects alive in the last frame, and those that end with the next because tracking begins anew.
  private var alive: [Int32] = []
  private var abandoned: [Int32] = []
  private var standing: StandingCells
  /// New objects of the last frame that found no free slot.
  private(set) var lastUnassigned = 0
  /// Pixels of what moved in the last frame and was too small for an object, the largest of them.
  private(set) var lastSmall = 0

  /// A stage whose pictures are kept until the next `inFlight` frames at most.
  init(_ segmenter: any Segmenter, _ first: VideoFrame, inFlight: Int) {
    self.segmenter = segmenter
    delay = ConfirmationDelay(frames: segmenter.confirmationDelay)
    preprocessor =
      switch segmenter.grid(width: first.width, height: first.height) {
      case .columns(let width): Preprocessor(for: first, width: width)
      case .exact(let width, let height): Preprocessor(for: first, width: width, height: height)
      }
    standing = StandingCells(width: preprocessor.width, height: preprocessor.height)
    upsampler = LabelUpsampler(
      gridWidth: preprocessor.width, gridHeight: preprocessor.height, width: first.width, height: first.height,
      pictures: inFlight)
  }

  /// Takes the next frame; returns the one that is decided now, if there is one.
  mutating func segment(_ evident: EvidentFrame) -> SegmentedPicture? {
    var grid = evident.foreground.pixels.withUnsafeBufferPointer {
      preprocessor.sample(evident.frame, foreground: $0)
    }
    grid.isBlind = evident.isBlind
    var segmentation = segmenter.segment(grid)
    alive = segmentation.objects.map(\.id).filter { $0 > 0 }
    segmentation.ended += abandoned.map { EndedSlot(id: $0, reason: .restart) }
    abandoned = []
    lastUnassigned = segmentation.unassigned
    lastSmall = segmentation.largestSmall * evident.frame.width * evident.frame.height / (grid.width * grid.height)
    standing.observe(segmentation)
    return delay.push(segmentation, evident).map { picture($0, $1) }
  }

  /// What stands in the last frame, for the background to know `lag` frames later; nil if nothing does.
  func standing(after lag: Int) -> StandingObjects? { standing.objects(lag: lag) }

  /// The next of the frames that are left after the last one.
  mutating func finish() -> SegmentedPicture? { delay.popFirst().map { picture($0, $1) } }

  /// Begins anew with the next frame, after `finish` has returned all: what moved before is another object from then on.
  mutating func restart() {
    segmenter.restart()
    standing = StandingCells(width: preprocessor.width, height: preprocessor.height)
    abandoned = alive
    alive = []
  }

  /// Frames that wait for a decision.
  var held: Int { delay.count }

  /// Carries what the frames up to the last one have taught, apart from those held.
  mutating func carry(_ archive: inout StateArchive) throws(StateFault) {
    try segmenter.carry(&archive, width: preprocessor.width, height: preprocessor.height)
    try archive.carry(list: &alive)
    try archive.carry(list: &abandoned)
    try standing.carry(&archive)
  }

  /// Carries the frames held: their pictures are `frames`, where they are read.
  mutating func carryHeld(_ archive: inout StateArchive, frames: [VideoFrame]) throws(StateFault) {
    let blanks = frames.map {
      EvidentFrame(frame: $0, foreground: Image(width: $0.width, height: $0.height, fill: 0))
    }
    try delay.carry(&archive, width: preprocessor.width, height: preprocessor.height, companions: blanks) {
      (evident, archive) throws(StateFault) in try archive.carry(&evident.foreground.pixels)
    }
  }

  /// Carries objects that stand on the stage's grid, or that there are none.
  func carry(standing: inout StandingObjects?, _ archive: inout StateArchive) throws(StateFault) {
    let cells = Image<Int32>(width: preprocessor.width, height: preprocessor.height, fill: 0)
    try archive.carry(optional: &standing, blank: StandingObjects(cells: cells, arrived: [], lag: 0)) {
      (standing, archive) throws(StateFault) in try standing.carry(&archive)
    }
  }

  private mutating func picture(_ segmentation: GridSegmentation, _ evident: EvidentFrame) -> SegmentedPicture {
    let (frame, foreground) = (evident.frame, evident.foreground)
    let labels = upsampler.upsample(segmentation.labels, foreground: foreground)
    let objects = ObjectMeasures(labels, grid: segmentation.labels).records(segmentation.objects)
    return SegmentedPicture(
      frame: frame,
      segmented: SegmentedFrame(
        index: frame.index, timestamp: frame.timestamp, pts: frame.pts, labels: labels, foreground: foreground,
        objects: objects, ended: segmentation.ended.map { EndedObject(id: Int($0.id), reason: $0.reason) },
        unassigned: segmentation.unassigned, picture: frame))
  }
}
