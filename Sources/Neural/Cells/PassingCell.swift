import Kernels

/// No cell: θ is what the encoder gives, and nothing is carried.
final class PassingCell: Cell {
  let stateSize = 0
  let outputCount: Int
  private var size = UnrollSize(steps: 0, rows: 0, slots: 1)
  private var theta = FloatBuffer(count: 0)

  init(outputCount: Int) { self.outputCount = outputCount }

  func reserve(_ size: UnrollSize, training: Bool) {
    self.size = size
    if size.samples * outputCount > theta.count { theta = FloatBuffer(count: size.samples * outputCount) }
  }

  func weightsDidChange(_ parameters: Parameters) {}
  func output(_ step: Int) -> UnsafeMutablePointer<Float> { theta.pointer + step * size.rows * outputCount }
  func state(_ step: Int) -> UnsafeMutablePointer<Float> { output(step) }

  func forward(
    _ step: Int, encoded: UnsafePointer<Float>, before: UnsafePointer<Float>, _ parameters: Parameters
  ) {
    output(step).update(from: encoded, count: size.rows * outputCount)
  }

  func backward(
    _ step: Int, outputGradient: UnsafePointer<Float>, stateGradient: UnsafeMutablePointer<Float>,
    encodedGradient: UnsafeMutablePointer<Float>, _ parameters: Parameters
  ) {
    encodedGradient.update(from: outputGradient, count: size.rows * outputCount)
  }

  func finishGradients(_ parameters: Parameters) {}
}
