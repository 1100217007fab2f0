/// The two colour planes of a frame in YCbCr, lent: 128 is gray. Row `y` of a plane begins at `y` times its stride.
public struct ColourPlanes {
  /// Blue difference.
  public let cb: UnsafeBufferPointer<UInt8>
  /// Bytes from one row of `cb` to the next.
  public let cbStride: Int
  /// Red difference.
  public let cr: UnsafeBufferPointer<UInt8>
  /// Bytes from one row of `cr` to the next.
  public let crStride: Int

  /// Planes of one size.
  public init(cb: UnsafeBufferPointer<UInt8>, cbStride: Int, cr: UnsafeBufferPointer<UInt8>, crStride: Int) {
    (self.cb, self.cbStride, self.cr, self.crStride) = (cb, cbStride, cr, crStride)
  }
}

/// How colour planes lie over a picture.
public struct ColourLayout: Sendable, Equatable {
  /// Binary logarithm of luma columns per column.
  public var shiftX: Int
  /// Binary logarithm of luma rows per row.
  public var shiftY: Int

  /// A layout from the binary logarithms, 0…2 each.
  public init(shiftX: Int, shiftY: Int) { (self.shiftX, self.shiftY) = (shiftX, shiftY) }

  /// Size of a colour plane over a picture.
  func size(width: Int, height: Int) -> (width: Int, height: Int) {
    ((width + (1 << shiftX) - 1) >> shiftX, (height + (1 << shiftY) - 1) >> shiftY)
  }
}
