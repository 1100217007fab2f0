import Kernels

/// PNG pictures of masks and numbers, which are flat but for some outlines: of rows that are not blank the difference to
/// the row above is stored, in long runs. Some fifty times as fast as a search for repetitions, at about the same size.
enum RunPNG {
  /// How a pixel is stored.
  enum Kind: UInt8 {
    case gray8, gray16
    /// Indices of a palette.
    case indexed

    fileprivate var byteCount: Int { self == .gray16 ? 2 : 1 }
    fileprivate var head: [UInt8] { [self == .gray16 ? 16 : 8, self == .indexed ? 3 : 0, 0, 0, 0] }
  }

  /// What begins a row that is stored as it is, and one of differences to the row above.
  private static let (plain, up): (UInt8, UInt8) = (0, 2)

  /// The file of a picture that is 0 outside `bounds`. `fillRow` puts the values of a row from the left edge of the bounds
  /// to the right one.
  static func encode(
    width: Int, height: Int, _ kind: Kind, palette: [RGB], bounds: PixelRect,
    fillRow: (_ y: Int, _ row: UnsafeMutableBufferPointer<UInt8>) -> Void
  ) -> [UInt8] {
    PNGChunks.file(
      width: width, height: height, head: kind.head, palette: palette,
      data: data(width, height, kind.byteCount, bounds.clipped(width: width, height: height), fillRow))
  }

  private static func data(
    _ width: Int, _ height: Int, _ byteCount: Int, _ box: PixelRect,
    _ fillRow: (_ y: Int, _ row: UnsafeMutableBufferPointer<UInt8>) -> Void
  ) -> [UInt8] {
    var stream = RunDeflate()
    let (left, right) = (byteCount * box.x, byteCount * (width - box.x - box.width))
    stream.append(plain, count: box.y * (1 + byteCount * width))
    let count = byteCount * box.width
    withUnsafeTemporaryAllocation(byteCount: 2 * count, alignment: 16) { bytes in
      let rows = bytes.initializeMemory(as: UInt8.self, repeating: 0)
      var (above, row) = (
        UnsafeMutableBufferPointer(rebasing: rows[..<count]), UnsafeMutableBufferPointer(rebasing: rows[count...])
      )
      for y in box.y..<box.y + box.height {
        fillRow(y, row)
        if row.allSatisfy({ $0 == 0 }) {
          stream.append(plain, count: 1 + byteCount * width)
        } else {
          stream.append(up)
          stream.append(0, count: left)
          append(row, above, to: &stream)
          stream.append(0, count: right)
        }
        swap(&above, &row)
      }
    }
    stream.append(plain, count: (height - box.y - box.height) * (1 + byteCount * width))
    return stream.finish()
  }

  /// Appends a row's differences; most are 0, eight at a time.
  private static func append(
    _ row: UnsafeMutableBufferPointer<UInt8>, _ above: UnsafeMutableBufferPointer<UInt8>, to stream: inout RunDeflate
  ) {
    let (row, above, count) = (UnsafeRawBufferPointer(row), UnsafeRawBufferPointer(above), row.count)
    var x = 0
    while x < count {
      var same = x
      while same + 8 <= count,
        row.loadUnaligned(fromByteOffset: same, as: UInt64.self)
          == above.loadUnaligned(fromByteOffset: same, as: UInt64.self)
      { same += 8 }
      while same < count && row[same] == above[same] { same += 1 }
      if same > x { stream.append(0, count: same - x) }
      x = same
      while x < count && row[x] != above[x] {
        stream.append(row[x] &- above[x])
        x += 1
      }
    }
  }
}
