import Kernels

/// What a model's slots make of a batch of clips, frame after frame: `begin`, then `predict` and `see` for t = 1, 2, …
protocol ClipInference: AnyObject {
  /// The sizes of ψ.
  var shape: MixtureShape { get }

  /// Sees frame 0, [batch, pixels, channels].
  func begin(_ frame: [Float], _ random: inout RandomSource) throws
  /// Predicts frame t from those before it.
  func predict(_ t: Int) throws
  /// Sees frame t, [batch, pixels, channels].
  func see(_ t: Int, _ frame: [Float]) throws

  /// ψ as predicted for frame t before it was seen, [batch, slots, pixels, channels].
  func psi(_ t: Int) -> UnsafePointer<Float>
  /// γ on frame t once it was seen, [batch, slots, pixels].
  func gamma(_ t: Int) -> UnsafePointer<Float>
  /// What frame t was predicted to be at `place` of [pixels, channels].
  func prediction(_ t: Int, sample: Int, place: Int) -> Float
}

/// One that can tell how well it explains what it has seen.
protocol ExplainingInference: ClipInference {
  /// ψ that explains frame t, which was seen last, [batch, slots, pixels, channels]; nil where frame 0 has none.
  func explanation(_ t: Int) -> UnsafePointer<Float>?
}

extension ClipInference {
  /// max_k ψ_k.
  func prediction(_ t: Int, sample: Int, place: Int) -> Float { shape.largest(psi(t), sample: sample, place: place) }
}

extension MixtureShape {
  /// max_k ψ_k at `place` of [pixels, channels].
  func largest(_ psi: UnsafePointer<Float>, sample: Int, place: Int) -> Float {
    let values = pixels * channels
    return (0..<slots).reduce(-Float.infinity) { max($0, psi[(sample * slots + $1) * values + place]) }
  }
}

extension Model {
  /// Room for `batch` clips of `frames` frames.
  func inference(batch: Int, slots: Int, frames: Int) -> any ClipInference {
    let starts = description.network.starts ?? 1
    let each = singleInference(batch: batch * starts, slots: slots, frames: frames)
    return starts == 1 ? each : BestStartInference(each, starts: starts, frames: frames)
  }

  private func singleInference(batch: Int, slots: Int, frames: Int) -> any ExplainingInference {
    guard let memory = description.network.memory else {
      return UnrolledInference(self, batch: batch, slots: slots, frames: frames)
    }
    return MemoryInference(self, memory, batch: batch, slots: slots, frames: frames)
  }
}

/// An unrolled network; of several looks at a frame, the first has what was predicted of it, and the last says what
/// belongs together.
private final class UnrolledInference: ExplainingInference {
  private let unroll: Unroll
  private var frame: [Float] = []

  init(_ model: Model, batch: Int, slots: Int, frames: Int) {
    unroll = Unroll(
      model.network, model.description, loss: UnrollLoss(), batch: batch, slots: slots,
      steps: model.description.network.looksAtFrames.end(of: frames - 1), training: false)
  }

  var shape: MixtureShape { unroll.shape }

  func begin(_ frame: [Float], _ random: inout RandomSource) throws {
    unroll.start(&random, frame: frame)
    try look(at: frame, 0)
  }

  func predict(_ t: Int) throws { try unroll.predict(unroll.looks.end(of: t - 1), seeing: frame) }

  func see(_ t: Int, _ frame: [Float]) throws {
    unroll.assign(unroll.looks.start(of: t), to: frame)
    try look(at: frame, t)
  }

  /// The looks after the first.
  private func look(at frame: [Float], _ t: Int) throws {
    self.frame = frame
    for look in unroll.looks.start(of: t)..<unroll.looks.end(of: t) {
      try unroll.forward(look, corrupted: frame, next: frame)
    }
  }

  func psi(_ t: Int) -> UnsafePointer<Float> { UnsafePointer(unroll.psi(unroll.looks.start(of: t))) }
  func explanation(_ t: Int) -> UnsafePointer<Float>? {
    let look = unroll.looks.end(of: t)
    return look == 0 ? nil : UnsafePointer(unroll.psi(look))
  }
  func gamma(_ t: Int) -> UnsafePointer<Float> { UnsafePointer(unroll.gamma(unroll.looks.end(of: t))) }
}
