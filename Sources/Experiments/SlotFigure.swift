import Charts
import Kernels
import NEM
import VideoIO

/// The papers' picture of a clip: time from left to right; from top to bottom the frames, γ in colours, each ψ_k, and the
/// prediction max_k ψ_k that was made for each frame before it was seen.
package struct SlotFigure {
  private static let columns = 12
  private static let gap = 3
  private static let left = 64
  private static let top = 20
  private static let background = RGB(red: 128, green: 128, blue: 128)
  private let trace: SequenceTrace
  private let scale: Int

  package init(_ trace: SequenceTrace) {
    self.trace = trace
    scale = max(1, 64 / trace.format.width)
  }

  /// Steps that are shown, at equal distances; the first and the last are.
  private var shown: [Int] {
    let count = trace.steps.count
    guard count > Self.columns else { return Array(0..<count) }
    return (0..<Self.columns).map { $0 * (count - 1) / (Self.columns - 1) }
  }

  private var cell: (width: Int, height: Int) {
    (trace.format.width * scale + Self.gap, trace.format.height * scale + Self.gap)
  }

  /// The picture; a red bar stands above frames that the model did not see.
  package func painted() -> Image<RGB> {
    let names = ["frame", "gamma"] + (1...trace.slots).map { "psi \($0)" } + ["next"]
    var image = Image(
      width: Self.left + shown.count * cell.width, height: Self.top + names.count * cell.height,
      fill: Self.background)
    for (row, name) in names.enumerated() {
      PixelFont.write(name, in: &image, x: 4, y: Self.top + row * cell.height + cell.height / 2 - 6)
    }
    for (column, index) in shown.enumerated() {
      let (x, step) = (Self.left + column * cell.width, trace.steps[index])
      PixelFont.write(String(index + 1), in: &image, x: x + 2, y: 3)
      if index + 1 >= trace.observed {
        image.fill(x: x, y: Self.top - 5, width: cell.width, height: 3, RGB(red: 255, green: 0, blue: 0))
      }
      let pictures = [shades(step.frame[...]), owners(step.gamma)] + psis(step.psi) + [shades(step.prediction[...])]
      for (row, picture) in pictures.enumerated() {
        paint(picture, in: &image, x: x, y: Self.top + row * cell.height)
      }
    }
    return image
  }

  func write(_ path: String) throws { try PNGFile.write(painted(), to: path) }

  private func paint(_ picture: [RGB], in image: inout Image<RGB>, x: Int, y: Int) {
    for (place, colour) in picture.enumerated() {
      let (row, column) = (place / trace.format.width, place % trace.format.width)
      image.fill(x: x + column * scale, y: y + row * scale, width: scale, height: scale, colour)
    }
  }

  /// Values 0…1 as brightness, or as colours where there are three to a pixel.
  private func shades(_ values: ArraySlice<Float>) -> [RGB] {
    let channels = trace.format.channels
    return (0..<trace.format.pixels).map { pixel in
      let first = values.startIndex + pixel * channels
      func level(_ channel: Int) -> UInt8 {
        UInt8(max(0, min(255, (values[first + (channels == 3 ? channel : 0)] * 255).rounded())))
      }
      return RGB(red: level(0), green: level(1), blue: level(2))
    }
  }

  private func psis(_ psi: [Float]) -> [[RGB]] {
    let count = trace.format.pixels * trace.format.channels
    return (0..<trace.slots).map { shades(psi[$0 * count..<($0 + 1) * count]) }
  }

  /// The slots' colours, mixed by γ.
  private func owners(_ gamma: [Float]) -> [RGB] {
    let colours = (1...trace.slots).map(OverlayColour.of)
    return (0..<trace.format.pixels).map { pixel in
      func channel(_ part: (RGB) -> UInt8) -> UInt8 {
        let sum = colours.indices.reduce(Float(0)) {
          $0 + gamma[$1 * trace.format.pixels + pixel] * Float(part(colours[$1]))
        }
        return UInt8(max(0, min(255, sum.rounded())))
      }
      return RGB(red: channel(\.red), green: channel(\.green), blue: channel(\.blue))
    }
  }
}
