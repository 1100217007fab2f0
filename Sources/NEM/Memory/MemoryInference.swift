import Kernels
import Neural

/// `MemorySlots` over a batch of clips.
final class MemoryInference: ExplainingInference {
  let shape: MixtureShape
  private let start: GammaStart
  private let width: Int
  private let slots: MemorySlots
  private let psis: FloatBuffer
  private let explained: FloatBuffer
  private let gammas: FloatBuffer

  init(_ model: Model, _ memory: MemoryDescription, batch: Int, slots: Int, frames: Int) {
    let input = model.description.network.input
    shape = MixtureShape(batch: batch, slots: slots, pixels: input[0] * input[1], channels: 1)
    (start, width) = (model.description.network.gammaStart, input[1])
    self.slots = MemorySlots(model, memory, samples: batch, slots: slots)
    let count = frames * shape.psiCount
    (psis, gammas) = (FloatBuffer(count: count), FloatBuffer(count: count))
    explained = FloatBuffer(count: shape.psiCount)
  }

  func psi(_ t: Int) -> UnsafePointer<Float> { UnsafePointer(psis.pointer + t * shape.psiCount) }
  func explanation(_ t: Int) -> UnsafePointer<Float>? { UnsafePointer(explained.pointer) }
  func gamma(_ t: Int) -> UnsafePointer<Float> { UnsafePointer(gammas.pointer + t * shape.psiCount) }

  func begin(_ frame: [Float], _ random: inout RandomSource) throws {
    let drawn = FloatBuffer(count: shape.psiCount)
    start.draw(drawn.pointer, frame: frame, width: width, shape, &random)
    forEachPicture { picture, row in
      (slots.gamma.pointer + row).update(from: drawn.pointer + picture, count: shape.pixels)
    }
    try slots.begin(frame)
    keep(slots.psi, in: explained, 0)
    keep(slots.gamma, in: gammas, 0)
  }

  func predict(_ t: Int) throws {
    slots.predict()
    keep(slots.psi, in: psis, t)
  }

  func see(_ t: Int, _ frame: [Float]) throws {
    slots.find(in: frame, lastFirst: t % 2 == 1)
    keep(slots.psi, in: explained, 0)
    try slots.remember(frame)
    keep(slots.gamma, in: gammas, t)
  }

  private func keep(_ source: FloatBuffer, in target: FloatBuffer, _ t: Int) {
    forEachPicture { picture, row in
      (target.pointer + t * shape.psiCount + picture).update(from: source.pointer + row, count: shape.pixels)
    }
  }

  /// Where a slot's picture lies in [batch, slots, pixels], and where in [slots, batch, pixels].
  private func forEachPicture(_ body: (_ picture: Int, _ row: Int) -> Void) {
    for sample in 0..<shape.batch {
      for slot in 0..<shape.slots {
        body((sample * shape.slots + slot) * shape.pixels, (slot * shape.batch + sample) * shape.pixels)
      }
    }
  }
}
