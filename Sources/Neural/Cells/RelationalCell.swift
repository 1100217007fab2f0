import Kernels

/// R-NEM's cell (van Steenkiste et al. 2018, section 3.2): slots of a clip act on each other in ordered pairs.
///
/// s_k = relu(LN(W θ_k)); for i ≠ k: c = relu(LN(W [s_k, s_i])), context e = relu(LN(W c)), attention
/// a = sigmoid(W tanh(LN(W c))); effect E_k = Σ_i a·e; θ_k′ = sigmoid(LN(W [s_k, E_k, encoder output])).
final class RelationalCell: Cell {
  private static let attentionSize = 100
  let outputCount: Int
  private let encodedCount: Int
  private let own: Layer
  private let pair: Layer
  private let context: Layer
  private let attentionHidden: Layer?
  private let attention: Layer?
  private let update: Layer
  private var size = UnrollSize(steps: 0, rows: 0, slots: 1)
  private var tape = Tape()

  /// What the layers see in every step, and gradients of one step.
  private struct Tape {
    var before = FloatBuffer(count: 0)
    var pairs = FloatBuffer(count: 0)
    var joined = FloatBuffer(count: 0)
    var joinedGradient = FloatBuffer(count: 0)
    var pairGradient = FloatBuffer(count: 0)
    var coreGradient = FloatBuffer(count: 0)
  }

  init(
    _ description: CellDescription, encodedCount: Int, layout: inout ParameterLayout, context tensors: TensorContext
  ) {
    let n = description.outputs[0]
    (outputCount, self.encodedCount) = (n, encodedCount)
    func layer(
      _ name: String, _ inputs: Int, _ outputs: Int, _ activation: Activation, normalized: Bool = true
    ) -> Layer {
      Layer(
        "cell.\(name)", .linear(outputs, activation: activation, normalized: normalized), inputShape: [inputs],
        layout: &layout, context: tensors)
    }
    own = layer("own", n, n, .relu)
    pair = layer("pair", 2 * n, n, .relu)
    context = layer("context", n, n, .relu)
    let attends = description.attention ?? true
    attentionHidden = attends ? layer("attention.0", n, Self.attentionSize, .tanh) : nil
    attention = attends ? layer("attention.1", Self.attentionSize, 1, .sigmoid, normalized: false) : nil
    update = layer("update", 2 * n + encodedCount, n, description.activation, normalized: description.normalized)
  }

  var stateSize: Int { outputCount }
  private var pairCount: Int { size.rows * (size.slots - 1) }
  private var pairLayers: [Layer] { [pair, context] + [attentionHidden, attention].compactMap { $0 } }

  func reserve(_ size: UnrollSize, training: Bool) {
    let grows = size.samples * update.inputCount > tape.joined.count || training && tape.joinedGradient.count == 0
    let reshaped = size.slots != self.size.slots
    self.size = size
    guard grows || reshaped else { return }
    for layer in [own, update] { layer.reserve(steps: size.steps, batch: size.rows, training: training) }
    for layer in pairLayers { layer.reserve(steps: size.steps, batch: pairCount, training: training) }
    tape.before = FloatBuffer(count: size.samples * outputCount)
    tape.pairs = FloatBuffer(count: size.steps * pairCount * 2 * outputCount)
    tape.joined = FloatBuffer(count: size.samples * update.inputCount)
    tape.joinedGradient = FloatBuffer(count: training ? size.samples * update.inputCount : 0)
    tape.pairGradient = FloatBuffer(count: training ? size.steps * pairCount * 2 * outputCount : 0)
    tape.coreGradient = FloatBuffer(count: training ? size.steps * pairCount * outputCount : 0)
  }

  func weightsDidChange(_ parameters: Parameters) {
    for layer in [own, update] + pairLayers { layer.weightsDidChange(parameters) }
  }

  func output(_ step: Int) -> UnsafeMutablePointer<Float> { update.output(step, size.rows) }
  func state(_ step: Int) -> UnsafeMutablePointer<Float> { output(step) }

  /// Every ordered pair: its row, and the rows of the slot acted on and of the one that acts.
  private func forEachPair(_ body: (_ pair: Int, _ target: Int, _ other: Int) -> Void) {
    for row in 0..<size.rows {
      let first = row / size.slots * size.slots
      var index = row * (size.slots - 1)
      for other in first..<first + size.slots where other != row {
        body(index, row, other)
        index += 1
      }
    }
  }

  func forward(
    _ step: Int, encoded: UnsafePointer<Float>, before: UnsafePointer<Float>, _ parameters: Parameters
  ) throws(TensorError) {
    let n = outputCount
    let kept = tape.before.pointer + step * size.rows * n
    kept.update(from: before, count: size.rows * n)
    try own.forward(kept, step: step, batch: size.rows, parameters)
    let s = own.output(step, size.rows)
    let join = tape.joined.pointer + step * size.rows * update.inputCount
    for row in 0..<size.rows {
      let target = join + row * update.inputCount
      target.update(from: s + row * n, count: n)
      (target + n).update(repeating: 0, count: n)
      (target + 2 * n).update(from: encoded + row * encodedCount, count: encodedCount)
    }
    if pairCount > 0 { try addEffects(step, s, to: join, parameters) }
    try update.forward(join, step: step, batch: size.rows, parameters)
  }

  /// E_k into the middle part of each row of `join`.
  private func addEffects(
    _ step: Int, _ s: UnsafePointer<Float>, to join: UnsafeMutablePointer<Float>, _ parameters: Parameters
  ) throws(TensorError) {
    let n = outputCount
    let pairs = tape.pairs.pointer + step * pairCount * 2 * n
    forEachPair { index, target, other in
      (pairs + index * 2 * n).update(from: s + target * n, count: n)
      (pairs + index * 2 * n + n).update(from: s + other * n, count: n)
    }
    try pair.forward(pairs, step: step, batch: pairCount, parameters)
    let core = pair.output(step, pairCount)
    try context.forward(core, step: step, batch: pairCount, parameters)
    if let attentionHidden, let attention {
      try attentionHidden.forward(core, step: step, batch: pairCount, parameters)
      try attention.forward(
        attentionHidden.output(step, pairCount), step: step, batch: pairCount, parameters)
    }
    let (effects, weights) = (context.output(step, pairCount), attention?.output(step, pairCount))
    let width = update.inputCount
    forEachPair { index, target, _ in
      let weight = weights.map { $0[index] } ?? 1
      for m in 0..<n { join[target * width + n + m] += weight * effects[index * n + m] }
    }
  }

  func backward(
    _ step: Int, outputGradient: UnsafePointer<Float>, stateGradient: UnsafeMutablePointer<Float>,
    encodedGradient: UnsafeMutablePointer<Float>, _ parameters: Parameters
  ) throws(TensorError) {
    let (n, width) = (outputCount, update.inputCount)
    let gradient = update.gradient(step, size.rows)
    for index in 0..<size.rows * n { gradient[index] = outputGradient[index] + stateGradient[index] }
    let join = tape.joinedGradient.pointer
    try update.backward(step: step, batch: size.rows, sourceGradient: join, parameters)
    let ownGradient = own.gradient(step, size.rows)
    for row in 0..<size.rows {
      (ownGradient + row * n).update(from: join + row * width, count: n)
      (encodedGradient + row * encodedCount).update(from: join + row * width + 2 * n, count: encodedCount)
    }
    if pairCount > 0 { try backwardEffects(step, join, to: ownGradient, parameters) }
    try own.backward(step: step, batch: size.rows, sourceGradient: stateGradient, parameters)
  }

  /// dL/dE_k, in the middle part of each row of `join`, back to both slots of each pair.
  private func backwardEffects(
    _ step: Int, _ join: UnsafePointer<Float>, to ownGradient: UnsafeMutablePointer<Float>, _ parameters: Parameters
  ) throws(TensorError) {
    let (n, width) = (outputCount, update.inputCount)
    let (effects, weights) = (context.output(step, pairCount), attention?.output(step, pairCount))
    let (effectGradient, weightGradient) = (context.gradient(step, pairCount), attention?.gradient(step, pairCount))
    forEachPair { index, target, _ in
      let (slope, effect) = (join + target * width + n, effects + index * n)
      let weight = weights.map { $0[index] } ?? 1
      var along: Float = 0
      for m in 0..<n {
        effectGradient[index * n + m] = weight * slope[m]
        along += effect[m] * slope[m]
      }
      weightGradient?[index] = along
    }
    let core = pair.gradient(step, pairCount)
    try context.backward(step: step, batch: pairCount, sourceGradient: core, parameters)
    if let attentionHidden, let attention {
      let hidden = attentionHidden.gradient(step, pairCount)
      try attention.backward(step: step, batch: pairCount, sourceGradient: hidden, parameters)
      let more = tape.coreGradient.pointer
      try attentionHidden.backward(step: step, batch: pairCount, sourceGradient: more, parameters)
      for index in 0..<pairCount * n { core[index] += more[index] }
    }
    let pairs = tape.pairGradient.pointer
    try pair.backward(step: step, batch: pairCount, sourceGradient: pairs, parameters)
    forEachPair { index, target, other in
      for m in 0..<n {
        ownGradient[target * n + m] += pairs[index * 2 * n + m]
        ownGradient[other * n + m] += pairs[index * 2 * n + n + m]
      }
    }
  }

  func finishGradients(_ parameters: Parameters) throws(TensorError) {
    let steps = size.steps
    try own.finishGradients(tape.before.pointer, steps: steps, batch: size.rows, parameters)
    try update.finishGradients(tape.joined.pointer, steps: steps, batch: size.rows, parameters)
    guard pairCount > 0 else { return }
    try pair.finishGradients(tape.pairs.pointer, steps: steps, batch: pairCount, parameters)
    try context.finishGradients(pair.output(0, pairCount), steps: steps, batch: pairCount, parameters)
    guard let attentionHidden, let attention else { return }
    try attentionHidden.finishGradients(pair.output(0, pairCount), steps: steps, batch: pairCount, parameters)
    try attention.finishGradients(
      attentionHidden.output(0, pairCount), steps: steps, batch: pairCount, parameters)
  }
}
