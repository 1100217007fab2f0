import Background
import Kernels
import NEM
import VideoIO

/// Objects that stand, as the background learns of them: of the last frames, the oldest first, in place of the queue.
typealias StandingQueue = [StandingObjects?]

/// Where the background stage stands.
struct BackgroundProgress {
  var stage: BackgroundStage
  /// Frames of this scene.
  var age: Int
  var scene: Int
  /// The number of the next frame.
  var frames: Int

  /// Carries all but the number.
  mutating func carry(_ archive: inout StateArchive) throws(StateFault) {
    try archive.carry(&age, in: 0...(1 << 48))
    try archive.carry(&scene, in: 0...(1 << 48))
    try stage.carry(&archive)
    try archive.finish()
  }
}

/// Where the segmentation stage stands.
struct SegmentationProgress {
  var stage: SegmentationStage
  var scene: Int
  var feedback: StandingQueue

  /// Carries the stage, apart from the frames that it holds.
  mutating func carry(_ archive: inout StateArchive) throws(StateFault) {
    try archive.carry(&scene, in: 0...(1 << 48))
    for index in feedback.indices { try stage.carry(standing: &feedback[index], &archive) }
    try stage.carry(&archive)
    try archive.finish()
  }

  /// Carries the frames held and the totals of the run; `frames` are the pictures to be read into.
  mutating func carryRest(
    _ archive: inout StateArchive, frames: [VideoFrame], _ result: inout RunResult
  ) throws(StateFault) {
    try archive.carry(&result.frames, in: 0...(1 << 48))
    try archive.carry(&result.objects, in: 0...Int(Int32.max))
    try archive.carry(&result.unassigned, in: 0...(1 << 48))
    try stage.carryHeld(&archive, frames: frames)
    try archive.finish()
  }
}

/// The stages of a run as a saved state has them, in place of new ones.
public struct ResumedRun {
  var background: BackgroundProgress
  var segmentation: SegmentationProgress
  var result = RunResult()

  /// Reads a file up to the frame of the state, and takes the stages from there.
  ///
  /// Throws `StateFault` where they do not fit, and where the file ends before that frame. `watched` is that of the run.
  public init(
    continuing state: RunState, _ reader: VideoReader, _ segmenter: any Segmenter,
    _ configuration: BackgroundConfiguration, watched: Image<UInt8>? = nil
  ) throws {
    var (first, held): (VideoFrame?, [VideoFrame]) = (nil, [])
    var last: VideoFrame?
    for index in 0..<state.frames {
      guard let frame = try reader.next() else { throw StateFault("the input ends before its frame \(state.frames)") }
      first = first ?? frame
      last = frame
      if index >= state.frames - state.held { held.append(frame) }
    }
    guard let first, let last else { throw StateFault("it holds no frame") }
    try self.init(state, first, last, segmenter, configuration, watched)
    var archive = StateArchive(reading: state[.progress])
    try segmentation.carryRest(&archive, frames: held, &result)
    guard background.scene == last.scene, segmentation.scene == last.scene else {
      throw StateFault("it is of another input")
    }
  }

  /// Takes over from an earlier run on the same source before its frame `first`: the background and the objects are
  /// known, the frames are new.
  public init(
    warming state: RunState, first: VideoFrame, _ segmenter: any Segmenter, _ configuration: BackgroundConfiguration,
    watched: Image<UInt8>? = nil
  ) throws {
    try self.init(state, first, first, segmenter, configuration, watched)
    (background.scene, segmentation.scene) = (first.scene, first.scene)
  }

  private init(
    _ state: RunState, _ first: VideoFrame, _ last: VideoFrame, _ segmenter: any Segmenter,
    _ configuration: BackgroundConfiguration, _ watched: Image<UInt8>?
  ) throws {
    let masks = SegmentationRun.masksInFlight(segmenter)
    background = BackgroundProgress(
      stage: try BackgroundStage(last, configuration, watched: watched, inFlight: masks), age: 0, scene: 0,
      frames: state.frames)
    var archive = StateArchive(reading: state[.background])
    try background.carry(&archive)
    segmentation = SegmentationProgress(
      stage: SegmentationStage(segmenter, first, inFlight: SegmentationRun.picturesInFlight), scene: 0,
      feedback: Array(repeating: nil, count: SegmentationRun.feedbackLag))
    archive = StateArchive(reading: state[.segmentation])
    try segmentation.carry(&archive)
  }
}
