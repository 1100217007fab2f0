import NEM
import Neural
import Scenes
import Testing

/// Several ways to begin a clip, of which the one that explains it best counts.
@Suite struct StartsTests {
  private func model(starts: Int?, looks: Int?) throws -> Model {
    let network = NetworkDescription(
      input: [28, 28, 1], encoder: [.linear(16, activation: .elu)], cell: .linear(12, activation: .tanh),
      decoder: [.linear(28, 28, 1, activation: .sigmoid, normalized: false)], start: .seeds, looks: looks,
      starts: starts)
    return try Model(
      ModelDescription(kind: .fullFrame, network: network, observation: "bernoulli", slots: 2, command: ""), seed: 3)
  }

  /// Copies of one way are that way.
  @Test(arguments: [nil, 2]) func withOneSlotAllWaysAreOne(looks: Int?) throws {
    let source = FlyingShapes(objects: 1...1, frames: 4, seed: 5)
    let bce = try [nil, 3].map { starts in
      try SequenceEvaluation(try model(starts: starts, looks: looks), slots: 1, steps: 3)
        .run(source, count: 4, seed: 1, dataset: "", name: "").bce
    }
    #expect(abs(try #require(bce[0]) - #require(bce[1])) < 1e-3)
  }

  /// What each clip is begun with does not depend on how many are followed at once.
  @Test(arguments: [nil, 2]) func scoresDoNotDependOnTheBatch(looks: Int?) throws {
    let (model, source) = (try model(starts: 3, looks: looks), FlyingShapes(objects: 2...2, frames: 5, seed: 5))
    let scores = try [1, 2, 7].map { batch in
      try SequenceEvaluation(model, slots: 2, steps: 4, batch: batch)
        .run(source, count: 7, seed: 1, dataset: "", name: "")
    }
    #expect(scores[0] == scores[1] && scores[1] == scores[2])
  }

  /// γ and ψ are a way's own, on every frame, and the prediction is of all ways.
  @Test func aFrameIsOneWays() throws {
    let clip = FlyingShapes(objects: 2...2, frames: 5, seed: 5).sequence(0)
    let trace = try SequenceTrace(try model(starts: 3, looks: nil), clip, slots: 2, observed: 5, seed: 1)
    for step in trace.steps {
      for pixel in 0..<784 { #expect(abs(step.gamma[pixel] + step.gamma[784 + pixel] - 1) < 1e-5) }
      let largest = (0..<784).map { max(step.psi[$0], step.psi[784 + $0]) }
      let difference = zip(largest, step.prediction).map { abs($0 - $1) }.max() ?? 0
      #expect(0 < difference && difference < 0.5)
    }
  }

  @Test func gaussiansHaveOneWay() throws {
    var network = NetworkDescription.flyingMNIST
    network.starts = 2
    let description = ModelDescription(
      kind: .fullFrame, network: network, observation: "gaussian", slots: 2, command: "")
    #expect(throws: ModelError.self) { try Model(description, seed: 1) }
  }
}
