import Foundation
import Kernels
import Neural

/// Trains the shape predictor on recorded clips: cross entropy of σ(base + residual) against the next frame's evidence.
package final class ShapeTrainer {
  private let model: Model
  private let network: any SlotNetwork
  private let batch: Int
  private let steps: Int
  private let adam: (Int) -> Adam
  /// Draws the clips; a checkpoint keeps it.
  var random: RandomSource

  /// A run of `updates` updates with a rate that falls linearly to zero.
  package init(_ model: Model, batch: Int, steps: Int, updates: Int, rate: Float, seed: UInt64) {
    self.model = model
    network = model.network
    self.batch = batch
    self.steps = steps
    random = RandomSource(seed: seed)
    adam = { Adam(rate: rate * Float(updates - $0) / Float(updates)) }
  }

  /// Makes the residual zero, so that training starts at the parametric tracker.
  package static func silence(_ model: Model) {
    let last = model.description.network.decoder.count - 1
    for name in ["decoder.\(last).weight", "decoder.\(last).bias"] {
      model.network.parameters[name]?.update(repeating: 0)
    }
    model.network.weightsDidChange()
  }

  /// One update on clips drawn at random; returns the loss per counted cell before it.
  package func step(_ clips: [[ShapeStep]]) throws -> Double {
    let drawn = (0..<batch).map { _ in clips[random.integer(below: clips.count)] }
    let loss = try run(drawn, training: true).network
    adam(network.parameters.updates).step(network.parameters)
    network.weightsDidChange()
    return loss
  }

  /// Mean loss per counted cell over clips, with the network and with the template alone.
  package func evaluate(_ clips: [[ShapeStep]]) throws -> (network: Double, template: Double) {
    var sums = (network: 0.0, template: 0.0, cells: 0.0)
    for start in stride(from: 0, to: clips.count, by: batch) {
      let part = try run(Array(clips[start..<min(start + batch, clips.count)]), training: false)
      sums.network += part.network * part.cells
      sums.template += part.template * part.cells
      sums.cells += part.cells
    }
    return (sums.network / sums.cells, sums.template / sums.cells)
  }

  private func run(
    _ clips: [[ShapeStep]], training: Bool
  ) throws -> (network: Double, template: Double, cells: Double) {
    network.reserve(steps: steps, batch: clips.count, slots: 1, training: training)
    network.initialState.update(repeating: 0, count: clips.count * network.stateSize)
    let cells = clips.reduce(0.0) { $0 + $1.reduce(0.0) { $0 + Double($1.weight.reduce(0, +)) } }
    for t in 0..<steps {
      for (row, clip) in clips.enumerated() {
        (network.input(t) + row * network.inputCount).update(from: clip[t].inputs, count: network.inputCount)
      }
      try network.forward(t)
    }
    var sums = (network: 0.0, template: 0.0)
    if training { network.beginBackward() }
    for t in (0..<steps).reversed() {
      for (row, clip) in clips.enumerated() {
        let part = loss(clip[t], step: t, row: row, scale: training ? Float(1 / max(cells, 1)) : nil)
        sums.network += part.network
        sums.template += part.template
      }
      if training { try network.backward(t) }
    }
    if training { try network.finishBackward() }
    return (sums.network / max(cells, 1), sums.template / max(cells, 1), cells)
  }

  /// Weighted cross entropy of one window; with a `scale`, also its slope dL/dresidual = w (σ − target) · scale.
  private func loss(
    _ transition: ShapeStep, step: Int, row: Int, scale: Float?
  ) -> (network: Double, template: Double) {
    let count = transition.base.count
    let residual = network.output(step) + row * count
    var sums = (network: 0.0, template: 0.0)
    for index in 0..<count {
      let (weight, target) = (transition.weight[index], transition.target[index])
      let entropy = CrossEntropy(logit: transition.base[index] + residual[index], target)
      if let scale { network.outputGradient(step)[row * count + index] = scale * weight * entropy.slope }
      guard weight > 0 else { continue }
      sums.network += Double(weight * entropy.value)
      sums.template += Double(weight * CrossEntropy(logit: transition.base[index], target).value)
    }
    return sums
  }
}
