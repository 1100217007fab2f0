import CKernels
import Kernels

/// PNG pictures of what a frame shows where a number lies, in red, green, blue and opacity; all else is black and cannot
/// be seen. Of each row the differences from pixel to pixel are stored.
enum CutoutPNG {
  /// What begins a row of differences to the pixel on the left.
  private static let left: UInt8 = 1
  private static let channels = 4

  /// The file of a box that lies in the frame.
  static func encode(_ id: Int32, in box: PixelRect, of labels: Image<Int32>, from frame: VideoFrame) -> [UInt8] {
    precondition(labels.width == frame.width && labels.height == frame.height, "labels and frame differ in size")
    precondition(box == box.clipped(width: frame.width, height: frame.height), "the box lies outside the frame")
    let stride = 1 + channels * box.width
    let rows = [UInt8](unsafeUninitializedCapacity: stride * box.height) { rows, count in
      var matrix = frame.colourMatrix
      labels.pixels.withUnsafeBufferPointer { labels in
        for y in 0..<box.height {
          let row = rows.baseAddress! + y * stride
          row.pointee = left
          frame.withColourRow(box.y + y) { colours in
            nem_cut_row(
              &colours, &matrix, labels.baseAddress! + (box.y + y) * frame.width, id, Int32(box.x), Int32(box.width),
              row + 1, nem_cpu_level())
          }
        }
      }
      count = stride * box.height
    }
    return PNGChunks.file(
      width: box.width, height: box.height, head: [8, 6, 0, 0, 0], data: PixelDeflate.compress(rows))
  }
}
