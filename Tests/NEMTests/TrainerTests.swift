import Foundation
import Kernels
import NEM
import Neural
import Scenes
import Testing

@Suite struct TrainerTests {
  private let description = ModelDescription(
    kind: .fullFrame,
    network: NetworkDescription(
      input: [28, 28, 1], encoder: [.linear(32, activation: .elu)], cell: .linear(24, activation: .sigmoid),
      decoder: [.linear(28, 28, 1, activation: .sigmoid, normalized: false)]),
    observation: "bernoulli", slots: 2, command: "test")

  private func trainer(updates: Int, threads: Int = 1, keeping kept: [NetworkPart] = []) throws -> Trainer {
    var options = TrainingOptions()
    options.kept = kept
    (options.slots, options.steps, options.batch, options.updates) = (2, 4, 8, updates)
    return try Trainer(
      try Model(description, seed: 1), FlyingShapes(objects: 2...2, frames: 5, seed: 3), options: options,
      threads: threads)
  }

  @Test func lossFalls() throws {
    let trainer = try trainer(updates: 120)
    let losses = try (0..<120).map { _ in try trainer.step() }
    let (early, late) = (losses.prefix(10).reduce(0, +), losses.suffix(10).reduce(0, +))
    #expect(late < 0.6 * early)
  }

  @Test func keptPartsStayAsTheyAre() throws {
    let trainer = try trainer(updates: 3, keeping: [.decoder])
    let parameters = trainer.model.network.parameters
    func values() throws -> [[Float]] {
      try parameters.entries.map { Array(try #require(parameters[$0.name])) }
    }
    let before = try values()
    for _ in 0..<3 { _ = try trainer.step() }
    for (entry, (old, new)) in zip(parameters.entries, zip(before, try values())) {
      #expect((old == new) == entry.name.hasPrefix("decoder."), "\(entry.name)")
    }
  }

  @Test func threadsDoNotChangeTheWeights() throws {
    let (one, two) = (try trainer(updates: 5), try trainer(updates: 5, threads: 2))
    for _ in 0..<5 { #expect(try one.step() == two.step()) }
    #expect(one.model.network.parameters.values.array == two.model.network.parameters.values.array)
  }

  @Test func resumedRunGivesTheSameBytes() throws {
    let folder = NSTemporaryDirectory() + "trainer-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let whole = try trainer(updates: 6)
    for _ in 0..<6 { _ = try whole.step() }
    try whole.model.write(to: folder + "/whole")
    let first = try trainer(updates: 6)
    for _ in 0..<3 { _ = try first.step() }
    try first.checkpoint(to: folder + "/checkpoint")
    let second = try trainer(updates: 6)
    try second.resume(from: folder + "/checkpoint")
    #expect(second.update == 3)
    while second.update < 6 { _ = try second.step() }
    try second.model.write(to: folder + "/resumed")
    #expect(
      FileManager.default.contents(atPath: folder + "/whole")
        == FileManager.default.contents(atPath: folder + "/resumed"))
    #expect(throws: ModelError.self) { try second.resume(from: folder + "/whole") }
  }

  /// Validation between updates leaves the training as it was, and follows it down.
  @Test func validationLossFallsAndDisturbsNothing() throws {
    let (plain, watched) = (try trainer(updates: 80), try trainer(updates: 80))
    let held = FlyingShapes(objects: 2...2, frames: 5, seed: 4)
    let validation = try ValidationLoss(watched.model, held, count: 12, options: watched.options)
    let before = try validation.compute()
    #expect(try validation.compute() == before)
    for _ in 0..<80 {
      _ = try plain.step()
      _ = try watched.step()
      if watched.update % 40 == 0 { _ = try validation.compute() }
    }
    #expect(plain.model.network.parameters.values.array == watched.model.network.parameters.values.array)
    #expect(try validation.compute() < 0.8 * before)
  }

  @Test func noiseFlipsBinaryAndReplacesGreyValues() {
    var random = RandomSource(seed: 1)
    var flipped = 0
    var grey: [Float] = []
    for _ in 0..<10_000 {
      let bit = ObservationModel.bernoulli.corrupted(1, probability: 0.2, &random)
      #expect(bit == 0 || bit == 1)
      flipped += bit == 0 ? 1 : 0
      let value = ObservationModel.gaussian(sigma: 0.25).corrupted(0.3, probability: 0.2, &random)
      if value != 0.3 { grey.append(value) }
    }
    #expect((1850...2150).contains(flipped) && (1850...2150).contains(grey.count))
    #expect(grey.allSatisfy { (0..<1).contains($0) } && abs(grey.reduce(0, +) / Float(grey.count) - 0.5) < 0.03)
  }

  @Test func modelFileKeepsNetworkAndRefusesOthers() throws {
    let path = NSTemporaryDirectory() + "model-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let model = try Model(description, seed: 9)
    try model.write(to: path)
    let read = try Model(path: path)
    #expect(read.description == description)
    #expect(read.network.parameters.values.array == model.network.parameters.values.array)
    try Safetensors(metadata: [:], tensors: [:]).write(to: path)
    #expect(throws: ModelError.foreign(path)) { try Model(path: path) }
    var wrong = try Safetensors.decode(try encoded(model), path: path)
    wrong.tensors["cell.bias"]!.values[0] = .nan
    try wrong.write(to: path)
    #expect(throws: ModelError.self) { try Model(path: path) }
    wrong.tensors["cell.bias"] = nil
    try wrong.write(to: path)
    #expect(throws: ModelError.self) { try Model(path: path) }
  }

  private func encoded(_ model: Model) throws -> Data {
    let path = NSTemporaryDirectory() + "model-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try model.write(to: path)
    return try Data(contentsOf: URL(fileURLWithPath: path))
  }

  /// Scores of perfect and of useless groupings bracket what a model can reach.
  @Test func evaluationScoresAnUntrainedModelNearZero() throws {
    let model = try Model(description, seed: 1)
    let scores = try SequenceEvaluation(model, slots: 2, steps: 3).run(
      FlyingShapes(objects: 2...2, frames: 4, seed: 8), count: 20, seed: 1, dataset: "flying-shapes", name: "untrained")
    #expect(abs(try #require(scores.ami)) < 0.3)
    #expect(try #require(scores.bce) > 0 && scores.squaredError == nil && scores.sequences == 20)
  }

  /// The loss at collisions is the mean over the steps that predict the frame after one.
  @Test func collisionsWeighTheirOwnSteps() throws {
    let model = try Model(description, seed: 1)
    func scores(_ colliding: ClosedRange<Int>?, steps: Int) throws -> SequenceScores {
      try SequenceEvaluation(model, slots: 2, steps: steps).run(
        CollidingShapes(colliding: colliding), count: 4, seed: 1, dataset: "", name: "")
    }
    let all = try scores(0...2, steps: 3)
    #expect(all.bce != nil && all.bce == all.collisionBCE)
    let first = try scores(0...0, steps: 3)
    #expect(abs(try #require(first.collisionBCE) - #require(try scores(nil, steps: 1).bce)) < 1e-9)
    #expect(first.collisionBCE != first.bce)
    #expect(try scores(nil, steps: 3).collisionBCE == nil)
  }
}

/// Flying shapes with marks of collisions after some frames.
private struct CollidingShapes: SequenceSource {
  let colliding: ClosedRange<Int>?
  let shapes = FlyingShapes(objects: 2...2, frames: 4, seed: 8)
  var format: SequenceFormat { shapes.format }

  func sequence(_ index: Int) -> LabelledSequence {
    var clip = shapes.sequence(index)
    guard let colliding else { return clip }
    clip.collisions = (0..<format.frames * format.pixels).map { colliding.contains($0 / format.pixels) ? 1 : 0 }
    return clip
  }
}
