import Kernels

/// Parts of the picture that nobody may see: their pixels are replaced as soon as they are decoded, by what does not
/// depend on them.
///
/// A pixel of a plane is concealed where any part of it is. The area is given for the upright picture; a picture of
/// another size is taken for a scaled one.
final class ConcealedArea {
  private let mask: Image<UInt8>
  /// Runs of concealed pixels for the planes of one size after the other.
  private var runs: [PlaneSize: [Run]] = [:]
  /// Gray in all planes.
  private static let filling: UInt8 = 128

  private struct PlaneSize: Hashable {
    var width: Int
    var height: Int
  }

  private struct Run {
    var row: Int
    var columns: Range<Int>
  }

  /// `mask` is not 0 where the picture is concealed.
  init(_ mask: Image<UInt8>) { self.mask = mask }

  /// Replaces the concealed pixels of an 8-bit planar frame of its own.
  func conceal(_ frame: borrowing FrameHandle) {
    let layout = PixelLayout(frame.format)
    for plane in 0..<(layout.isGray ? 1 : 3) {
      let (shiftX, shiftY) = plane == 0 ? (0, 0) : (layout.chromaShiftX, layout.chromaShiftY)
      let size = PlaneSize(
        width: (frame.width + (1 << shiftX) - 1) >> shiftX, height: (frame.height + (1 << shiftY) - 1) >> shiftY)
      let (start, stride) = frame.plane(plane)
      for run in runs(for: size) {
        (start + run.row * stride + run.columns.lowerBound).update(repeating: Self.filling, count: run.columns.count)
      }
    }
  }

  /// The values of a picture that are not concealed, row by row.
  func visible(_ image: Image<UInt16>) -> [UInt16] {
    var (kept, next): ([UInt16], Int) = ([], 0)
    kept.reserveCapacity(image.pixels.count)
    for run in runs(for: PlaneSize(width: image.width, height: image.height)) {
      kept += image.pixels[next..<run.row * image.width + run.columns.lowerBound]
      next = run.row * image.width + run.columns.upperBound
    }
    return kept + image.pixels[next...]
  }

  private func runs(for size: PlaneSize) -> [Run] {
    if let known = runs[size] { return known }
    var found: [Run] = []
    for row in 0..<size.height {
      var begin: Int?
      for column in 0...size.width {
        let isConcealed = column < size.width && touches(column, row, size)
        if isConcealed, begin == nil { begin = column }
        if !isConcealed, let first = begin {
          found.append(Run(row: row, columns: first..<column))
          begin = nil
        }
      }
    }
    runs[size] = found
    return found
  }

  /// Whether a plane's pixel shows anything of the area.
  private func touches(_ column: Int, _ row: Int, _ size: PlaneSize) -> Bool {
    let rows = row * mask.height / size.height..<((row + 1) * mask.height + size.height - 1) / size.height
    let columns = column * mask.width / size.width..<((column + 1) * mask.width + size.width - 1) / size.width
    for y in rows {
      for x in columns where mask[x, y] != 0 { return true }
    }
    return false
  }
}
