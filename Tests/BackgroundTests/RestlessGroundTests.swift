import Background
import Foundation
import Kernels
import Testing

/// Ground that moves in its place, as leaves do in the wind.
@Suite struct RestlessGroundTests {
  private let width = 96, height = 64

  /// Leaves of 6 × 6 pixels on the right, which turn from dark to bright and back, each at its own pace; grey on the left.
  private func frame(_ t: Int, object: UInt8? = nil) -> Image<UInt8> {
    var frame = Image<UInt8>(width: width, height: height, fill: 120)
    for y in 0..<height {
      for x in 48..<width {
        let leaf = Double(x / 6 * 7 + y / 6 * 13)
        let turn = sin(Double(t) / (4 + leaf.truncatingRemainder(dividingBy: 5)) + leaf)
        frame[x, y] = UInt8(120 + 38 * turn)
      }
    }
    if let object { for y in 20..<44 { for x in 30..<72 { frame[x, y] = object } } }
    return frame
  }

  /// The share of foreground among some columns of rows 20..<44.
  private func share(_ mask: Image<UInt8>, _ columns: Range<Int>) -> Float {
    Float((20..<44).map { y in columns.count { mask[$0, y] == 255 } }.reduce(0, +)) / Float(24 * columns.count)
  }

  /// What is known of a block of pixels does not outlast the noise of the scene, by which its ground is restless or not.
  @Test(arguments: [Int32(0), 1, 2]) func equalsItsPlainTwinWhereTheNoiseChanges(level: Int32) throws {
    var configuration = BackgroundConfiguration()
    configuration.learningRate = 0.005
    var twins = try SubtractorTwins(width: width, height: height, configuration: configuration, level: level)
    var random = RandomSource(seed: 11)
    var frame = Image<UInt8>(width: width, height: height, fill: 0)
    for t in 0..<400 {
      for i in frame.pixels.indices {
        let isNoisy = i % width < 64
        let (ground, noise) = isNoisy ? (120, t < 60 ? 24 : 2) : (t % 7 < 2 ? 165 : 120, 14)
        frame.pixels[i] = UInt8(ground + Int.random(in: -noise...noise, using: &random))
      }
      twins.apply(frame)
    }
  }

  @Test func leavesAreGroundAndWhatPassesBeforeThemIsNot() throws {
    let subtractor = try BackgroundSubtractor(width: width, height: height)
    var leaves: Float = 0
    for t in 0..<300 {
      let mask = subtractor.mask(of: frame(t))
      if t >= 250 { leaves = max(leaves, share(mask, 48..<width)) }
    }
    #expect(leaves < 0.02, "\(leaves) of the leaves")
    let mask = subtractor.mask(of: frame(300, object: 235))
    #expect(share(mask, 32..<70) > 0.9, "of the object \(share(mask, 32..<48)) and \(share(mask, 48..<70))")
  }

  /// Waves that move in the first frames are ground from the first of them on.
  @Test func wavesOfTheFirstFramesAreGroundAtOnce() throws {
    func sea(_ t: Int, object: UInt8? = nil) -> Image<UInt8> {
      var sea = frame(t, object: object)
      for i in sea.pixels.indices where i % width >= 48 && sea.pixels[i] != object {
        let (x, y) = (Double(i % width), Double(i / width))
        sea.pixels[i] = UInt8(120 + 16 * sin(Double(t) / 4 + x / 5) + 16 * sin(Double(t) / 3 - x / 9 + y / 7))
      }
      return sea
    }
    let subtractor = try BackgroundSubtractor(firstFrames: (0..<60).map { sea($0) })
    var waves: Float = 0
    for t in 0..<100 { waves = max(waves, share(subtractor.mask(of: sea(t)), 48..<width)) }
    #expect(waves < 0.15, "\(waves) of the waves")
    let mask = subtractor.mask(of: sea(100, object: 235))
    #expect(share(mask, 32..<70) > 0.9, "of the object \(share(mask, 32..<48)) and \(share(mask, 48..<70))")
  }
}
