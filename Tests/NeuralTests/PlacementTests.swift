import CKernels
import Kernels
import Testing

@testable import Neural

/// Windows placed in pictures and cut out of them.
@Suite struct PlacementTests {
  /// Odd sizes, windows that stick out on all sides, lines longer than a vector.
  @Test(arguments: [(5, 7, 1, 3, 2), (6, 19, 3, 4, 1), (4, 4, 2, 4, 3)])
  func kernelsMatchPlainLoops(_ height: Int, _ width: Int, _ channels: Int, _ side: Int, _ pad: Int) {
    var random = RandomSource(seed: 5)
    let rows = 3
    let places = [width, height].map { $0 - side + 1 + 2 * pad }
    func draw(_ count: Int) -> [Float] { (0..<rows * count).map { _ in random.uniform() } }
    let shape = nem_placement(rows: rows, height: height, width: width, channels: channels, side: side, pad: pad)
    let (window, picture) = (side * side * channels, height * width * channels)
    let (beliefs, windows, pictures) = (draw(places[0] + places[1]), draw(window), draw(picture))
    var strips = [Float](repeating: 0, count: rows * side * width * channels)
    var placed = [Float](repeating: .nan, count: rows * picture)
    var cut = [Float](repeating: .nan, count: rows * window)
    nem_place(shape, beliefs, windows, &strips, &placed)
    nem_cut(shape, beliefs, pictures, &strips, &cut)
    for row in 0..<rows {
      func part(_ values: [Float]) -> [Float] {
        Array(values[row * values.count / rows..<(row + 1) * values.count / rows])
      }
      let expectedPicture = ReferenceLayers.place(
        part(windows), belief: part(beliefs), shape: [height, width, channels], side: side, pad: pad)
      let expectedWindow = ReferenceLayers.cut(
        part(pictures), belief: part(beliefs), shape: [height, width, channels], side: side, pad: pad)
      #expect(zip(part(placed), expectedPicture).allSatisfy { abs($0 - $1) < 1e-5 * max(1, $1) })
      #expect(zip(part(cut), expectedWindow).allSatisfy { abs($0 - $1) < 1e-5 * max(1, $1) })
    }
  }

  /// Also where there are more places than a vector holds, and windows that stick out.
  @Test(arguments: [(5, 7, 3, 2), (6, 30, 4, 1), (4, 4, 4, 0)])
  func evidenceMatchesPlainLoops(_ height: Int, _ width: Int, _ side: Int, _ pad: Int) {
    var random = RandomSource(seed: 6)
    let (rows, least) = (3, Float(0.02))
    func draw(_ count: Int) -> [[Float]] { (0..<rows).map { _ in (0..<count).map { _ in random.uniform() } } }
    let (frames, others, windows) = (draw(height * width), draw(height * width), draw(side * side))
    let shape = nem_placement(rows: rows, height: height, width: width, channels: 1, side: side, pad: pad)
    let places = nem_places(width, side, pad) * nem_places(height, side, pad)
    var scratch = [Float](repeating: .nan, count: rows * nem_place_evidence_scratch(shape))
    var evidence = [Float](repeating: .nan, count: rows * places)
    nem_place_evidence(
      shape, frames.flatMap { $0 }, others.flatMap { $0 }, windows.flatMap { $0 }, least, &scratch, &evidence)
    let expected = (0..<rows).flatMap { row in
      ReferenceLayers.placeEvidence(
        frames[row], others: others[row], window: windows[row], shape: [height, width], side: side, pad: pad,
        least: least)
    }
    #expect(zip(evidence, expected).allSatisfy { abs($0 - $1) < 1e-4 })
  }

  /// Without evidence a belief moves as its kernel says; with it, it goes where the evidence is, however far.
  @Test func beliefsMoveAndJump() {
    let step = BeliefStep(places: 9, taps: 3)
    var before = [Float](repeating: 0, count: 9)
    before[4] = 1
    var evidence = [Float](repeating: 0, count: 9)
    var after = evidence
    step.forward(before: before, kernel: [-20, -20, 20], evidence: evidence, after: &after)
    #expect(after[5] > 0.99)
    evidence[0] = 20
    step.forward(before: before, kernel: [-20, -20, 20], evidence: evidence, after: &after)
    #expect(after[0] > 0.99)
    #expect(abs(after.reduce(0, +) - 1) < 1e-5)
  }

  /// A state of zeros may be anywhere, and the state that a step leaves is the next one's start.
  @Test func aStateGoesOn() throws {
    let description = NetworkDescription(
      input: [6, 6, 1], encoder: [.linear(4, activation: .elu)], cell: .lstm(3),
      decoder: [.linear(5, activation: .relu)],
      placement: PlacementDescription(side: 4, margin: 1, reach: 1, encoder: [.linear(3, activation: .elu)]))
    let (whole, stepwise) = (try description.makeNetwork(seed: 1), try description.makeNetwork(seed: 1))
    whole.reserve(steps: 3, batch: 2, slots: 2, training: false)
    stepwise.reserve(steps: 1, batch: 2, slots: 2, training: false)
    var random = RandomSource(seed: 8)
    for step in 0..<3 {
      for index in 0..<2 * whole.inputCount {
        whole.input(step)[index] = random.uniform(-1, 1)
        stepwise.input(0)[index] = whole.input(step)[index]
      }
      try whole.forward(step)
      try stepwise.forward(0)
      for index in 0..<72 { #expect(abs(whole.output(step)[index] - stepwise.output(0)[index]) < 1e-6) }
      stepwise.initialState.update(from: stepwise.state(after: 0), count: 2 * stepwise.stateSize)
    }
  }

  @Test func faultsAreNamed() {
    func fault(
      _ side: Int, reach: Int = 1, encoder: [LayerDescription] = [.linear(2, activation: .elu)]
    ) -> String? {
      NetworkDescription(
        input: [6, 8, 1], encoder: [.linear(4, activation: .elu)], cell: .lstm(3), decoder: [],
        placement: PlacementDescription(side: side, margin: 1, reach: reach, encoder: encoder)
      ).fault
    }
    #expect(fault(4) == nil)
    #expect(fault(7) == "a placement's side must be 2 to 256 and within the picture")
    #expect(fault(6, reach: 5) == nil)
    #expect(fault(6, reach: 6) == "a placement's reach is more than the places there are")
    #expect(fault(4, encoder: []) == "a placement needs an encoder of its window")
    #expect(fault(4, encoder: [.linear(0, activation: .elu)]) == "layer linear [0] is out of range")
  }
}
