import Background
import Kernels
import Testing

/// Light that changes on a part of the picture: a cloud's shadow, a patch of sunlight.
@Suite struct LightFieldTests {
  private static let width = 160, height = 120
  /// Frames before the light changes.
  private static let calm = 40

  /// Ground with texture in all but its lower right, and a camera's noise.
  private struct Scene {
    private var random = RandomSource(seed: 5)
    private let ground: Image<UInt8>

    init() {
      var stones = RandomSource(seed: 9)
      var ground = Image<UInt8>(width: width, height: height, fill: 110)
      for y in stride(from: 0, to: height, by: 4) {
        for x in stride(from: 0, to: width, by: 4) where x < 100 || y < 70 {
          let stone = UInt8.random(in: 80...150, using: &stones)
          for row in y..<y + 4 { for column in x..<x + 4 { ground[column, row] = stone } }
        }
      }
      self.ground = ground
    }

    /// The ground times `factor` left of a soft edge, then an object.
    mutating func frame(factor: Float = 1, edge: Float = 0, object: (PixelRect, UInt8)? = nil) -> Image<UInt8> {
      var frame = ground
      for y in 0..<height {
        for x in 0..<width {
          let inside = min(max((edge - Float(x)) / 30 + 0.5, 0), 1)
          var value = Float(ground[x, y]) * (1 + (factor - 1) * inside)
          if let (box, grey) = object, box.columns.contains(x), box.rows.contains(y) { value = Float(grey) }
          frame[x, y] = UInt8(min(max(value + Float.random(in: -3...3, using: &random), 0), 255))
        }
      }
      return frame
    }
  }

  private func share(_ mask: Image<UInt8>, _ box: PixelRect? = nil) -> Double {
    let whole = PixelRect(x: 0, y: 0, width: Self.width, height: Self.height)
    let box = box ?? whole
    var count = 0
    for y in box.rows { count += box.columns.count { mask[$0, y] == 255 } }
    return Double(count) / Double(box.width * box.height)
  }

  /// A light comes from the left until three quarters of the picture lie in it, an object goes through it.
  @Test(arguments: [Float(0.65), 1.4]) func lightIsNoObjectAndWhatIsInItIs(factor: Float) throws {
    let subtractor = try BackgroundSubtractor(width: Self.width, height: Self.height)
    var scene = Scene()
    for _ in 0..<Self.calm { _ = subtractor.mask(of: scene.frame()) }
    for t in 0..<60 {
      let edge = Float(min(2 * t, 120))
      let box = PixelRect(x: 20 + t, y: 30, width: 16, height: 24)
      let mask = subtractor.mask(of: scene.frame(factor: factor, edge: edge, object: (box, 40)))
      #expect(share(mask) < 0.06, "frame \(t): \(share(mask)) of the picture, of which the object has 0.02")
      #expect(share(mask, box) > 0.8, "frame \(t): \(share(mask, box)) of the object")
    }
  }

  /// Where an even object covers ground with texture or even ground, its own evenness shows or nothing tells its light.
  @Test(arguments: [PixelRect(x: 20, y: 20, width: 60, height: 60), PixelRect(x: 105, y: 75, width: 50, height: 40)])
  func aLargeEvenObjectIsNoLight(box: PixelRect) throws {
    let subtractor = try BackgroundSubtractor(width: Self.width, height: Self.height)
    var scene = Scene()
    for _ in 0..<Self.calm { _ = subtractor.mask(of: scene.frame()) }
    for grey in [UInt8(70), 180] {
      let mask = subtractor.mask(of: scene.frame(object: (box, grey)))
      #expect(share(mask, box) > 0.9, "\(share(mask, box)) of an object of \(grey)")
    }
  }

  @Test(arguments: [Int32(0), 1, 2]) func equalsItsPlainTwin(level: Int32) throws {
    var twins = try SubtractorTwins(
      width: Self.width, height: Self.height, configuration: BackgroundConfiguration(), level: level)
    var scene = Scene()
    for _ in 0..<10 { twins.apply(scene.frame()) }
    for t in 0..<12 { twins.apply(scene.frame(factor: 0.65, edge: Float(10 * t))) }
  }
}

extension PixelRect {
  fileprivate var columns: Range<Int> { x..<x + width }
  fileprivate var rows: Range<Int> { y..<y + height }
}
