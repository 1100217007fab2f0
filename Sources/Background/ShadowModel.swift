import CKernels
import Kernels

/// Takes cast shadows and reflections out of a foreground mask.
///
/// There the frame is the background times a factor that hardly changes from pixel to pixel, and the factors of one scene
/// lie close together, because one lamp or sun throws its shadows; those of objects are spread out. So the model keeps a
/// histogram of the log-ratios frame / background over foreground that has just become even: the bins that stand out are
/// shadow, and the pixels of a square vote. What stands is counted once, or the clothes of somebody who waits would be the
/// scene's shadow soon. Where no owner of a shadow is seen, it is an object after all (`ShadowOwner`).
package struct ShadowModel {
  /// How many times the median bin a bin of shadow holds.
  private static let prominence: Float = 2
  /// The first bin that may be shadow, from a factor of 0.39 on: what is darker is a dark object.
  private static let darkestBin = 7
  /// The histogram takes in one of this many frames.
  private static let interval = 4
  /// The share of the histogram that such a frame leaves to the past, if it has new foreground in this share of the picture.
  static let memory: Float = 0.98
  static let content: Float = 0.006
  /// Log-ratios of a shadow have a smaller standard deviation than this over 3 × 3 pixels.
  static let spread = 0.08

  private let width: Int, height: Int
  private let level: Int32
  var tiles: TileGroups
  var histogram: [Float]
  /// Of each kind in each column of a tile.
  private var kindCounts = [UInt32](repeating: 0, count: Int(NEM_SHADOW_TILE * NEM_SHADOW_KINDS))
  var kinds: [UInt8]
  private var logs: BrightnessLogs
  /// Frames with any foreground so far.
  var frames = 0

  init(width: Int, height: Int, brightness: BrightnessRange, level: Int32) {
    logs = BrightnessLogs(brightness)
    (self.width, self.height, self.level) = (width, height, level)
    tiles = TileGroups(width: width, height: height, level: level)
    kinds = Array(repeating: 0, count: width * height)
    histogram = Self.prior(pixels: width * height)
  }

  /// Pixels of `mask` that are shadow become 0.
  /// - Parameters:
  ///   - mask: 255 for foreground, rows of `width`.
  ///   - luma: the frame's brightness, rows of `stride` bytes.
  ///   - gain: the factor that brings the frame to the background's exposure.
  ///   - mean: the background's brightness · 256, rows of `width`.
  mutating func remove(
    from mask: UnsafeMutablePointer<UInt8>, luma: UnsafePointer<UInt8>, stride: Int, gain: Float,
    mean: UnsafePointer<UInt16>
  ) {
    tiles.find(in: mask)
    for tile in tiles.left { forgetKinds(tile) }
    if tiles.runs.isEmpty { return }
    logs.follow(gain: gain)
    findKinds(mask, luma, stride, mean, counts: Self.learns(frame: frames))
    frames += 1
    var shadows: UInt32 = 0
    for (bin, isShadow) in Self.prominent(histogram).enumerated() where isShadow { shadows |= 1 << (bin + 1) }
    for run in tiles.runs { nem_shadow_elect(kinds, shadows, Int32(width), Int32(height), run, mask, level) }
    tiles.restore(mask, ShadowOwner(kinds: kinds, width: width, shadows: shadows))
  }

  /// Whether the histogram takes in the frame of this number among those with any foreground.
  static func learns(frame: Int) -> Bool { frame % interval == 0 }

  private mutating func findKinds(
    _ mask: UnsafePointer<UInt8>, _ luma: UnsafePointer<UInt8>, _ pitch: Int, _ mean: UnsafePointer<UInt16>,
    counts: Bool
  ) {
    if counts { for kind in kindCounts.indices { kindCounts[kind] = 0 } }
    logs.luma.withUnsafeBufferPointer { lumaLogs in
      logs.mean.withUnsafeBufferPointer { meanLogs in
        var frame = nem_shadow_frame(
          luma: luma, stride: pitch, mean: mean, width: Int32(width), height: Int32(height),
          luma_logs: lumaLogs.baseAddress, mean_logs: meanLogs.baseAddress,
          spread: Int32(Self.spread * BrightnessLogs.unit))
        kindCounts.withUnsafeMutableBufferPointer { numbers in
          for run in tiles.runs {
            nem_shadow_kinds(&frame, mask, run, &kinds, counts ? numbers.baseAddress : nil, level)
          }
        }
      }
    }
    if counts { learn() }
  }

  private mutating func forgetKinds(_ tile: nem_shadow_run) {
    for row in Int(tile.top)..<Int(tile.bottom) {
      for pixel in row * width + Int(tile.left)..<row * width + Int(tile.right) { kinds[pixel] = 0 }
    }
  }

  private mutating func learn() {
    let counts = histogram.indices.map { bin in
      stride(from: bin + 1, to: kindCounts.count, by: Int(NEM_SHADOW_KINDS)).reduce(0) { $0 + Int(kindCounts[$1]) }
    }
    histogram = Self.learned(histogram, counts, pixels: width * height)
  }

  /// A histogram after a frame with such numbers of new pixels in its bins.
  static func learned(_ histogram: [Float], _ counts: [Int], pixels: Int) -> [Float] {
    let content = min(Float(counts.reduce(0, +)) / (content * Float(pixels)), 1)
    let rate = (1 - memory) * content
    return zip(histogram, counts).map { $0 + rate * (Float($1) - $0) }
  }

  /// The histogram before anything was seen: soft shadows and reflections are believed in.
  static func prior(pixels: Int) -> [Float] {
    let weight = Float(pixels) / 5000
    return (0..<Int(NEM_SHADOW_BINS)).map { (19...24).contains($0) ? weight : weight / 4 }
  }

  /// Which bins of a smoothed histogram stand out above its median and are not too dark for a shadow. Neighbours that stand
  /// out are one peak: one that begins too dark is of dark objects, and no part of it is shadow.
  static func prominent(_ histogram: [Float]) -> [Bool] {
    let last = histogram.count - 1
    let smooth = histogram.indices.map { bin in
      (bin > 0 ? histogram[bin - 1] / 4 : 0) + histogram[bin] / 2 + (bin < last ? histogram[bin + 1] / 4 : 0)
    }
    let sorted = smooth.sorted()
    let median = (sorted[sorted.count / 2] + sorted[(sorted.count - 1) / 2]) / 2
    var isProminent = false, isShadow = false
    return smooth.enumerated().map { bin, value in
      let continues = isProminent
      isProminent = value > prominence * median
      isShadow = isProminent && (continues ? isShadow : bin >= darkestBin)
      return isShadow
    }
  }
}
