import Kernels
import Masks

/// The tracker's state and its frame, spread over extensions by step of the algorithm.
///
/// A structure, so that one exclusive access covers a whole frame.
struct TrackerCore {
  let configuration: TrackerConfiguration
  let width: Int
  let height: Int
  var slots: [ObjectSlot]
  var nextSerial = 1
  var nextId: Int32 = 1
  var frameIndex = 0

  /// Foreground evidence of the frame.
  var x: [Float]
  var colours: ColourModel
  /// Sum over slots of the unnormalised posteriors, and of the owned evidence γx.
  var total: [Float]
  var owned: [Float]
  /// 0 no foreground, 1 + slot, or `unexplained`.
  var owners: [Int16]
  /// Cells given to their owner by the fast path or growth, whatever their posterior.
  var forced: [Bool]
  /// Frames in which objects were seen at each cell, up to `FullSight.shownFrames`.
  var shown: [UInt8]
  var vain: VainPlaces
  var parts: GridParts
  var movers = SmallMovers()
  var pose: PoseSearch
  var logs: [Float]
  var sums: [Float]
  var best: [Float]
  var network: ShapePrediction?
  var recorder: TransitionRecorder?

  /// Slots that were given one of the components that they shared with another.
  var separated: [Int] = []
  /// Birth requests of this frame that found no free slot, and objects that ended.
  var refused = 0
  /// Cells of the largest part of this frame that was too small to be born.
  var largestSmall = 0
  var ended: [EndedSlot] = []
  /// Candidates that became objects in this frame.
  var confirmed: [ConfirmedCandidate] = []

  var unexplained: Int16 { Int16(slots.count + 1) }

  init(configuration: TrackerConfiguration, width: Int, height: Int, predictor: (any ShapePredictor)?) {
    self.configuration = configuration
    self.width = width
    self.height = height
    let cells = width * height
    slots = (0..<configuration.slots).map { _ in ObjectSlot(width: width, height: height) }
    x = [Float](repeating: 0, count: cells)
    colours = ColourModel(cells: cells)
    total = x
    owned = x
    best = x
    owners = [Int16](repeating: 0, count: cells)
    forced = [Bool](repeating: false, count: cells)
    shown = [UInt8](repeating: 0, count: cells)
    vain = VainPlaces(width: width, height: height)
    parts = GridParts(width: width, height: height)
    pose = PoseSearch(
      width: width, height: height,
      radius: max(configuration.searchRadius, configuration.youngSearchRadius, configuration.furthestLeap))
    logs = [Float](repeating: 0, count: (width + 1) * (height + 1))
    sums = logs
    network = predictor.map { ShapePrediction($0, slots: configuration.slots) }
  }

  /// One frame of generalised EM: predict, E, pose, E, ownership, appearance, births, splits, merges and deaths.
  mutating func step(_ frame: GridFrame) -> GridSegmentation {
    ended.removeAll(keepingCapacity: true)
    confirmed.removeAll(keepingCapacity: true)
    (refused, largestSmall) = (0, 0)
    // Not a number counts as no foreground.
    for i in x.indices { x[i] = frame.foreground[i] > 0 ? min(frame.foreground[i], 1) : 0 }
    colours.observe(frame, x, rate: configuration.histogramRate)
    predict()
    expect()
    findPoses()
    expect()
    assignOwners()
    completeTransitions()
    learnAppearance()
    countEvidence(isBlind: frame.isBlind)
    noteFullSights()
    keepIdentities()
    reshapeSeparated()
    mergeFragments()
    splitDivided()
    giveBirths()
    endObjects()
    network?.advance(slots, x, width: width, height: height, scratch: &logs)
    recorder?.note(
      slots, x, frame: frameIndex, floor: configuration.predictionFloor, width: width, height: height)
    frameIndex += 1
    return segmentation()
  }

  private mutating func completeTransitions() {
    guard recorder != nil else { return }
    let ownership = ownership()
    recorder?.complete(slots, ownership)
  }

  private mutating func predict() {
    let floor = configuration.predictionFloor
    for k in slots.indices where slots[k].live {
      slots[k].x += slots[k].velocityX
      slots[k].y += slots[k].velocityY
      (slots[k].predictedX, slots[k].predictedY) = (slots[k].x, slots[k].y)
      slots[k].sight?.advance()
      colours.logRatios(of: slots[k].histogram, into: &slots[k].colour)
      if let network, slots[k].isObscured {
        slots[k].formPrediction(
          residuals: network.residuals, slot: k, side: network.side, limit: configuration.residualLimit, floor: floor)
      } else {
        slots[k].formPrediction()
      }
      slots[k].render(floor: floor)
    }
  }

  /// γ of all slots for the evidence, given where they are now.
  private mutating func expect() {
    for i in total.indices { (total[i], owned[i]) = (0, 0) }
    for k in slots.indices where slots[k].live {
      slots[k].weigh(
        x, width: width, height: height, colours: colours, configuration, logs: &logs, sums: &sums, total: &total)
    }
    for k in slots.indices where slots[k].live {
      slots[k].normalise(
        x, width: width, height: height, total: total, background: configuration.backgroundConstant, owned: &owned)
    }
    for k in slots.indices where slots[k].live {
      slots[k].measureCover(x, width: width, height: height, owned: owned)
    }
  }

  /// Moves each slot that can be seen to where its ψ fits the evidence best.
  private mutating func findPoses() {
    for k in slots.indices where slots[k].live {
      let young = slots[k].age <= 2
      let occluded = slots[k].visible < configuration.hiddenShare && slots[k].covered > 0.3
      if occluded && !young {
        coast(k)
        continue
      }
      let found = findPose(k, young: young)
      guard found.overlap >= configuration.hiddenShare else {
        coast(k)
        continue
      }
      // Half hidden, the shift says where the visible rest is, not how fast the object goes.
      let trust = slots[k].veiled ? 0 : max(1 - configuration.coverDistrust * slots[k].covered, 0)
      let hasLeapt = young && found.distance > Float(configuration.youngSearchRadius)
      let rate = hasLeapt ? 1 : max(configuration.velocityRate * trust, 1 / Float(slots[k].age + 1))
      slots[k].x += found.shiftX
      slots[k].y += found.shiftY
      slots[k].velocityX += rate * found.shiftX
      slots[k].velocityY += rate * found.shiftY
      slots[k].render(floor: configuration.predictionFloor)
    }
  }

  /// Searches near the predicted place, and further away where little was found there: a new object's velocity is not
  /// known, and a fast one's changes more from frame to frame.
  private mutating func findPose(_ k: Int, young: Bool) -> PoseSearch.Pose {
    let near = young ? configuration.youngSearchRadius : configuration.searchRadius
    let found = search(k, radius: near, penalty: configuration.shiftPenalty, wide: young)
    let size = Float(max(slots[k].columns, slots[k].rows) - 2 * configuration.windowMargin)
    let reach = young ? configuration.youngLeap * size : configuration.leap * slots[k].speed
    let far = Int(min(reach, Float(configuration.furthestLeap)))
    guard found.overlap < configuration.poorOverlap, far > near, !slots[k].veiled, slots[k].covered < 0.1 else {
      return found
    }
    let share = Float(near) / Float(far)
    let other = search(k, radius: far, penalty: configuration.shiftPenalty * share * share, wide: true)
    return other.overlap >= max(configuration.poorOverlap, found.overlap + 0.1) ? other : found
  }

  private mutating func search(_ k: Int, radius: Int, penalty: Float, wide: Bool) -> PoseSearch.Pose {
    pose.search(slots[k], x, owned: owned, width: width, height: height, radius: radius, penalty: penalty, wide: wide)
  }

  private mutating func coast(_ k: Int) {
    slots[k].velocityX *= configuration.velocityDamping
    slots[k].velocityY *= configuration.velocityDamping
  }
}
