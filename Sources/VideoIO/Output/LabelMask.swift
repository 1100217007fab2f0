import CKernels
import Kernels

/// Moves single objects between label pictures and masks.
package enum LabelMask {
  /// Sets the pixels of `mask` inside `box` to 255 where `labels` is `id`, else to 0.
  package static func paint(_ id: Int32, in box: PixelRect, of labels: Image<Int32>, into mask: inout Image<UInt8>) {
    precondition(labels.width == mask.width && labels.height == mask.height, "labels and mask differ in size")
    let width = mask.width
    let box = box.clipped(width: width, height: mask.height)
    guard box.width > 0, box.height > 0 else { return }
    labels.pixels.withUnsafeBufferPointer { labels in
      mask.pixels.withUnsafeMutableBufferPointer { mask in
        let first = box.y * width + box.x
        nem_paint_label(
          labels.baseAddress! + first, width, Int32(box.width), Int32(box.height), id, mask.baseAddress! + first,
          nem_cpu_level())
      }
    }
  }

  /// Sets the pixels of `mask` inside `box` to 0.
  package static func erase(_ box: PixelRect, in mask: inout Image<UInt8>) {
    let width = mask.width
    let box = box.clipped(width: width, height: mask.height)
    mask.pixels.withUnsafeMutableBufferPointer { mask in
      for y in box.y..<box.y + box.height {
        (mask.baseAddress! + y * width + box.x).update(repeating: 0, count: box.width)
      }
    }
  }
}

extension PixelRect {
  /// The part inside a frame of the given size.
  package func clipped(width frameWidth: Int, height frameHeight: Int) -> PixelRect {
    let (left, top) = (max(x, 0), max(y, 0))
    let (right, bottom) = (min(x + width, frameWidth), min(y + height, frameHeight))
    return PixelRect(x: left, y: top, width: max(right - left, 0), height: max(bottom - top, 0))
  }
}
