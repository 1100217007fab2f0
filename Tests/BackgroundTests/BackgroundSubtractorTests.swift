import Background
import CKernels
import Foundation
import Kernels
import Testing

@Suite struct BackgroundSubtractorTests {
  /// Frames that visit the model's extremes: noise, flicker, black, white, moving edges.
  private func frames(width: Int, height: Int, count: Int, seed: UInt64) -> [Image<UInt8>] {
    var random = RandomSource(seed: seed)
    return (0..<count).map { t in
      var frame = Image<UInt8>(width: width, height: height, fill: 0)
      for i in frame.pixels.indices {
        let noise = Int.random(in: -6...6, using: &random)
        switch (i + 3 * t) % 97 {
        // Every other dozen of frames is darker, so that the exposure is compensated.
        case _ where t / 12 % 2 == 1: frame.pixels[i] = UInt8(clamping: (i * 7) % 256 * 5 / 8 + noise)
        case 0..<20: frame.pixels[i] = UInt8.random(in: 0...255, using: &random)
        case 20..<30: frame.pixels[i] = t % 2 == 0 ? 0 : 255
        default: frame.pixels[i] = UInt8(clamping: (i * 7) % 256 + noise)
        }
      }
      return frame
    }
  }

  @Test(arguments: [1, 2, 3, 5], [Int32(0), 1, 2]) func equalsItsPlainTwinBitForBit(components: Int, level: Int32)
    throws
  {
    var configuration = BackgroundConfiguration()
    configuration.components = components
    configuration.cleaningRadius = components - 1
    configuration.history = 20
    // So slowly that rows learn in turn.
    if components == 3 { configuration.learningRate = 0.002 }
    configuration.removeShadows = components != 2
    configuration.brightness = components == 3 ? .limited : .full
    let (width, height) = (83, 61)
    var twins = try SubtractorTwins(width: width, height: height, configuration: configuration, level: level)
    for frame in frames(width: width, height: height, count: 40, seed: UInt64(components)) {
      twins.apply(frame)
    }
  }

  /// Blocks in which nothing happens take shorter ways, and leave them for a while after something passed.
  @Test(arguments: [1, 3, 5], [Int32(0), 1, 2]) func equalsItsPlainTwinWhereLittleHappens(components: Int, level: Int32)
    throws
  {
    var configuration = BackgroundConfiguration()
    configuration.components = components
    configuration.history = 12
    configuration.complexityPrior = 0.2
    configuration.backgroundRatio = components == 5 ? 1 : 0.6
    if components == 3 { configuration.learningRate = 0.002 }
    let (width, height) = (64 * 5 + 9, 8)
    var twins = try SubtractorTwins(width: width, height: height, configuration: configuration, level: level)
    var random = RandomSource(seed: 3)
    for t in 0..<60 {
      var frame = Image<UInt8>(width: width, height: height, fill: 0)
      for i in frame.pixels.indices {
        let passes = (i % width) / 12 == t && i / width < 6
        frame.pixels[i] = passes ? 240 : UInt8(clamping: i * 7 % 200 + Int.random(in: -3...3, using: &random))
      }
      twins.apply(frame)
    }
  }

  @Test func strideDoesNotChangeTheResult() throws {
    let (width, height) = (1100, 37)
    let whole = try BackgroundSubtractor(width: width, height: height)
    let padded = try BackgroundSubtractor(width: width, height: height)
    for frame in frames(width: width, height: height, count: 8, seed: 5) {
      let mask = whole.mask(of: frame)
      var rows: [UInt8] = []
      for y in 0..<height { rows += Array(frame.pixels[y * width..<(y + 1) * width]) + [1, 2, 3] }
      var other = Image<UInt8>(width: width, height: height, fill: 9)
      rows.withUnsafeBufferPointer { padded.apply(luma: $0, stride: width + 3, into: &other) }
      #expect(other == mask)
    }
  }

  @Test func findsWhatMovesAndLearnsWhatStays() throws {
    var configuration = BackgroundConfiguration()
    configuration.history = 100
    let subtractor = try BackgroundSubtractor(width: 64, height: 48, configuration: configuration)
    var random = RandomSource(seed: 2)
    func frame(object: Int?) -> Image<UInt8> {
      var frame = Image<UInt8>(width: 64, height: 48, fill: 0)
      for i in frame.pixels.indices { frame.pixels[i] = UInt8(100 + 2 * random.normal()) }
      if let object {
        for y in 10..<30 { for x in object..<object + 12 { frame[x, y] = 160 } }
      }
      return frame
    }
    for _ in 0..<100 { _ = subtractor.mask(of: frame(object: nil)) }
    #expect(subtractor.warmth == 1)
    #expect(subtractor.mask(of: frame(object: nil)).pixels.allSatisfy { $0 == 0 })
    let moving = subtractor.mask(of: frame(object: 20))
    #expect(moving[26, 20] == 255 && moving[21, 20] == 255 && moving[16, 20] == 0 && moving[40, 20] == 0)
    let found = moving.pixels.count { $0 == 255 }
    #expect(abs(found - 240) < 30)
    for _ in 0..<200 { _ = subtractor.mask(of: frame(object: 20)) }
    #expect(subtractor.mask(of: frame(object: 20)).pixels.allSatisfy { $0 == 0 })
  }

  /// Pixel after pixel a step further through so many values of brightness.
  private func ground(width: Int, height: Int, from first: Int, step: Int, values: Int) -> Image<UInt8> {
    var image = Image<UInt8>(width: width, height: height, fill: 0)
    for index in image.pixels.indices { image.pixels[index] = UInt8(first + index * step % values) }
    return image
  }

  @Test func exposureIsCompensated() throws {
    let subtractor = try BackgroundSubtractor(width: 96, height: 80)
    let scene = ground(width: 96, height: 80, from: 90, step: 13, values: 100)
    for _ in 0..<20 { _ = subtractor.mask(of: scene) }
    var frame = Image<UInt8>(width: 96, height: 80, pixels: scene.pixels.map { UInt8(Int($0) * 6 / 10) })
    for y in 20..<40 { for x in 30..<50 { frame[x, y] = 230 } }
    let mask = subtractor.mask(of: frame)
    #expect(mask[40, 30] == 255)
    #expect(abs(mask.pixels.count { $0 == 255 } - 400) < 30)

    var configuration = BackgroundConfiguration()
    configuration.compensateExposure = false
    configuration.compensateLight = false
    configuration.compensateMotion = false
    let plain = try BackgroundSubtractor(width: 96, height: 80, configuration: configuration)
    for _ in 0..<20 { _ = plain.mask(of: scene) }
    _ = plain.mask(of: frame)
    #expect(plain.isInDoubt && !subtractor.isInDoubt, "without it nearly all differs")
  }

  /// A shadow beside the object that casts it vanishes; a dark object that nothing casts stays.
  @Test(arguments: [BrightnessRange.full, .limited]) func shadowsAreRemoved(_ brightness: BrightnessRange) throws {
    var configuration = BackgroundConfiguration()
    configuration.brightness = brightness
    configuration.compensateLight = false
    let subtractor = try BackgroundSubtractor(width: 120, height: 60, configuration: configuration)
    let ground = ground(width: 120, height: 60, from: 150, step: 7, values: 20)
    for _ in 0..<20 { _ = subtractor.mask(of: ground) }
    var frame = ground
    for y in 16..<40 {
      for x in 16..<32 { frame[x, y] = (x / 2 + y / 2) % 2 == 0 ? 250 : 30 }
      for x in 32..<56 { frame[x, y] = UInt8(Int(ground[x, y]) * 8 / 10) }
      for x in 80..<100 { frame[x, y] = UInt8(Int(ground[x, y]) * 8 / 10) }
    }
    let mask = subtractor.mask(of: frame)
    #expect(mask[24, 28] == 255 && mask[46, 28] == 0 && mask[90, 28] == 255)

    configuration.removeShadows = false
    let plain = try BackgroundSubtractor(width: 120, height: 60, configuration: configuration)
    for _ in 0..<20 { _ = plain.mask(of: ground) }
    #expect(plain.mask(of: frame)[46, 28] == 255)
  }

  /// A dark even object, parts of which are no darker than a deep shadow, is kept whole; a deep shadow is taken out.
  @Test func darkObjectsAreNoShadows() throws {
    let ground = ground(width: 200, height: 60, from: 150, step: 7, values: 5)
    func shareLeft(factors: ClosedRange<Float>) throws -> Float {
      let subtractor = try BackgroundSubtractor(width: 200, height: 60)
      for _ in 0..<20 { _ = subtractor.mask(of: ground) }
      var left: Float = 0
      for t in 0..<60 {
        var frame = ground
        for y in 10..<50 {
          let factor = factors.lowerBound + (factors.upperBound - factors.lowerBound) * Float(y - 10) / 39
          for x in 10 + 2 * t..<30 + 2 * t { frame[x, y] = (x / 2 + y / 2) % 2 == 0 ? 250 : 30 }
          for x in 30 + 2 * t..<60 + 2 * t { frame[x, y] = UInt8(Float(ground[x, y]) * factor) }
        }
        let mask = subtractor.mask(of: frame)
        let kept = (14..<46).map { y in (34 + 2 * t..<56 + 2 * t).count { mask[$0, y] == 255 } }.reduce(0, +)
        left = Float(kept) / Float(32 * 22)
      }
      return left
    }
    #expect(try shareLeft(factors: 0.3...0.5) > 0.95)
    #expect(try shareLeft(factors: 0.44...0.46) < 0.05)
  }

  /// An even object that darkens the ground as a shadow would is whole, in spite of its own shades, some of which the scene's
  /// histogram takes for shadow after a while.
  @Test func evenObjectsAreNoShadowsOfTheirOwn() throws {
    let (width, height) = (240, 120)
    let ground = ground(width: width, height: height, from: 160, step: 7, values: 5)
    var twins = try SubtractorTwins(
      width: width, height: height, configuration: BackgroundConfiguration(), level: nem_cpu_level())
    for _ in 0..<20 { twins.apply(ground) }
    func isAnimal(_ x: Int, _ y: Int) -> Bool { x * x * 9 + y * y * 36 < 10_000 }
    var least = 1.0
    for t in 0..<200 {
      var frame = ground
      let (left, top) = (120 + Int(80 * cos(Double(t) / 20)), 60 + Int(35 * sin(Double(t) / 20)))
      var animal: [(x: Int, y: Int)] = []
      for y in -20...20 { for x in -40...40 where isAnimal(x, y) { animal.append((left + x, top + y)) } }
      for (x, y) in animal { frame[x, y] = UInt8(88 + 14 * sin(Double(x - left) / 9)) }
      let mask = twins.apply(frame)
      least = min(least, Double(animal.count { mask[$0.x, $0.y] == 255 }) / Double(animal.count))
    }
    #expect(least > 0.95)
  }

  /// What crosses the first frames is found in the first of them, and leaves no ghost where it was.
  @Test func startsFromTheMode() throws {
    func frame(_ t: Int) -> Image<UInt8> {
      var frame = ground(width: 160, height: 40, from: 60, step: 11, values: 60)
      for y in 10..<30 { for x in 5 * t..<5 * t + 20 { frame[x, y] = 220 } }
      return frame
    }
    let subtractor = try BackgroundSubtractor(firstFrames: (0..<20).map(frame))
    for t in 0..<25 {
      let mask = subtractor.mask(of: frame(t))
      #expect(mask[5 * t + 10, 20] == 255 && abs(mask.pixels.count { $0 == 255 } - 400) < 60, "frame \(t)")
    }
  }

  @Test(arguments: [1, 2, 7, 60, 255], [Int32(0), 1, 2]) func modeIsWhereMostValuesLie(_ rows: Int, _ level: Int32) {
    let (columns, reach) = (150, 10)
    var random = RandomSource(seed: UInt64(rows))
    let values = (0..<rows * columns).map { _ in UInt8.random(in: 0...255, using: &random) }
    var mode = [UInt8](repeating: 0, count: columns)
    nem_mode(values, Int32(rows), columns, UInt8(reach), &mode, columns, min(level, nem_cpu_level()))
    for column in 0..<columns {
      let seen = (0..<rows).map { values[$0 * columns + column] }
      #expect(mode[column] == BackgroundSubtractor.Reference.mode(seen, reach: reach), "column \(column)")
    }
  }

  /// Three quarters of the frames show some part of a patterned object over each pixel.
  @Test func groundSeenInAQuarterOfTheFramesIsFound() throws {
    var random = RandomSource(seed: 4)
    let frames = (0..<60).map { t in
      Image<UInt8>(
        width: 32, height: 32,
        pixels: (0..<32 * 32).map { i in
          (i + t) % 4 == 0 ? 120 + UInt8.random(in: 0...3, using: &random) : UInt8.random(in: 0...255, using: &random)
        })
    }
    let subtractor = try BackgroundSubtractor(firstFrames: frames)
    let ground = Image<UInt8>(width: 32, height: 32, fill: 121)
    #expect(subtractor.mask(of: ground).pixels.allSatisfy { $0 == 0 })
  }

  @Test func badSettingsAreNamed() {
    var configuration = BackgroundConfiguration()
    configuration.components = 6
    #expect(throws: BackgroundError.invalidSetting(name: "components", value: "6.0", allowed: "from 1.0 to 5.0")) {
      try BackgroundSubtractor(width: 4, height: 4, configuration: configuration)
    }
    configuration = BackgroundConfiguration()
    configuration.learningRate = .nan
    #expect(throws: BackgroundError.self) { try configuration.validate() }
    #expect(throws: BackgroundError.self) { try BackgroundSubtractor(width: 0, height: 4) }
  }
}
