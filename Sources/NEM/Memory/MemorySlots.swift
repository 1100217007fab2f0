import CKernels
import Kernels
import Neural

/// EM on frames that are the maximum of what slots draw. θ_k is a memory of a window and a belief about its place.
///
/// ψ_k is the window, as the network completes it from the memory, wherever the belief has it. The E-step: where several
/// draw, the brightest is seen, and γ_k = ψ_k / Σ_j ψ_j. The M-step for the place takes slots in turn, each weighed by the
/// likelihood of the frame under the maximum of its window and the others' ψ; under it a dark pixel says that every slot is
/// dark there. That for the window gathers γ_k x, and 1 − x of all slots.
///
/// Rows are [slot, sample].
final class MemorySlots {
  /// Distance of ψ from 0 and 1 where logarithms are taken of it.
  private static let least: Float = 0.02
  /// The least share of a pixel.
  static let leastShare: Float = 1e-3
  private static let startSweeps = 10
  let samples: Int
  let slots: Int
  let pixels: Int
  /// γ on the frame that was seen last, [slots, samples, pixels].
  let gamma: FloatBuffer
  /// ψ of the frame that was seen last, or of the next one after `predict`, [slots, samples, pixels].
  let psi: FloatBuffer
  private let network: any SlotNetwork
  private let cells: Int
  /// The kernels' shapes: of one slot's rows, and of all.
  private let (one, all): (nem_placement, nem_placement)
  private let places: PlaceSearch
  private let memory: WindowMemory
  private let windows: FloatBuffer
  private let strips: FloatBuffer
  private let picture: FloatBuffer
  private let cut: FloatBuffer
  private let others: FloatBuffer

  init(_ model: Model, _ description: MemoryDescription, samples: Int, slots: Int) {
    (network, self.samples, self.slots) = (model.network, samples, slots)
    let (input, rows) = (model.description.network.input, samples * slots)
    (pixels, cells) = (input[0] * input[1], description.side * description.side)
    (one, all) = (description.placement(in: input, rows: samples), description.placement(in: input, rows: rows))
    places = PlaceSearch(one, slots: slots, reach: description.reach, least: Self.least)
    network.reserve(steps: 1, batch: rows, slots: slots, training: false)
    memory = WindowMemory(count: rows * cells)
    (windows, cut) = (FloatBuffer(count: rows * cells), FloatBuffer(count: rows * cells))
    strips = FloatBuffer(count: rows * description.side * input[1])
    (gamma, psi) = (FloatBuffer(count: rows * pixels), FloatBuffer(count: rows * pixels))
    picture = FloatBuffer(count: rows * pixels)
    others = FloatBuffer(count: samples * pixels)
  }

  /// Begins with γ as it is given for the first frame, [samples, pixels].
  func begin(_ frame: UnsafePointer<Float>) throws {
    takeOwnLight(of: frame)
    places.centre(on: picture.pointer)
    for sweep in 0..<Self.startSweeps {
      memory.forget()
      try learn(frame)
      draw()
      if sweep > 0 {
        places.forget()
        for slot in 0..<slots { locate(slot, frame) }
      }
      share()
    }
    memory.forget()
    try learn(frame)
  }

  /// Moves the beliefs to the next frame, and draws it.
  func predict() {
    places.move()
    draw()
  }

  /// Finds the predicted objects in a frame, [samples, pixels]: twice in turn, from either end.
  func find(in frame: UnsafePointer<Float>, lastFirst: Bool) {
    for slot in 0..<slots { locate(lastFirst ? slots - 1 - slot : slot, frame) }
    for slot in 0..<slots { locate(lastFirst ? slot : slots - 1 - slot, frame) }
  }

  /// Remembers what the frame shows of the objects found, and shares it out.
  func remember(_ frame: UnsafePointer<Float>) throws {
    places.countMoves()
    share()
    try learn(frame)
    draw()
    share()
  }

  private func draw() { nem_place(all, places.beliefs.pointer, windows.pointer, strips.pointer, psi.pointer) }

  /// The place of one slot, given where the others are, and its ψ there.
  private func locate(_ slot: Int, _ frame: UnsafePointer<Float>) {
    let (count, drawn, largest) = (samples * pixels, psi.pointer, others.pointer)
    others.fill(0)
    for other in 0..<slots where other != slot {
      for index in 0..<count { largest[index] = max(largest[index], drawn[other * count + index]) }
    }
    let window = windows.pointer + slot * samples * cells
    places.weigh(slot, frame: frame, others: others.pointer, windows: window)
    nem_place(one, places.beliefs(of: slot), window, strips.pointer, drawn + slot * count)
  }

  /// γ_k = ψ_k / Σ_j ψ_j.
  private func share() {
    let (count, drawn, target) = (samples * pixels, psi.pointer, gamma.pointer)
    for index in 0..<count {
      var total: Float = 0
      for slot in 0..<slots { total += max(drawn[slot * count + index], Self.leastShare) }
      for slot in 0..<slots {
        target[slot * count + index] = max(drawn[slot * count + index], Self.leastShare) / total
      }
    }
  }

  /// γ_k x of all slots in `picture`.
  private func takeOwnLight(of frame: UnsafePointer<Float>) {
    let (count, target, share) = (samples * pixels, picture.pointer, gamma.pointer)
    for slot in 0..<slots {
      for index in 0..<count { target[slot * count + index] = share[slot * count + index] * frame[index] }
    }
  }

  /// Adds to the memory what the frame shows at the places, and has the network draw the windows anew.
  private func learn(_ frame: UnsafePointer<Float>) throws {
    takeOwnLight(of: frame)
    nem_cut(all, places.beliefs.pointer, picture.pointer, strips.pointer, cut.pointer)
    memory.lit.add(cut, scale: 1)
    let (count, looks) = (samples * pixels, picture.pointer)
    for slot in 0..<slots {
      for index in 0..<count { looks[slot * count + index] += 1 - frame[index] }
    }
    nem_cut(all, places.beliefs.pointer, picture.pointer, strips.pointer, cut.pointer)
    memory.looks.add(cut, scale: 1)
    let (input, output) = (network.input(0), network.output(0))
    memory.show(to: input)
    try network.forward(0)
    for index in 0..<windows.count {
      windows.pointer[index] = WindowMemory.logit(index, input: input, output: output)
    }
    nem_activation_forward(windows.pointer, windows.pointer, samples * slots, cells, Activation.sigmoid.code)
  }
}
