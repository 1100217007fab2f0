import Foundation
import Kernels

/// A textured scene that can be seen from anywhere: sums of waves, so that sub-pixel shifts are exact.
struct ShakyScene {
  private let waves: [(x: Double, y: Double, phase: Double, height: Double)]

  init(seed: UInt64) {
    var random = RandomSource(seed: seed)
    waves = (0..<24).map { _ in
      let (angle, frequency) = (
        Double.random(in: 0..<(2 * .pi), using: &random), Double.random(in: 0.02...0.5, using: &random)
      )
      let phase = Double.random(in: 0..<(2 * .pi), using: &random)
      return (frequency * cos(angle), frequency * sin(angle), phase, 1.8 / (0.1 + frequency))
    }
  }

  /// What a camera sees that looks `dx`, `dy` pixels to the right and below, with noise and a bright square at `object`.
  func frame(
    width: Int, height: Int, dx: Double = 0, dy: Double = 0, gain: Double = 1, object: Int? = nil,
    noise: inout RandomSource
  ) -> Image<UInt8> {
    var frame = Image<UInt8>(width: width, height: height, fill: 0)
    for y in 0..<height {
      for x in 0..<width {
        let (u, v) = (Double(x) + dx, Double(y) + dy)
        var value = 110.0
        for wave in waves { value += wave.height * sin(wave.x * u + wave.y * v + wave.phase) }
        if let object, (object..<object + width / 4).contains(x), (height / 3..<height * 2 / 3).contains(y) {
          value = 240
        }
        frame[x, y] = UInt8(clamping: Int((gain * value + 2 * Double(noise.normal())).rounded()))
      }
    }
    return frame
  }
}
