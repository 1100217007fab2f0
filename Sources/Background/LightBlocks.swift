/// A frame's blocks of 8 × 8 samples, and how the background's texture looks in each.
struct LightBlocks {
  /// What a block shows.
  enum Kind {
    /// Mostly background as it was learned.
    case ground
    /// The background's texture, times a factor.
    case lit
    /// Nothing but one brightness, of ground or object.
    case even
    /// Nearly all too bright or too dark to tell.
    case blind
    /// Another texture.
    case object
  }

  /// Samples of a block in each direction.
  private static let samples = 8
  /// Blocks across the shorter side of a picture, about.
  private static let across = 30
  /// A block is no ground from this share of foreground on.
  private static let foreground = 0.25
  /// Squared differences up to so many times the noise are no texture: light makes it stronger, and it is not everywhere
  /// the same.
  private static let rest: Float = 8
  /// The texture is the background's where no more than this share of it is lacking or added.
  private static let strange: Float = 0.3
  /// Squared grey levels that rounding and compression leave where there is no noise.
  private static let leastNoise: Float = 1
  /// One of so many blocks of ground tells the noise, with all others.
  private static let interval = 7
  /// Grey levels that a camera does not clip.
  private static let unclipped: ClosedRange<UInt8> = 6...249

  let columns: Int, rows: Int
  /// Side of a block in pixels.
  let side: Int
  private(set) var kinds: [Kind]
  /// The mean of log(frame / background) in `BrightnessLogs.unit`; 0 for ground.
  private(set) var factors: [Int32]
  /// Mean squared differences of neighbouring samples, in grey levels: of the background, and of the frame from those.
  private var texture: [Float], unrest: [Float]
  private let width: Int, height: Int
  private var logs: BrightnessLogs

  /// Blocks over a picture of `width` × `height` pixels.
  init(width: Int, height: Int, brightness: BrightnessRange) {
    (self.width, self.height, logs) = (width, height, BrightnessLogs(brightness))
    side = Self.samples * max(1, min(width, height) / (Self.across * Self.samples))
    (columns, rows) = ((width + side - 1) / side, (height + side - 1) / side)
    kinds = Array(repeating: .ground, count: columns * rows)
    factors = Array(repeating: 0, count: columns * rows)
    texture = Array(repeating: 0, count: columns * rows)
    unrest = texture
  }

  /// Looks at a frame; the parameters are those of `LightField.find`.
  mutating func look(
    _ mask: UnsafePointer<UInt8>, luma: UnsafePointer<UInt8>, stride: Int, gain: Float, mean: UnsafePointer<UInt16>
  ) {
    logs.follow(gain: gain)
    var unrests: [Float] = []
    for block in kinds.indices {
      kinds[block] = isForeground(block, mask) ? .object : .ground
      factors[block] = 0
      guard kinds[block] == .object || block % Self.interval == 0 else { continue }
      measure(block, luma, stride, mean)
      unrests.append(unrest[block])
    }
    let noise = max(unrests.sorted()[unrests.count / 4], Self.leastNoise)
    for block in kinds.indices where kinds[block] == .object {
      guard unrest[block] <= Self.rest * noise + Self.strange * texture[block] else { continue }
      kinds[block] = texture[block] > 3 * Self.rest * noise ? .lit : .even
    }
  }

  private func isForeground(_ block: Int, _ mask: UnsafePointer<UInt8>) -> Bool {
    var (foreground, count) = (0, 0)
    forEachSample(block, every: 2) { x, y, _ in
      foreground += mask[y * width + x] != 0 ? 1 : 0
      count += 1
    }
    return foreground > 0 && Double(foreground) >= Self.foreground * Double(count)
  }

  /// Each sample's place in the picture, and its column.
  private func forEachSample(_ block: Int, every step: Int = 1, _ body: (_ x: Int, _ y: Int, _ column: Int) -> Void) {
    let spacing = side / Self.samples
    let (top, left) = (block / columns * side + spacing / 2, block % columns * side + spacing / 2)
    for y in Swift.stride(from: top, to: min(top + side, height), by: step * spacing) {
      for x in Swift.stride(from: left, to: min(left + side, width), by: step * spacing) {
        body(x, y, (x - left) / spacing)
      }
    }
  }

  /// A sample's logarithms, or nil where the camera clips.
  private struct Sample {
    let log: Int32, meanLog: Int32
  }

  /// Compares the block's samples with their neighbours, and with the background; too few of them are `blind`.
  private mutating func measure(
    _ block: Int, _ luma: UnsafePointer<UInt8>, _ stride: Int, _ mean: UnsafePointer<UInt16>
  ) {
    var difference = Difference()
    withUnsafeTemporaryAllocation(of: Sample?.self, capacity: Self.samples) { above in
      above.initialize(repeating: nil)
      var (known, count, sum, ratios) = (0, 0, 0, Int32(0))
      var before: Sample?
      forEachSample(block) { x, y, column in
        let (value, grey) = (luma[y * stride + x], min((Int(mean[y * width + x]) + 128) >> 8, 255))
        var sample: Sample?
        if Self.unclipped.contains(value) {
          let found = Sample(log: Int32(logs.luma[Int(value)]), meanLog: Int32(logs.mean[grey]))
          (known, sum, ratios) = (known + 1, sum + grey, ratios + found.log - found.meanLog)
          difference.add(found, column > 0 ? before : nil)
          difference.add(found, above[column])
          sample = found
        }
        (before, above[column]) = (sample, sample)
        count += 1
      }
      if 4 * known < count && kinds[block] != .ground { kinds[block] = .blind }
      if known > 0 && kinds[block] != .ground { factors[block] = ratios / Int32(known) }
      (texture[block], unrest[block]) = difference.means(brightness: Float(sum) / Float(max(known, 1)))
    }
  }

  /// Squared differences between neighbouring samples.
  private struct Difference {
    private var (texture, unrest, pairs) = (0, 0, 0)

    init() {}

    mutating func add(_ sample: Sample, _ other: Sample?) {
      guard let other else { return }
      let background = Int(sample.meanLog - other.meanLog)
      let added = Int(sample.log - other.log) - background
      texture += background * background
      unrest += added * added
      pairs += 1
    }

    /// Means in squared grey levels around a brightness.
    func means(brightness: Float) -> (texture: Float, unrest: Float) {
      let level = (brightness + BrightnessLogs.dark) / Float(BrightnessLogs.unit)
      let scale = level * level / Float(max(pairs, 1))
      return (Float(texture) * scale, Float(unrest) * scale)
    }
  }
}
