import Background
import Foundation
import Kernels
import Testing

@Suite struct SceneChangeTests {
  private static let (width, height) = (96, 64)

  /// A textured scene with noise, `light` brighter than usual; a block stands or moves in it, or all of it moves.
  private func frame(
    _ t: Int, light: Int = 0, contrast: Double = 1, block: Int? = nil, _ noise: inout RandomSource
  ) -> Image<UInt8> {
    var frame = Image<UInt8>(width: Self.width, height: Self.height, fill: 0)
    for y in 0..<Self.height {
      for x in 0..<Self.width {
        let texture = 40 * sin(Double(x) / 5) * cos(Double(y) / 4) * contrast
        frame[x, y] = UInt8(clamping: 90 + light + Int(texture + 2 * Double(noise.normal())))
        if let block, (block..<block + 12).contains(x), (20..<40).contains(y) { frame[x, y] = 230 }
      }
    }
    return frame
  }

  private func share(_ mask: Image<UInt8>) -> Double {
    Double(mask.pixels.count { $0 == 255 }) / Double(mask.pixels.count)
  }

  /// A model that has seen the scene for a while.
  private func settled(_ noise: inout RandomSource) throws -> BackgroundSubtractor {
    let subtractor = try BackgroundSubtractor(width: Self.width, height: Self.height)
    for t in 0..<30 { _ = subtractor.mask(of: frame(t, &noise)) }
    return subtractor
  }

  @Test func aSwitchedLightBeginsAnewAndKeepsWhatMoves() throws {
    var noise = RandomSource(seed: 1)
    let subtractor = try settled(&noise)
    var last = Image<UInt8>(width: Self.width, height: Self.height, fill: 0)
    for t in 0..<25 {
      last = subtractor.mask(of: frame(t, light: 30, contrast: -1.5, block: 10 + 2 * t, &noise))
      #expect(share(last) < 0.1, "frame \(t): what differs is another scene and no object")
    }
    #expect(share(last) < 0.1 && last[64, 30] == 255, "\(share(last)) is foreground")
  }

  @Test func aLightThatTakesSomeFramesIsNoObjectEither() throws {
    var noise = RandomSource(seed: 7)
    let subtractor = try settled(&noise)
    for t in 1...25 {
      let risen = Double(min(t, 4)) / 4
      let mask = subtractor.mask(of: frame(t, light: Int(30 * risen), contrast: 1 - 2.5 * risen, &noise))
      if t >= 4 { #expect(share(mask) < 0.1, "frame \(t)") }
    }
  }

  @Test func aBlindCameraForgetsNothing() throws {
    var noise = RandomSource(seed: 2)
    let subtractor = try settled(&noise)
    for t in 0..<60 {
      #expect(share(subtractor.mask(of: frame(t, light: -80, contrast: 0, &noise))) == 0, "frame \(t)")
    }
    #expect(share(subtractor.mask(of: frame(0, &noise))) < 0.02)
  }

  @Test func whatMovesAllOverThePictureIsNoScene() throws {
    var noise = RandomSource(seed: 3)
    let subtractor = try settled(&noise)
    var least = 1.0
    for t in 0..<60 {
      var crowd = frame(t, &noise)
      for i in crowd.pixels.indices where (i % Self.width + 5 * t) % 24 < 20 {
        crowd.pixels[i] = UInt8(150 + (i % Self.width * 7 + 35 * t + i / Self.width * 11) % 100)
      }
      let found = share(subtractor.mask(of: crowd))
      // It came all at once, and is in doubt at first.
      if t > 25 { least = min(least, found) }
    }
    #expect(least > 0.5)
  }

  /// What covers less than nearly all of the picture is seen at once, and what comes and goes is not in doubt for long.
  @Test func largeObjectsAreSeen() throws {
    var noise = RandomSource(seed: 6)
    let subtractor = try settled(&noise)
    for t in 0..<18 {
      var truck = frame(t, &noise)
      for y in 0..<Self.height { for x in t..<t + 38 { truck[x, y] = UInt8(180 + (x - t) * 7 % 60) } }
      #expect(share(subtractor.mask(of: truck)) > 0.2, "frame \(t)")
    }
    var hidden = 0
    for t in 0..<200 {
      var flashing = frame(t, &noise)
      let covered = t / 2 % 2 == 0 ? 1 : 3
      for i in flashing.pixels.indices where i / Self.width % 4 < covered {
        flashing.pixels[i] = UInt8(160 + (i * 7 + t * 31) % 90)
      }
      hidden += share(subtractor.mask(of: flashing)) == 0 ? 1 : 0
    }
    #expect(hidden < 60, "hidden in \(hidden) of 200 frames")
  }

  /// What stands in the first frames has not come all at once.
  @Test func aCrowdInTheFirstFramesIsSeen() throws {
    var noise = RandomSource(seed: 5)
    let scene = (0..<30).map { frame($0, &noise) }
    let subtractor = try BackgroundSubtractor(firstFrames: scene)
    for t in 0..<10 {
      #expect(share(subtractor.mask(of: frame(t, light: 30, contrast: -1.5, &noise))) > 0.5, "frame \(t)")
    }
  }

  @Test(arguments: [Int32(0), 1, 2]) func equalsItsPlainTwinThroughAChange(level: Int32) throws {
    var twins = try SubtractorTwins(
      width: Self.width, height: Self.height, configuration: BackgroundConfiguration(), level: level)
    var noise = RandomSource(seed: 4)
    for t in 0..<45 {
      let next = frame(t, light: t < 15 ? 0 : 50, contrast: t < 15 ? 1 : -1, block: 2 * t, &noise)
      twins.apply(next)
    }
  }
}
