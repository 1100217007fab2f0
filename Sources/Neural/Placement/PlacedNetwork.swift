import CKernels
import Foundation
import Kernels

/// A recurrent network that draws its object as a window at a place, and carries a belief about that place.
///
/// θ is the cell's state and the logarithm of the belief, so that a θ of zeros may be anywhere. A step looks at the
/// whole picture and, through the belief, at the window; from both the cell and the decoder make a new belief and a new
/// window, and ψ is what the window looks like wherever it may be (`PlacementDescription`).
public final class PlacedNetwork: SlotNetwork {
  /// All weights.
  public let parameters: Parameters
  /// Floats in one row's input.
  public let inputCount: Int
  /// Shape of one row's output.
  public let outputShape: [Int]

  private let geometry: PlacementGeometry
  private let head: PlacementHead
  private let whole: LayerStack
  private let near: LayerStack
  private let cell: any Cell
  private let decoder: LayerStack
  private var size = UnrollSize(steps: 0, rows: 0, slots: 1)
  private var capacity = 0
  private var isTraining = false
  private let counts: PlacedCounts
  private var tape: PlacedTape
  private var slopes: PlacedSlopes

  /// Builds the network with freshly drawn weights. Throws `TensorError` when oneDNN cannot be set up.
  public init(_ description: NetworkDescription, _ placement: PlacementDescription, seed: UInt64) throws {
    let context = try TensorContext()
    var layout = ParameterLayout()
    (outputShape, inputCount) = (description.input, description.seen.reduce(1, *))
    geometry = PlacementGeometry(placement, input: description.input, seen: description.seen)
    head = PlacementHead(geometry)
    whole = LayerStack("encoder", description.encoder, from: description.seen, layout: &layout, context: context)
    near = LayerStack("encoder.window", placement.encoder, from: geometry.view, layout: &layout, context: context)
    let joined = whole.outputCount + near.outputCount + geometry.beliefCount
    cell = description.cell.makeCell(encodedCount: joined, layout: &layout, context: context)
    let last = LayerDescription.linear(geometry.headCount, activation: .identity, normalized: false)
    decoder = LayerStack(
      "decoder", description.decoder + [last], from: description.cell.outputs, layout: &layout, context: context)
    counts = PlacedCounts(
      input: inputCount, output: outputShape.reduce(1, *), state: cell.stateSize + geometry.beliefCount,
      cellState: cell.stateSize, theta: cell.outputCount, joined: joined, geometry: geometry)
    (tape, slopes) = (PlacedTape(counts, samples: 0), PlacedSlopes(counts, samples: 0))
    parameters = Parameters(layout)
    parameters.initialize(seed: seed)
    weightsDidChange()
  }

  /// Floats of the carried state of a row: the cell's, then the belief's logarithms.
  public var stateSize: Int { counts.state }

  /// Sets the size of the next unroll.
  public func reserve(steps: Int, batch rows: Int, slots: Int, training: Bool) {
    size = UnrollSize(steps: steps, rows: rows, slots: slots)
    cell.reserve(size, training: training)
    guard size.samples > capacity || training && !isTraining else { return }
    (capacity, isTraining) = (size.samples, training)
    for stack in [whole, near, decoder] { stack.reserve(size, training: training) }
    tape = PlacedTape(counts, samples: size.samples)
    if training { slopes = PlacedSlopes(counts, samples: size.samples) }
  }

  /// Call after changing parameters.
  public func weightsDidChange() {
    for stack in [whole, near, decoder] { stack.weightsDidChange(parameters) }
    cell.weightsDidChange(parameters)
  }

  /// The input of a step, to be filled before `forward`.
  public func input(_ step: Int) -> UnsafeMutablePointer<Float> { place(tape.inputs, step, inputCount) }
  /// The state before step 0.
  public var initialState: UnsafeMutablePointer<Float> { tape.firstState.pointer }
  /// ψ of a step.
  public func output(_ step: Int) -> UnsafeMutablePointer<Float> { place(tape.outputs, step, counts.output) }
  /// dL/dψ of a step, to be filled before `backward`.
  public func outputGradient(_ step: Int) -> UnsafeMutablePointer<Float> { place(slopes.outputs, step, counts.output) }
  /// dL/dinput of the step that `backward` was last called for.
  public var inputGradient: UnsafeMutablePointer<Float> { slopes.inputs.pointer }

  /// The state after a step; valid until the next call.
  public func state(after step: Int) -> UnsafeMutablePointer<Float> {
    let (count, beliefs) = (geometry.beliefCount, belief(before: step + 1))
    for row in 0..<size.rows {
      let target = tape.lastState.pointer + row * stateSize
      target.update(from: cell.state(step) + row * cell.stateSize, count: cell.stateSize)
      for index in 0..<count {
        target[cell.stateSize + index] = log(max(beliefs[row * count + index], .leastNormalMagnitude))
      }
    }
    return tape.lastState.pointer
  }

  private func place(_ buffer: FloatBuffer, _ step: Int, _ count: Int) -> UnsafeMutablePointer<Float> {
    buffer.pointer + step * size.rows * count
  }
  private func belief(before step: Int) -> UnsafeMutablePointer<Float> {
    place(tape.beliefs, step, geometry.beliefCount)
  }

  /// Takes the state before step 0 apart.
  private func begin() {
    let beliefs = belief(before: 0)
    for row in 0..<size.rows {
      let source = initialState + row * stateSize
      (tape.firstCell.pointer + row * cell.stateSize).update(from: source, count: cell.stateSize)
      var target = beliefs + row * geometry.beliefCount
      target.update(from: source + cell.stateSize, count: geometry.beliefCount)
      for places in geometry.places {
        BeliefStep.softmax(target, count: places)
        target += places
      }
    }
  }

  /// Runs one step from its input and the state before it.
  public func forward(_ step: Int) throws(TensorError) {
    if step == 0 { begin() }
    let (rows, before, view) = (size.rows, belief(before: step), place(tape.views, step, near.inputCount))
    nem_cut(geometry.looking(rows: rows), before, input(step), viewStrips(step), view)
    let overall = try whole.forward(input(step), step: step, rows: rows, parameters)
    let close = try near.forward(view, step: step, rows: rows, parameters)
    let joined = tape.joined.pointer
    join(
      [(overall, whole.outputCount), (close, near.outputCount), (UnsafePointer(before), geometry.beliefCount)],
      into: joined)
    try cell.forward(
      step, encoded: joined, before: step == 0 ? tape.firstCell.pointer : cell.state(step - 1), parameters)
    let logits = try decoder.forward(cell.output(step), step: step, rows: rows, parameters)
    draw(step, logits)
  }

  private func join(
    _ parts: [(source: UnsafePointer<Float>, count: Int)], into target: UnsafeMutablePointer<Float>
  ) {
    var target = target
    for row in 0..<size.rows {
      for part in parts {
        target.update(from: part.source + row * part.count, count: part.count)
        target += part.count
      }
    }
  }

  private func draw(_ step: Int, _ logits: UnsafePointer<Float>) {
    let (before, after) = (belief(before: step), belief(before: step + 1))
    let windows = place(tape.windows, step, geometry.windowCount)
    for row in 0..<size.rows {
      let belief = row * geometry.beliefCount
      head.forward(
        logits + row * geometry.headCount, before: before + belief, after: after + belief,
        window: windows + row * geometry.windowCount)
    }
    nem_place(geometry.drawing(rows: size.rows), after, windows, windowStrips(step), output(step))
  }

  private func viewStrips(_ step: Int) -> UnsafeMutablePointer<Float> {
    place(tape.viewStrips, step, geometry.viewStripCount)
  }

  private func windowStrips(_ step: Int) -> UnsafeMutablePointer<Float> {
    place(tape.windowStrips, step, geometry.windowStripCount)
  }

  /// Starts a backward pass over steps, last first: forgets gradients.
  public func beginBackward() {
    parameters.gradients.fill(0)
    slopes.cell.fill(0)
    slopes.belief.fill(0)
  }

  /// Propagates a step's output gradient, and what later steps sent back through the state, to its input and state.
  public func backward(_ step: Int) throws(TensorError) {
    let rows = size.rows
    backThroughDrawing(step)
    try decoder.backward(step: step, rows: rows, sourceGradient: slopes.theta.pointer, parameters)
    try cell.backward(
      step, outputGradient: slopes.theta.pointer, stateGradient: slopes.cell.pointer,
      encodedGradient: slopes.joined.pointer, parameters)
    part(step)
    try whole.backward(step: step, rows: rows, sourceGradient: slopes.inputs.pointer, parameters)
    try near.backward(step: step, rows: rows, sourceGradient: slopes.views.pointer, parameters)
    nem_cut_backward(
      geometry.looking(rows: rows), belief(before: step), input(step), viewStrips(step),
      slopes.views.pointer, slopes.strips.pointer, slopes.inputs.pointer, slopes.beliefBefore.pointer)
    (slopes.belief, slopes.beliefBefore) = (slopes.beliefBefore, slopes.belief)
  }

  private func backThroughDrawing(_ step: Int) {
    let (before, after) = (belief(before: step), belief(before: step + 1))
    let windows = place(tape.windows, step, geometry.windowCount)
    nem_place_backward(
      geometry.drawing(rows: size.rows), after, windows, windowStrips(step), outputGradient(step),
      slopes.strips.pointer, slopes.windows.pointer, slopes.belief.pointer)
    guard let logits = decoder.output(step, size.rows), let gradient = decoder.gradient(step, size.rows) else { return }
    for row in 0..<size.rows {
      let (belief, window, head) = (
        row * geometry.beliefCount, row * geometry.windowCount, row * geometry.headCount
      )
      self.head.backward(
        logits + head, before: before + belief, after: after + belief, window: windows + window,
        afterGradient: slopes.belief.pointer + belief, windowGradient: slopes.windows.pointer + window,
        logitsGradient: gradient + head, beforeGradient: slopes.beliefBefore.pointer + belief)
    }
  }

  /// Hands the gradient of what the cell saw to its parts.
  private func part(_ step: Int) {
    guard let overall = whole.gradient(step, size.rows), let close = near.gradient(step, size.rows) else { return }
    var source = slopes.joined.pointer
    for row in 0..<size.rows {
      (overall + row * whole.outputCount).update(from: source, count: whole.outputCount)
      source += whole.outputCount
      (close + row * near.outputCount).update(from: source, count: near.outputCount)
      source += near.outputCount
      let belief = slopes.beliefBefore.pointer + row * geometry.beliefCount
      for index in 0..<geometry.beliefCount { belief[index] += source[index] }
      source += geometry.beliefCount
    }
  }

  /// Fills the weights' gradients once every step has gone through `backward`.
  public func finishBackward() throws(TensorError) {
    try whole.finishGradients(tape.inputs.pointer, size, parameters)
    try near.finishGradients(tape.views.pointer, size, parameters)
    try cell.finishGradients(parameters)
    try decoder.finishGradients(cell.output(0), size, parameters)
  }
}
