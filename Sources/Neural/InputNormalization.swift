import CKernels
import Kernels

/// Brings every row's input to zero mean and unit variance over all its values, without weights.
///
/// Flying MNIST's network has it before the encoder, for each slot's image (Greff et al. 2017, appendix).
final class InputNormalization {
  private let count: Int
  private let ones: FloatBuffer
  private let zeros: FloatBuffer
  private var normalized = FloatBuffer(count: 0)
  private var statistics = FloatBuffer(count: 0)
  private var unused = FloatBuffer(count: 0)

  /// For rows of `count` values.
  init(count: Int) {
    self.count = count
    (ones, zeros) = (FloatBuffer(count: 1), FloatBuffer(count: 1))
    ones.fill(1)
  }

  func reserve(_ size: UnrollSize, training: Bool) {
    normalized = FloatBuffer(count: size.samples * count)
    statistics = FloatBuffer(count: 2 * size.samples)
    unused = FloatBuffer(count: training ? 2 * size.samples : 0)
  }

  /// The normalised rows of a step, [rows, count]; steps are contiguous.
  func output(_ step: Int, _ rows: Int) -> UnsafeMutablePointer<Float> {
    normalized.pointer + step * rows * count
  }

  func forward(_ source: UnsafePointer<Float>, step: Int, rows: Int) {
    nem_norm_forward(
      source, output(step, rows), statistics.pointer + 2 * step * rows, ones.pointer, zeros.pointer, rows, count, 1,
      Activation.identity.code)
  }

  /// Turns dL/d(normalised) of a step into dL/d(source), in place.
  func backward(
    _ gradient: UnsafeMutablePointer<Float>, source: UnsafePointer<Float>, step: Int, rows: Int
  ) {
    nem_norm_backward(
      gradient, source, output(step, rows), statistics.pointer + 2 * step * rows, ones.pointer, unused.pointer,
      unused.pointer + rows, rows, count, 1, Activation.identity.code)
  }
}
