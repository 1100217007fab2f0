import Foundation
import Kernels
import Scenes

/// A textured car before a textured wall, under sensor noise, as gray Y4M, with the truth.
struct StandingScene {
  static let (width, height) = (256, 160)
  /// Column of the car's left side in each frame; nil while it is not there.
  var places: [Int?] = []
  /// Factor on the brightness in each frame.
  var light: (Int) -> Float = { _ in 1 }
  private static let (carWidth, carHeight, top) = (60, 32, 80)

  /// The car comes from the left, stands in the middle for some frames and goes on to the right.
  static func stopping(for frames: Int) -> StandingScene {
    StandingScene(
      places: Array(repeating: nil, count: 70) + arrival + Array(repeating: 98, count: frames) + departure
        + Array(repeating: nil, count: 60))
  }

  /// The car stands there from the beginning and leaves after some frames.
  static func leaving(after frames: Int, rest: Int) -> StandingScene {
    StandingScene(
      places: Array(repeating: 98, count: frames) + departure + Array(repeating: nil, count: rest))
  }

  private static let arrival = stride(from: -58, to: 98, by: 2).map { Optional($0) }
  private static let departure = stride(from: 100, to: 256, by: 2).map { Optional($0) }

  /// Frames in which the car stands.
  var standing: Range<Int> { places.firstIndex(of: 98)!..<places.lastIndex(of: 98)! + 1 }

  func truth(_ frame: Int) -> [Bool] {
    var truth = [Bool](repeating: false, count: Self.width * Self.height)
    forEachPixel(of: frame) { pixel, _, _ in truth[pixel] = true }
    return truth
  }

  var y4m: Data {
    var data = Data("YUV4MPEG2 W\(Self.width) H\(Self.height) F25:1 Ip A1:1 Cmono XCOLORRANGE=FULL\n".utf8)
    var texture = RandomSource(seed: 1)
    let wall = (0..<32 * 20).map { _ in texture.uniform(100, 145) }
    let paint = (0..<8 * 16).map { _ in texture.uniform(185, 210) }
    for frame in places.indices {
      var noise = RandomSource(seed: UInt64(frame + 2))
      var brightness = (0..<Self.width * Self.height).map { wall[$0 / Self.width / 8 * 32 + $0 % Self.width / 8] }
      forEachPixel(of: frame) { pixel, u, v in brightness[pixel] = paint[v / 4 * 16 + u / 4] }
      let factor = light(frame)
      data +=
        Data("FRAME\n".utf8) + Data(brightness.map { UInt8(min(max($0 * factor + noise.uniform(-3, 3), 0), 255)) })
    }
    return data
  }

  private func forEachPixel(of frame: Int, _ body: (_ pixel: Int, _ u: Int, _ v: Int) -> Void) {
    guard let left = places[frame] else { return }
    for v in 0..<Self.carHeight {
      for u in 0..<Self.carWidth where 0..<Self.width ~= left + u {
        body((Self.top + v) * Self.width + left + u, u, v)
      }
    }
  }
}
