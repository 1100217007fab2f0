import NEM

/// What the tracker without a network sees of a stream, frame by frame: material for the shape predictor.
final class ShapeRecording {
  private(set) var clips: ShapeClips
  private let seed: UInt64
  private var tracker: ObjectTracker?

  /// An empty recording into `clips`.
  init(_ clips: ShapeClips, seed: UInt64) {
    self.clips = clips
    self.seed = seed
  }

  /// Tracks the next frame, unless there are clips enough; returns the number of objects.
  @discardableResult
  func add(_ frame: GridFrame) -> Int {
    guard !clips.isFull else { return 0 }
    let tracker = tracker ?? newTracker(width: frame.width, height: frame.height)
    self.tracker = tracker
    return tracker.step(frame).objects.count
  }

  private func newTracker(width: Int, height: Int) -> ObjectTracker {
    var configuration = TrackerConfiguration()
    // A few cells show no shape.
    configuration.smallestMover = configuration.minimumArea
    let tracker = ObjectTracker(
      configuration: configuration, width: width, height: height, predictor: nil, seed: seed)
    tracker.recorder = { [unowned self] in clips.add($0) }
    return tracker
  }
}
