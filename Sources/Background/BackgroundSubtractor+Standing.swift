import CKernels
import Kernels

extension BackgroundSubtractor {
  /// Where the background shows what has gone, it starts anew from the frame, which is at the background's place.
  func fillHoles(_ luma: UnsafePointer<UInt8>, _ stride: Int, _ gain: Float, _ mask: UnsafePointer<UInt8>) {
    standing.compareOutlines(mask, luma: luma, stride: stride, gain: gain, mean: planes(row: 0).mean.0!)
    guard standing.hasHoles else { return }
    for row in 0..<height {
      let holes = standing.holes(row: row)
      if holes.isEmpty { continue }
      let planes = planes(row: row)
      // Nothing that was known of the row's blocks need be true any more.
      planes.history.update(repeating: 0, count: width / Int(NEM_GMM_BLOCK))
      for x in holes.joined() where mask[row * width + x] != 0 {
        for plane in 3..<3 * configuration.components { state[plane * pitch + row * width + x] = 0 }
        planes.weight.0![x] = .max
        planes.mean.0![x] = UInt16(min(Float(luma[row * stride + x]) * gain, 255) * 256)
        planes.variance.0![x] = startVariance
      }
    }
  }
}
