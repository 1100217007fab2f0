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
  /// New objects of the last frame that found no free slot.
  private(set) var lastUnassigned = 0

  /// A stage whose pictures are kept until the next `inFlight` frames at most.
  init(_ segmenter: any Segmenter, _ first: VideoFrame, inFlight: Int) {
    self.segmenter = segmenter
    delay = ConfirmationDelay(frames: segmenter.confirmationDelay)
    preprocessor =
      switch segmenter.grid {
      case .columns(let width): Preprocessor(for: first, width: width)
      case .exact(let width, let height): Preprocessor(for: first, width: width, height: height)
      }
    upsampler = LabelUpsampler(
      gridWidth: preprocessor.width, gridHeight: preprocessor.height, width: first.width, height: first.height,
      pictures: inFlight)
  }

  /// Takes the next frame; returns the one that is decided now, if there is one.
  mutating func segment(_ evident: EvidentFrame) -> SegmentedPicture? {
    let grid = evident.foreground.pixels.withUnsafeBufferPointer {
      preprocessor.sample(evident.frame, foreground: $0)
    }
    let segmentation = segmenter.segment(grid)
    lastUnassigned = segmentation.unassigned
    return delay.push(segmentation, evident).map { picture($0, $1) }
  }

  /// The next of the frames that are left after the last one.
  mutating func finish() -> SegmentedPicture? { delay.popFirst().map { picture($0, $1) } }

  private mutating func picture(_ segmentation: GridSegmentation, _ evident: EvidentFrame) -> SegmentedPicture {
    let (frame, foreground) = (evident.frame, evident.foreground)
    let labels = upsampler.upsample(segmentation.labels, foreground: foreground)
    let objects = ObjectMeasures(labels, grid: segmentation.labels).records(segmentation.objects)
    return SegmentedPicture(
      frame: frame,
      segmented: SegmentedFrame(
        index: frame.index, timestamp: frame.timestamp, pts: frame.pts, labels: labels, foreground: foreground,
        objects: objects, ended: segmentation.ended.map { EndedObject(id: Int($0.id), reason: $0.reason) }))
  }
}
