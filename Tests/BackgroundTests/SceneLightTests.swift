import Background
import Kernels
import Testing

/// What counts as another brightness follows the light of the scene.
@Suite struct SceneLightTests {
  /// The share of an object's pixels that are found on a noisy ground, less the share of others.
  private func found(_ object: UInt8, on ground: UInt8, _ brightness: BrightnessRange = .full) throws -> Float {
    var configuration = BackgroundConfiguration()
    configuration.brightness = brightness
    let subtractor = try BackgroundSubtractor(width: 96, height: 64, configuration: configuration)
    var random = RandomSource(seed: 6)
    func frame(_ object: UInt8) -> Image<UInt8> {
      var frame = Image<UInt8>(width: 96, height: 64, fill: ground)
      for y in 20..<40 { for x in 30..<60 { frame[x, y] = object } }
      for i in frame.pixels.indices { frame.pixels[i] += UInt8.random(in: 0...1, using: &random) }
      return frame
    }
    var mask = Image<UInt8>(width: 96, height: 64, fill: 0)
    for t in 0..<40 { mask = subtractor.mask(of: frame(t < 39 ? ground : object)) }
    let inside = (20..<40).map { y in (30..<60).count { mask[$0, y] == 255 } }.reduce(0, +)
    return Float(2 * inside - mask.pixels.count { $0 == 255 }) / 600
  }

  /// A ground at 150 with an object at 185 or at 158, and about the same in a third of the light.
  @Test func duskLeavesTheSameDifferences() throws {
    #expect(try found(185, on: 150) > 0.95 && found(158, on: 150) == 0)
    #expect(try found(62, on: 50) > 0.95 && found(53, on: 50) == 0)
  }

  /// Black is no light, wherever the frames have it.
  @Test func lightBeginsAtBlack() throws {
    #expect(try found(54, on: 50, .full) == 0)
    #expect(try found(54, on: 50, .limited) > 0.95)
  }
}
