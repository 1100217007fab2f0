import Kernels

extension GlobalMotion.Shift {
  /// The plain twin of `nem_shift`: a frame moved to the background's place, its border repeated.
  package func aligned(_ frame: Image<UInt8>) -> Image<UInt8> {
    var result = frame
    for y in 0..<frame.height {
      for x in 0..<frame.width {
        result[x, y] = UInt8((Self.sample(frame, 16 * x + Int(dx), 16 * y + Int(dy)) + 128) / 256)
      }
    }
    return result
  }

  /// A picture moved from the background's place back to the frame's, 0 where the background ends.
  package func restored(_ picture: Image<UInt8>) -> Image<UInt8> {
    var result = GlobalMotion.Shift(dx: -dx, dy: -dy).aligned(picture)
    for y in 0..<picture.height {
      for x in 0..<picture.width {
        let (column, row) = (16 * x - Int(dx), 16 * y - Int(dy))
        let isKnown = 0...16 * (picture.width - 1) ~= column && 0...16 * (picture.height - 1) ~= row
        if !isKnown { result[x, y] = 0 }
      }
    }
    return result
  }

  /// The value, times 256, at a place in sixteenths of a pixel.
  private static func sample(_ image: Image<UInt8>, _ column: Int, _ row: Int) -> Int {
    func pixel(_ x: Int, _ y: Int) -> Int {
      Int(image[min(max(x, 0), image.width - 1), min(max(y, 0), image.height - 1)])
    }
    let (x, y, right, down) = (column >> 4, row >> 4, column & 15, row & 15)
    let upper = pixel(x, y) * (16 - right) + pixel(x + 1, y) * right
    let lower = pixel(x, y + 1) * (16 - right) + pixel(x + 1, y + 1) * right
    return upper * (16 - down) + lower * down
  }
}
