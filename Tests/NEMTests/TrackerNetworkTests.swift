import Kernels
import NEM
import Neural
import Scenes
import Testing

/// Adds the same residual everywhere and counts its calls in the first number of each state.
private final class ConstantPredictor: ShapePredictor {
  let window = 24
  let stateSize = 3
  let residual: Float
  var largestState: Float = 0
  var inputsAreFinite = true

  init(residual: Float) { self.residual = residual }

  func step(
    slots n: Int, inputs: UnsafePointer<Float>, states: UnsafeMutablePointer<Float>,
    residuals: UnsafeMutablePointer<Float>
  ) {
    for i in 0..<n * window * window * 3 where !inputs[i].isFinite { inputsAreFinite = false }
    for slot in 0..<n {
      states[slot * stateSize] += 1
      largestState = max(largestState, states[slot * stateSize])
    }
    for i in 0..<n * window * window { residuals[i] = residual }
  }
}

@Suite struct TrackerNetworkTests {
  private func run(
    _ frames: Int, predictor: (any ShapePredictor)?, record: ((SlotTransition) -> Void)? = nil
  ) -> [Image<Int32>] {
    var configuration = SilhouetteConfiguration()
    configuration.arrivalRate = 0.1
    var scene = SilhouetteScene(configuration: configuration, seed: 11)
    let tracker = ObjectTracker(predictor: predictor)
    tracker.recorder = record
    return (0..<frames).map { _ in tracker.step(GridFrame(scene.next())).labels }
  }

  @Test func aNetworkThatSaysNothingChangesNothing() {
    #expect(run(150, predictor: ConstantPredictor(residual: 0)) == run(150, predictor: nil))
  }

  @Test func aPredictorsInputsAreThoseOfTheTracker() throws {
    var network = NetworkDescription.shapePredictor
    func predictor() throws -> ShapeNetwork {
      try ShapeNetwork(
        Model(
          ModelDescription(kind: .objectCentred, network: network, observation: "bernoulli", slots: 8, command: ""),
          seed: 1))
    }
    #expect(try predictor().window == 24)
    network.seesOthers = true
    #expect(throws: ModelError.self) { try predictor() }
  }

  @Test func statesLiveAsLongAsTheirObjects() {
    let predictor = ConstantPredictor(residual: 0.3)
    let labels = run(400, predictor: predictor)
    #expect(predictor.largestState > 20 && predictor.largestState < 400)
    #expect(predictor.inputsAreFinite)
    #expect(labels != run(400, predictor: nil))
  }

  @Test func recordsAreSequencesWithTargetsInTheirWindows() {
    var records: [SlotTransition] = []
    let labels = run(150, predictor: nil) { records.append($0) }
    #expect(labels == run(150, predictor: nil))
    #expect(records.count > 100)
    var last: [Int: Int] = [:]
    var losses: (own: Float, empty: Float) = (0, 0)
    for record in records {
      if let frame = last[record.serial] { #expect(record.frame == frame + 1) }
      last[record.serial] = record.frame
      #expect(record.inputs.count == 24 * 24 * 3 && record.base.count == 24 * 24)
      #expect((record.target + record.weight + record.alignedTarget + record.alignedWeight).allSatisfy { 0...1 ~= $0 })
      for i in record.base.indices {
        losses.own += record.weight[i] * abs(record.target[i] - (record.base[i] > 0 ? 1 : 0))
        losses.empty += record.weight[i] * record.target[i]
      }
    }
    // The template itself must be a fair prediction, far better than none.
    #expect(losses.own < 0.4 * losses.empty)
  }
}
