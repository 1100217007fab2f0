import CKernels
import Kernels

extension BackgroundSubtractor {
  /// Where the background shows what has gone, it starts anew from the frame, which is at the background's place.
  func fillHoles(_ luma: UnsafePointer<UInt8>, _ stride: Int, _ gain: Float, _ mask: UnsafePointer<UInt8>) {
    standing.compareOutlines(mask, luma: luma, stride: stride, gain: gain, mean: mixtures.means)
    guard standing.hasHoles else { return }
    let width = width
    for row in 0..<height {
      let holes = standing.holes(row: row)
      if holes.isEmpty { continue }
      let pixels = holes.joined().lazy.filter { mask[row * width + $0] != 0 }
      mixtures.restart(row: row, pixels, variance: startVariance) { x in
        UInt16(min(Float(luma[row * stride + x]) * gain, 255) * 256)
      }
    }
  }

  /// The same for the colours.
  func fillHoles(_ colours: ColourPlanes, _ gain: Float) {
    guard standing.hasHoles else { return }
    for row in 0..<height {
      for hole in standing.holes(row: row) { chroma?.restart(colours, gain: gain, row: row, columns: hole) }
    }
  }
}
