import Foundation
import Kernels
import Neural
import Scenes
import Testing

@testable import NEM

/// Slots that remember a window, on shapes that fly over each other.
@Suite struct MemorySlotsTests {
  private static let side = 12

  private func model(seed: UInt64 = 1, starts: Int = 4) throws -> Model {
    var network = NetworkDescription.remembering([28, 28, 1], side: Self.side, reach: 2)
    network.encoder = [.linear(16, activation: .elu, normalized: false)]
    network.cell = .none(16)
    network.starts = starts
    return try Model(
      ModelDescription(kind: .fullFrame, network: network, observation: "bernoulli", slots: 2, command: ""), seed: seed)
  }

  private func options(updates: Int) -> TrainingOptions {
    var options = TrainingOptions()
    (options.slots, options.batch, options.steps, options.updates) = (1, 16, 5, updates)
    return options
  }

  private func shapes(_ count: Int, frames: Int, seed: UInt64 = 7) -> FlyingShapes {
    FlyingShapes(objects: count...count, frames: frames, seed: seed)
  }

  private func score(_ model: Model, objects: Int, steps: Int, slots: Int) throws -> SequenceScores {
    try SequenceEvaluation(model, slots: slots, steps: steps).run(
      shapes(objects, frames: steps + 1), count: 12, seed: 3, dataset: "", name: "")
  }

  /// Nothing needs to be learned for a memory to part what moves apart: the network is silent here.
  @Test func aMemoryAlonePartsShapes() throws {
    let model = try model()
    ShapeTrainer.silence(model)
    let scores = try score(model, objects: 2, steps: 10, slots: 2)
    #expect(try #require(scores.ami) > 0.9)
    let first = try score(model, objects: 2, steps: 1, slots: 2)
    #expect(try #require(first.ami) < #require(scores.ami))
    #expect(try #require(scores.bce) < #require(first.bce))
  }

  /// Of several ways to begin the better ones count.
  @Test func moreWaysToBeginAreBetter() throws {
    let amis = try [1, 8].map { starts in
      let model = try model(starts: starts)
      ShapeTrainer.silence(model)
      return try #require(try score(model, objects: 3, steps: 8, slots: 3).ami)
    }
    #expect(amis[1] > amis[0])
  }

  @Test func gammaSharesEachPixel() throws {
    let (model, clip) = (try model(), shapes(2, frames: 4).sequence(0))
    let trace = try SequenceTrace(model, clip, slots: 3, observed: 3, seed: 1)
    for step in trace.steps {
      for pixel in 0..<784 {
        let shares = (0..<3).map { step.gamma[$0 * 784 + pixel] }
        #expect(abs(shares.reduce(0, +) - 1) < 1e-5 && shares.allSatisfy { $0 > 0 })
      }
      #expect(step.psi.allSatisfy { (0...1.0001).contains($0) })
    }
  }

  /// The same clips, however many at once; also windows as large as the picture.
  @Test func scoresDoNotDependOnTheBatch() throws {
    let model = try model()
    let scores = try [1, 3].map { batch in
      try SequenceEvaluation(model, slots: 2, steps: 3, batch: batch)
        .run(shapes(2, frames: 4), count: 3, seed: 1, dataset: "", name: "")
    }
    #expect(scores[0] == scores[1])
    var network = model.description.network
    network.memory = MemoryDescription(side: 28, overhang: 0, reach: 1)
    network.decoder[0].outputs = [28, 28, 1]
    let whole = try Model(
      ModelDescription(kind: .fullFrame, network: network, observation: "bernoulli", slots: 2, command: ""), seed: 1)
    let bce = try SequenceEvaluation(whole, slots: 2, steps: 3)
      .run(shapes(2, frames: 4), count: 1, seed: 1, dataset: "", name: "").bce
    #expect(try #require(bce).isFinite)
  }

  /// A window that goes with a lone object shows the same at all times.
  @Test func loneObjectsTellTheirPlace() throws {
    for index in 0..<5 {
      let object = try LoneObject(shapes(1, frames: 12).sequence(index), side: Self.side)
      let windows = object.corners.enumerated().map { t, corner in
        var window = [Float](repeating: 0, count: Self.side * Self.side)
        object.clip.format.forEachPixel(of: corner, side: Self.side) { window[$0] = object.value($1, t) }
        return window
      }
      #expect(Set(windows).count == 1 && windows[0].contains(1))
      #expect(Set(object.corners.map(\.x)).count > 1 || Set(object.corners.map(\.y)).count > 1)
    }
  }

  /// With nothing over an object, all the light in its window is its own.
  @Test func examplesRememberTheirObject() throws {
    let object = try LoneObject(shapes(1, frames: 6).sequence(0), side: Self.side)
    let dark = LabelledSequence(
      format: object.clip.format, features: Array(repeating: 0, count: 6 * 784),
      groups: Array(repeating: 0, count: 6 * 784))
    let nothing = try LoneObject(dark, side: Self.side)
    for seed in 0..<20 {
      var random = RandomSource(seed: UInt64(seed))
      let example = MemoryExample(object, under: nothing, side: Self.side, &random)
      #expect(example.target.contains(1))
      #expect(zip(example.lit, example.looks).allSatisfy { $0 >= 0 && $0 <= $1 + 1e-5 })
      let light = zip(example.lit, example.target).reduce(Float(0)) { $0 + ($1.1 > 0 ? $1.0 : 0) }
      #expect(light > 0.5 * example.lit.reduce(0, +))
    }
  }

  @Test func aVideoNeedsAnotherModel() throws {
    let fault = try #require(throws: ModelError.self) { try FullFrameTracker(try model(), slots: 2, seed: 1) }
    #expect(fault.description.contains("a video needs another model"))
  }

  @Test func severalObjectsAreNoLesson() throws {
    let trainer = try Trainer(try model(), shapes(2, frames: 6), options: options(updates: 1))
    let fault = try #require(throws: ModelError.self) { try trainer.step() }
    #expect(fault.description.contains("clips of one object"))
  }

  /// The network comes to know more of a window than its memory says, for any number of threads.
  @Test func aNetworkLearnsToCompleteWindows() throws {
    let (one, two) = (try model(), try model())
    let trainers = try [(one, 1), (two, 2)].map { model, threads in
      try Trainer(model, shapes(1, frames: 6), options: options(updates: 60), threads: threads)
    }
    let held = try ValidationLoss(one, shapes(1, frames: 6, seed: 9), count: 32, options: options(updates: 60))
    let silent = try model()
    ShapeTrainer.silence(silent)
    let unlearned = try ValidationLoss(
      silent, shapes(1, frames: 6, seed: 9), count: 32, options: options(updates: 60)
    ).compute()
    for _ in 0..<60 { #expect(try trainers[0].step() == trainers[1].step()) }
    #expect(one.network.parameters.values.array == two.network.parameters.values.array)
    #expect(try held.compute() < 0.9 * unlearned)
  }
}
