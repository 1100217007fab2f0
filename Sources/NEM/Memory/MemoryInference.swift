import Kernels
import Neural

/// `MemorySlots` over a batch of clips, each begun in several ways. The way that has fitted the clip best so far says what
/// belongs together, and predicts.
final class MemoryInference: ClipInference {
  /// Weight of a frame's fit when the next one is seen.
  private static let keep: Float = 0.8
  let shape: MixtureShape
  private let start: GammaStart
  private let width: Int
  private let ways: Int
  private let slots: MemorySlots
  private let frame: FloatBuffer
  /// For each way and clip, the decaying sum of how well its frames were explained.
  private let fits: FloatBuffer
  private let psis: FloatBuffer
  private let gammas: FloatBuffer

  init(_ model: Model, _ memory: MemoryDescription, batch: Int, slots: Int, frames: Int) {
    let input = model.description.network.input
    shape = MixtureShape(batch: batch, slots: slots, pixels: input[0] * input[1], channels: 1)
    (start, width, ways) = (model.description.network.gammaStart, input[1], memory.starts)
    self.slots = MemorySlots(model, memory, samples: ways * batch, slots: slots)
    frame = FloatBuffer(count: ways * batch * shape.pixels)
    fits = FloatBuffer(count: ways * batch)
    (psis, gammas) = (FloatBuffer(count: frames * shape.psiCount), FloatBuffer(count: frames * shape.psiCount))
  }

  func psi(_ t: Int) -> UnsafePointer<Float> { UnsafePointer(psis.pointer + t * shape.psiCount) }
  func gamma(_ t: Int) -> UnsafePointer<Float> { UnsafePointer(gammas.pointer + t * shape.psiCount) }

  func begin(_ frame: [Float], _ random: inout RandomSource) throws {
    take(frame)
    fits.fill(0)
    let drawn = FloatBuffer(count: shape.psiCount)
    for way in 0..<ways {
      start.draw(drawn.pointer, frame: frame, width: width, shape, &random)
      forEachPicture(way: { _ in way }) { picture, row in
        (slots.gamma.pointer + row).update(from: drawn.pointer + picture, count: shape.pixels)
      }
    }
    try slots.begin(self.frame.pointer)
    keepBest(slots.gamma, in: gammas.pointer)
  }

  func predict(_ t: Int) throws {
    slots.predict()
    keepBest(slots.psi, in: psis.pointer + t * shape.psiCount)
  }

  func see(_ t: Int, _ frame: [Float]) throws {
    take(frame)
    slots.find(in: self.frame.pointer, isOdd: t % 2 == 1)
    for sample in 0..<ways * shape.batch {
      fits.pointer[sample] *= Self.keep
      fits.pointer[sample] += slots.logLikelihood(of: self.frame.pointer, sample: sample)
    }
    try slots.remember(self.frame.pointer)
    keepBest(slots.gamma, in: gammas.pointer + t * shape.psiCount)
  }

  /// Every way sees the same clips.
  private func take(_ frame: [Float]) {
    for way in 0..<ways { (self.frame.pointer + way * shape.frameCount).update(from: frame, count: frame.count) }
  }

  private func keepBest(_ source: FloatBuffer, in target: UnsafeMutablePointer<Float>) {
    forEachPicture(way: best) { picture, row in
      (target + picture).update(from: source.pointer + row, count: shape.pixels)
    }
  }

  private func best(_ clip: Int) -> Int {
    (1..<ways).reduce(0) { fits.pointer[$1 * shape.batch + clip] > fits.pointer[$0 * shape.batch + clip] ? $1 : $0 }
  }

  /// Where a slot's picture lies in [batch, slots, pixels], and in the slots' [slots, way, batch, pixels].
  private func forEachPicture(way: (_ clip: Int) -> Int, _ body: (_ picture: Int, _ row: Int) -> Void) {
    for clip in 0..<shape.batch {
      let chosen = way(clip)
      for slot in 0..<shape.slots {
        let row = (slot * ways + chosen) * shape.batch + clip
        body((clip * shape.slots + slot) * shape.pixels, row * shape.pixels)
      }
    }
  }
}
