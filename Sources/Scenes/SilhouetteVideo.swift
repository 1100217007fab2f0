import Kernels

/// What a generated video of moving objects looks like.
public struct SilhouetteVideoConfiguration: Sendable, Equatable {
  /// Size of the picture and the objects' law of motion; errors of the foreground and colours are not used.
  public var scene: SilhouetteConfiguration
  /// Number of frames, the warm-up included.
  public var frames = 300
  /// Frames without objects at the beginning.
  public var warmUp = 50
  /// Most frames that an object may be covered wholly between two frames that show it.
  public var longestOcclusion = 20

  /// 320×240 pixels, at most five objects at a time.
  public init() {
    scene = SilhouetteConfiguration()
    (scene.width, scene.height) = (320, 240)
    (scene.minimumRadius, scene.maximumRadius) = (12, 36)
    (scene.minimumSpeed, scene.maximumSpeed) = (1, 4)
    scene.arrivalRate = 0.1
  }
}

/// A gray video with the truth about its objects: silhouettes with a texture of their own enter, cross, stop, hide each
/// other, pass behind a standing screen and leave, before a textured background and under sensor noise.
///
/// Ids start at 1 in the order of arrival, 255 left out; an object keeps its id while it is hidden, and none is used twice. Equal
/// arguments give equal bytes on every machine. Objects are always darker or brighter than all of the background.
public struct SilhouetteVideo: Sendable {
  /// What can be told of the whole video.
  public let facts: SceneFacts
  /// What the video looks like.
  public let configuration: SilhouetteVideoConfiguration
  private let plan: SilhouettePlan
  private let backdrop: Image<Float>
  private let seed: UInt64

  /// Plans a video.
  public init(configuration: SilhouetteVideoConfiguration, seed: UInt64) {
    self.configuration = configuration
    self.seed = seed
    var random = RandomSource(seed: seed)
    plan = SilhouettePlan(configuration, &random)
    facts = plan.facts
    backdrop = Self.backdrop(configuration.scene, screen: plan.screen, &random)
  }

  /// Draws a frame, `index` from 0.
  ///
  /// - Returns: the picture, and the id of the object in front at each pixel, 0 for none.
  public func frame(_ index: Int) -> (picture: Image<UInt8>, truth: Image<UInt16>) {
    let (width, height) = (configuration.scene.width, configuration.scene.height)
    var light = backdrop.pixels
    var layers = ObjectLayers(width: width, height: height)
    for actor in plan.actors(in: index) {
      draw(actor, into: &light)
      layers.add(UInt16(actor.id), pixels: actor.silhouette(width: width, height: height).lazy.map(Int.init))
    }
    for pixel in plan.screen.indices(width: width) { light[pixel] = backdrop.pixels[pixel] }
    layers.add(0, pixels: plan.screen.indices(width: width))
    // Even numbers are the frames' noise, odd ones the objects' textures.
    var noise = RandomSource(seed: seed, index: UInt64(2 * index))
    let pixels = light.map { UInt8(min(max($0 + noise.uniform(-4, 4), 0), 255)) }
    return (Image(width: width, height: height, pixels: pixels), layers.owner)
  }

  /// Lays an object with soft edges over what is there. Its texture is of squares of four pixels that move with it.
  private func draw(_ actor: SilhouetteActor, into light: inout [Float]) {
    let width = configuration.scene.width
    var random = RandomSource(seed: seed, index: UInt64(2 * actor.id + 1))
    let brightness = actor.luma < 0.5 ? random.uniform(20, 55) : random.uniform(185, 230)
    let texture = (0..<256).map { _ in brightness + random.uniform(-10, 10) }
    actor.trace(width: width, height: configuration.scene.height) { pixel, u, v, depth in
      let coverage = min(max(depth + 0.5, 0), 1)
      // 128 keeps the numbers positive: an object is less than 128 pixels wide.
      let column = (Int(u * actor.radiusX + 128) >> 2) & 15
      let row = (Int(v * actor.radiusY + 128) >> 2) & 15
      light[pixel] += coverage * (texture[16 * row + column] - light[pixel])
    }
  }

  /// Clouds of two sizes and grain around middle gray, 95 to 145, with the screen as stripes in front.
  private static func backdrop(
    _ scene: SilhouetteConfiguration, screen: PixelRect, _ random: inout RandomSource
  ) -> Image<Float> {
    var picture = Image<Float>(width: scene.width, height: scene.height, fill: 120)
    for (side, depth) in [(40, Float(16)), (8, 6), (1, 3)] {
      addClouds(side: side, depth: depth, to: &picture, &random)
    }
    for pixel in screen.indices(width: scene.width) {
      picture.pixels[pixel] = (pixel % scene.width / 3 % 2 == 0 ? 100 : 135) + random.uniform(-3, 3)
    }
    return picture
  }

  /// Adds values drawn for the corners of squares, between −depth and depth, and interpolated inside them.
  private static func addClouds(
    side: Int, depth: Float, to picture: inout Image<Float>, _ random: inout RandomSource
  ) {
    let columns = picture.width / side + 2
    let corners = (0..<columns * (picture.height / side + 2)).map { _ in random.uniform(-depth, depth) }
    for y in 0..<picture.height {
      for x in 0..<picture.width {
        let corner = y / side * columns + x / side
        let (right, down) = (Float(x % side) / Float(side), Float(y % side) / Float(side))
        let above = corners[corner] + right * (corners[corner + 1] - corners[corner])
        let below = corners[corner + columns] + right * (corners[corner + columns + 1] - corners[corner + columns])
        picture[x, y] += above + down * (below - above)
      }
    }
  }
}
