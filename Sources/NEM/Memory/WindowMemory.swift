import Foundation
import Kernels
import Neural

/// What has been seen of windows, of `count` pixels in all: A, the light that was the slot's, and G, how often it could look.
///
/// r = (A + 0.3 · 0.2) / (G + 0.3) is what a window holds when all that is known of objects is that a fifth of their
/// window is lit; the network adds to its logits.
struct WindowMemory {
  private static let (doubt, usual) = (Float(0.3), Float(0.2))
  private static let least: Float = 0.02
  /// A, [rows, pixels].
  let lit: FloatBuffer
  /// G, [rows, pixels].
  let looks: FloatBuffer

  init(count: Int) { (lit, looks) = (FloatBuffer(count: count), FloatBuffer(count: count)) }

  func forget() {
    lit.fill(0)
    looks.fill(0)
  }

  /// logit r of pixel `index` of all rows.
  private func logit(_ index: Int) -> Float {
    let ratio = (lit.pointer[index] + Self.doubt * Self.usual) / (looks.pointer[index] + Self.doubt)
    let r = min(max(ratio, Self.least), 1 - Self.least)
    return log(r / (1 - r))
  }

  /// Fills a network's input, [rows, pixels, views]: logit r, A / (A + 1), G / (G + 1).
  func show(to input: UnsafeMutablePointer<Float>) {
    for index in 0..<lit.count {
      let (a, g, view) = (lit.pointer[index], looks.pointer[index], input + index * MemoryDescription.views)
      (view[0], view[1], view[2]) = (logit(index), a / (a + 1), g / (g + 1))
    }
  }

  /// What a network whose input `show` has filled makes of the windows, as logits.
  static func logit(_ index: Int, input: UnsafePointer<Float>, output: UnsafePointer<Float>) -> Float {
    input[index * MemoryDescription.views] + output[index]
  }
}
