import Kernels

extension UnsafeBufferPointer<UInt8> {
  /// The smallest rectangle that holds all nonzero pixels of a picture without padding; empty if there are none.
  func nonzeroBounds(width: Int) -> PixelRect {
    let height = count / width
    guard let top = (0..<height).first(where: { firstNonzero(row: $0, width) != nil }) else {
      return PixelRect(x: 0, y: 0, width: 0, height: 0)
    }
    var (left, right, bottom) = (width, 0, top)
    for y in top..<height {
      guard let first = firstNonzero(row: y, width) else { continue }
      var last = width - 1
      while self[y * width + last] == 0 { last -= 1 }
      left = Swift.min(left, first)
      right = Swift.max(right, last + 1)
      bottom = y
    }
    return PixelRect(x: left, y: top, width: right - left, height: bottom + 1 - top)
  }

  private func firstNonzero(row: Int, _ width: Int) -> Int? {
    let bytes = UnsafeRawPointer(baseAddress! + row * width)
    var x = 0
    while x + 8 <= width, bytes.loadUnaligned(fromByteOffset: x, as: UInt64.self) == 0 { x += 8 }
    while x < width, bytes.load(fromByteOffset: x, as: UInt8.self) == 0 { x += 1 }
    return x < width ? x : nil
  }
}

extension PixelRect {
  /// The part inside a frame.
  func clipped(width frameWidth: Int, height frameHeight: Int) -> PixelRect {
    let (left, top) = (max(x, 0), max(y, 0))
    let (right, bottom) = (min(x + width, frameWidth), min(y + height, frameHeight))
    return PixelRect(x: left, y: top, width: max(right - left, 0), height: max(bottom - top, 0))
  }
}
