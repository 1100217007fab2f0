/// A fixed block of 32-bit floats, aligned to 64 bytes and zero at the start.
///
/// Tensors are views into such blocks: one allocation for each set that lives and dies together.
public final class FloatBuffer: @unchecked Sendable {
  /// First element; valid while the buffer lives.
  public let pointer: UnsafeMutablePointer<Float>
  /// Number of floats.
  public let count: Int

  /// A zeroed block of `count` floats.
  public init(count: Int) {
    let raw = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1) * MemoryLayout<Float>.stride, alignment: 64)
    pointer = raw.bindMemory(to: Float.self, capacity: max(count, 1))
    pointer.initialize(repeating: 0, count: max(count, 1))
    self.count = count
  }

  deinit {
    UnsafeMutableRawPointer(pointer).deallocate()
  }

  /// Sets every element.
  public func fill(_ value: Float) {
    pointer.update(repeating: value, count: count)
  }

  /// Adds `scale` times another block of the same size.
  public func add(_ other: FloatBuffer, scale: Float) {
    precondition(other.count == count)
    let (target, source) = (pointer, other.pointer)
    for index in 0..<count { target[index] += scale * source[index] }
  }

  /// Multiplies every element.
  public func scale(by factor: Float) {
    for index in 0..<count { pointer[index] *= factor }
  }

  /// √Σ x².
  public var norm: Float {
    var sum = 0.0
    for index in 0..<count { sum += Double(pointer[index]) * Double(pointer[index]) }
    return Float(sum.squareRoot())
  }

  /// The elements as an array.
  public var array: [Float] {
    Array(UnsafeBufferPointer(start: pointer, count: count))
  }
}
