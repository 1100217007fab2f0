import Kernels
import NEM
import VideoIO

/// Brings frames and their foreground masks to the model grid.
struct Preprocessor {
  /// Columns and rows of the grid.
  let width: Int, height: Int
  private var luma: GridSampler
  private var chroma: GridSampler?
  private let cells: Int

  /// A grid of at most `width` columns with the picture's proportions, never finer than its chroma planes.
  init(for frame: VideoFrame, width: Int) {
    let chromaSize = frame.planeSize(frame.isGray ? 0 : 1)
    let columns = max(1, min(width, chromaSize.width))
    let rows = max(1, min(chromaSize.height, (columns * frame.height + frame.width / 2) / frame.width))
    self.init(for: frame, width: columns, height: rows)
  }

  /// A grid of a given size.
  init(for frame: VideoFrame, width: Int, height: Int) {
    (self.width, self.height, cells) = (width, height, width * height)
    luma = GridSampler(sourceWidth: frame.width, sourceHeight: frame.height, width: width, height: height)
    if !frame.isGray {
      let size = frame.planeSize(1)
      chroma = GridSampler(sourceWidth: size.width, sourceHeight: size.height, width: width, height: height)
    }
  }

  /// The frame on the grid; colours are 0 in cells where nothing moves. `foreground` has the frame's size, 255 for moving pixels.
  mutating func sample(_ frame: VideoFrame, foreground: UnsafeBufferPointer<UInt8>) -> GridFrame {
    var grid = GridFrame(
      width: width, height: height, foreground: Array(repeating: 0, count: cells),
      luma: Array(repeating: 0, count: cells), cb: Array(repeating: 0, count: chroma == nil ? 0 : cells),
      cr: Array(repeating: 0, count: chroma == nil ? 0 : cells))
    luma.average(foreground, stride: frame.width, into: &grid.foreground)
    // Colour counts only where something moves.
    let moving = grid.foreground
    frame.withPlane(0) { luma.average($0, stride: $1, into: &grid.luma, where: moving) }
    if chroma != nil {
      frame.withPlane(1) { chroma!.average($0, stride: $1, into: &grid.cb, where: moving) }
      frame.withPlane(2) { chroma!.average($0, stride: $1, into: &grid.cr, where: moving) }
    }
    return grid
  }
}
