import Foundation
import Kernels
import Neural

/// Settings of fitting a shape predictor; together with the material they decide every byte of the result.
package struct ShapeFittingOptions: Codable, Sendable, Equatable {
  /// Clips in each update.
  package var batch = 32
  /// Steps in each clip.
  package var steps = 12
  /// Most updates.
  package var updates = 400
  /// Adam's first step size; it falls to zero over `updates`.
  package var rate: Float = 3e-4
  /// Seed of the order of clips.
  package var seed: UInt64 = 1
  /// Updates between two looks at the held-out loss.
  package var interval = 20
  /// Looks without a new best after which it ends.
  package var patience = 5

  /// The defaults.
  package init() {}
}

/// Fits a trained shape predictor to new clips and keeps the weights that predict held-out clips best, the start's among
/// them: the result is never worse there than the start.
package final class ShapeFitting {
  /// Updates made so far.
  package var update: Int { model.network.parameters.updates }
  private let model: Model
  private let trainer: ShapeTrainer
  private let options: ShapeFittingOptions
  private let training: [[ShapeStep]]
  private let heldOut: [[ShapeStep]]
  private let bestWeights: FloatBuffer
  private var record: FittingRecord
  private var looksSinceBest = 0
  /// The last held-out loss, and the update it was measured after.
  package private(set) var lastLook: (update: Int, loss: Double)?

  /// A run from the model's weights, whose file has digest `sha256`.
  package init(
    _ model: Model, named start: String, sha256: String, training: [[ShapeStep]], heldOut: [[ShapeStep]],
    options: ShapeFittingOptions
  ) throws {
    (self.model, self.options, self.training, self.heldOut) = (model, options, training, heldOut)
    trainer = ShapeTrainer(
      model, batch: options.batch, steps: options.steps, updates: options.updates, rate: options.rate,
      seed: options.seed)
    bestWeights = FloatBuffer(count: model.network.parameters.values.count)
    let loss = try trainer.evaluate(heldOut)
    record = FittingRecord(
      start: start, startSHA256: sha256,
      outcome: FittingOutcome(
        heldOutBefore: loss.network, heldOutAfter: loss.network, heldOutParametric: loss.template,
        windowsTraining: training.count, windowsHeldOut: heldOut.count))
    lastLook = (0, loss.network)
    keepWeights()
  }

  /// Whether all updates are made, or further ones promise nothing.
  package var isFinished: Bool { update >= options.updates || looksSinceBest >= options.patience }

  /// One update; returns the loss before it.
  package func step() throws -> Double {
    let loss = try trainer.step(training)
    record.outcome.updates = update
    if update % options.interval == 0 || update == options.updates { try look() }
    return loss
  }

  private func look() throws {
    let loss = try trainer.evaluate(heldOut).network
    lastLook = (update, loss)
    looksSinceBest += 1
    guard loss < record.outcome.heldOutAfter else { return }
    (record.outcome.heldOutAfter, record.outcome.bestUpdate, looksSinceBest) = (loss, update, 0)
    keepWeights()
  }

  private func keepWeights() {
    bestWeights.pointer.update(from: model.network.parameters.values.pointer, count: bestWeights.count)
  }

  /// What was reached so far.
  package var outcome: FittingOutcome { record.outcome }

  /// The model with the best weights, and the record of how it came about. Updates cannot go on from it.
  package func result() -> Model {
    model.network.parameters.values.pointer.update(from: bestWeights.pointer, count: bestWeights.count)
    model.network.weightsDidChange()
    var result = model
    result.description.fitting = record
    return result
  }
}

extension ShapeFitting {
  /// What a checkpoint says beside the tensors.
  private struct State: Codable {
    var options: ShapeFittingOptions
    var record: FittingRecord
    var looksSinceBest: Int
    var random: RandomSource
  }

  /// Writes all that decides the further updates, atomically; the clips are not among it.
  package func checkpoint(to path: String) throws {
    let state = State(options: options, record: record, looksSinceBest: looksSinceBest, random: trainer.random)
    let json = String(decoding: try JSONEncoder().encode(state), as: UTF8.self)
    try model.checkpoint(metadata: ["training.state": json], blocks: [("best.", bestWeights)]).write(to: path)
  }

  /// Continues from a checkpoint as if the run had not been stopped. Throws `ModelError` where its settings, start or
  /// clips are others.
  package func resume(from path: String) throws {
    let file = try Safetensors.read(path)
    guard let json = file.metadata["training.state"],
      let state = try? JSONDecoder().decode(State.self, from: Data(json.utf8))
    else { throw ModelError.mismatch(path, "is not a checkpoint of training on footage") }
    var start = state.record
    (start.outcome.heldOutAfter, start.outcome.updates, start.outcome.bestUpdate) = (start.outcome.heldOutBefore, 0, 0)
    guard state.options == options, start == record else {
      throw ModelError.mismatch(path, "was made with other settings, footage or start; resume with the same command")
    }
    try model.resume(file, blocks: [("best.", bestWeights)], path: path)
    (record, looksSinceBest, trainer.random) = (state.record, state.looksSinceBest, state.random)
  }
}
