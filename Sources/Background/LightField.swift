import Foundation

/// Ground in another light than it was learned in: a cloud's shadow that comes, a patch of sunlight.
///
/// There the frame is the background times a factor that hardly changes from place to place, and the background's texture
/// shows through; an object brings a texture of its own. So blocks with the background's texture tell the factor, even ones
/// beside them with nearly the same one are taken along, and pixels there and nearby are compared with the background in
/// that light. The background itself learns what it sees, so that a light that stays is background soon.
struct LightField {
  /// Share of the picture that is foreground from which on a light is looked for.
  private static let least = 0.03
  /// Logarithms of two factors that are one light, in `BrightnessLogs.unit`.
  private static let near: Int32 = 64
  /// The smallest light has so many blocks with texture, and this share of all blocks.
  private static let leastTexture = 5
  private static let leastShare = 0.015
  /// How many blocks deep the light goes on behind what shows another texture.
  private static let depth = 2

  private let width: Int, height: Int
  private let scale: Float
  /// What is added to grey levels so that light multiplies them as it does in `BrightnessLogs`.
  private let offset: Float
  private var blocks: LightBlocks
  /// log(frame / background) of each block; nil where no light is known.
  private var lights: [Int32?]
  /// The same as factors, 1 for ground; nil where nothing is known.
  private var factors: [Float?]

  /// Lights over a picture of `width` × `height` pixels.
  init(width: Int, height: Int, configuration: BackgroundConfiguration) {
    (self.width, self.height) = (width, height)
    let brightness = configuration.brightness
    offset = BrightnessLogs.dark * brightness.scale - brightness.black
    scale = Float(BackgroundSubtractor.evidenceThreshold) / configuration.backgroundThreshold
    blocks = LightBlocks(width: width, height: height, brightness: brightness)
    lights = Array(repeating: nil, count: blocks.kinds.count)
    factors = Array(repeating: nil, count: blocks.kinds.count)
  }

  /// Looks for another light in a frame; false where there is none.
  /// - Parameters:
  ///   - mask: 255 for foreground, rows of the picture's width.
  ///   - luma: the frame's brightness, rows of `stride` bytes.
  ///   - gain: the factor that brings the frame to the background's exposure.
  ///   - mean: the background's brightness · 256, rows of the picture's width.
  mutating func find(
    _ mask: UnsafePointer<UInt8>, luma: UnsafePointer<UInt8>, stride: Int, gain: Float, mean: UnsafePointer<UInt16>
  ) -> Bool {
    let places = SampleGrid(width: width, height: height)
    var foreground = 0
    places.forEach { x, y in foreground += mask[y * width + x] != 0 ? 1 : 0 }
    guard Double(foreground) >= Self.least * Double(places.count) else { return false }
    blocks.look(mask, luma: luma, stride: stride, gain: gain, mean: mean)
    spread()
    guard keepLarge() else { return false }
    for _ in 0..<Self.depth { deepen() }
    for block in factors.indices {
      factors[block] = lights[block].map(Self.factor) ?? (blocks.kinds[block] == .ground ? 1 : nil)
    }
    return true
  }

  /// In steps that are the same on every processor.
  private static func factor(_ light: Int32) -> Float {
    Float((exp(Double(light) / BrightnessLogs.unit) * 4096).rounded()) / 4096
  }

  /// From blocks with texture over even ones of nearly the same factor, and ones that tell none.
  private mutating func spread() {
    for block in lights.indices { lights[block] = blocks.kinds[block] == .lit ? blocks.factors[block] : nil }
    var open = lights.indices.filter { lights[$0] != nil }
    while let block = open.popLast(), let light = lights[block] {
      forEachNeighbour(block) { other in
        guard lights[other] == nil else { return }
        switch blocks.kinds[other] {
        case .even where abs(blocks.factors[other] - light) <= Self.near: lights[other] = blocks.factors[other]
        case .blind: lights[other] = light
        default: return
        }
        open.append(other)
      }
    }
  }

  /// Forgets lights that are too small; false where none is left.
  private mutating func keepLarge() -> Bool {
    var isVisited = lights.map { $0 == nil }
    var isAny = false
    for first in lights.indices where !isVisited[first] {
      var (group, next) = ([first], 0)
      isVisited[first] = true
      while next < group.count, let light = lights[group[next]] {
        forEachNeighbour(group[next]) { other in
          guard !isVisited[other], let beside = lights[other], abs(beside - light) <= Self.near else { return }
          isVisited[other] = true
          group.append(other)
        }
        next += 1
      }
      let isLarge =
        group.count { blocks.kinds[$0] == .lit } >= Self.leastTexture
        && Double(group.count) >= Self.leastShare * Double(lights.count)
      if isLarge { isAny = true } else { for block in group { lights[block] = nil } }
    }
    return isAny
  }

  /// Objects that touch a light are in it.
  private mutating func deepen() {
    let known = lights
    for block in lights.indices where known[block] == nil && blocks.kinds[block] != .ground {
      var (sum, count) = (Int32(0), Int32(0))
      forEachNeighbour(block) { other in
        guard let light = known[other] else { return }
        (sum, count) = (sum + light, count + 1)
      }
      if count > 0 { lights[block] = sum / count }
    }
  }

  private func forEachNeighbour(_ block: Int, _ body: (Int) -> Void) {
    let (row, column) = (block / blocks.columns, block % blocks.columns)
    if column > 0 { body(block - 1) }
    if column + 1 < blocks.columns { body(block + 1) }
    if row > 0 { body(block - blocks.columns) }
    if row + 1 < blocks.rows { body(block + blocks.columns) }
  }

  /// Lowers the evidence of pixels that are background in the light that was found, which is interpolated between the
  /// blocks' centres.
  /// - Parameters:
  ///   - evidence: of each pixel, rows of the picture's width; the others are those of `find`.
  ///   - variance: of the background's Gaussians · 64.
  func compare(
    _ evidence: UnsafeMutablePointer<UInt8>, luma: UnsafePointer<UInt8>, stride: Int, gain: Float,
    mean: UnsafePointer<UInt16>, variance: UnsafePointer<UInt16>
  ) {
    let side = Float(blocks.side)
    for row in -1..<blocks.rows {
      for column in -1..<blocks.columns {
        guard let corners = corners(row, column) else { continue }
        for y in pixels(between: row, height) {
          let down = (Float(y) + 0.5) / side - 0.5 - Float(row)
          let left = corners.0 + (corners.2 - corners.0) * down
          let right = corners.1 + (corners.3 - corners.1) * down
          for x in pixels(between: column, width) {
            let factor = left + (right - left) * ((Float(x) + 0.5) / side - 0.5 - Float(column))
            let place = y * width + x
            let lit = min((Float(mean[place]) / 256 + offset) * factor - offset, 255)
            let distance = min(Float(luma[y * stride + x]) * gain, 255) - lit
            let spread = Float(max(variance[place], 1)) / 64 * max(factor * factor, 1)
            evidence[place] = min(evidence[place], UInt8(min(distance * distance / spread * scale, 255)))
          }
        }
      }
    }
  }

  /// Pixels from the centre of a row or column of blocks to the next one's.
  private func pixels(between block: Int, _ size: Int) -> Range<Int> {
    let first = block * blocks.side + blocks.side / 2
    return min(max(first, 0), size)..<min(max(first + blocks.side, 0), size)
  }

  /// The factors of four blocks, the upper left one at a row and column; nil where none of them is lit. What is not known
  /// is as the known ones are.
  private func corners(_ row: Int, _ column: Int) -> (Float, Float, Float, Float)? {
    let (top, bottom) = (max(row, 0), min(row + 1, blocks.rows - 1))
    let (left, right) = (max(column, 0), min(column + 1, blocks.columns - 1))
    let (a, b) = (top * blocks.columns + left, top * blocks.columns + right)
    let (c, d) = (bottom * blocks.columns + left, bottom * blocks.columns + right)
    guard [a, b, c, d].contains(where: { lights[$0] != nil }) else { return nil }
    let known = [a, b, c, d].compactMap { factors[$0] }
    let rest = known.reduce(0, +) / Float(known.count)
    return (factors[a] ?? rest, factors[b] ?? rest, factors[c] ?? rest, factors[d] ?? rest)
  }
}
