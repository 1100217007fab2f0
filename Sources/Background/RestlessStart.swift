/// Finds the blocks of a picture whose ground does not rest in the first frames: leaves in the wind, water.
///
/// What passes over ground at rest leaves a peak in each pixel's values: they are at its mode or far away. Ground that never
/// rests spreads over all values around it, and differs from the camera's noise in that neighbouring pixels agree.
struct RestlessStart {
  /// Frames that say enough.
  static let leastFrames = 20
  /// Standard deviations of the noise from the mode up to which a value is at the peak, and the least grey levels.
  private static let peak: Float = 2.5
  private static let leastPeak: Float = 5
  /// Grey levels up to which a value is around the mode.
  private static let around = 30
  /// A block is restless where less than this share of the values around its modes is at the peaks.
  private static let flat: Float = 0.55
  /// Restless neighbours that a restless block has: what stands and moves its arms is smaller.
  private static let company = 3
  /// The share of values around the modes below which a block's ground is hardly seen.
  private static let seen: Float = 0.65
  /// Samples of a block in each direction, and across the shorter side of a picture, about.
  private static let samples = 8
  private static let across = 120

  private let width: Int, height: Int
  private let spacing: Int
  private let columns: Int, rows: Int
  /// How often values have such a distance in grey levels from their mode, for each block; the last is for all beyond.
  private var distances: [[Int]]
  /// The last frame's difference between each sample and the pixel beside it.
  private var steps: [Int32] = []
  /// How often such a difference changes by so much from one frame to the next.
  private var changes = [Int](repeating: 0, count: 511)

  private var side: Int { Self.samples * spacing }

  /// For pictures of `width` × `height` pixels of which none was seen.
  init(width: Int, height: Int) {
    (self.width, self.height) = (width, height)
    spacing = max(2, min(width, height) / Self.across)
    let side = Self.samples * spacing
    (columns, rows) = ((width + side - 1) / side, (height + side - 1) / side)
    distances = Array(repeating: Array(repeating: 0, count: Self.around + 2), count: columns * rows)
  }

  /// Compares a frame with the mode of all.
  /// - Parameters:
  ///   - luma: brightness, rows of the picture's width.
  ///   - gain: the factor that brings the frame to the mode's exposure.
  ///   - mode: the mode · 256, rows of the picture's width.
  mutating func observe(_ luma: UnsafePointer<UInt8>, gain: Float, mode: UnsafePointer<UInt16>) {
    let isFirst = steps.isEmpty
    var sample = 0
    for y in Swift.stride(from: spacing / 2, to: height, by: spacing) {
      for x in Swift.stride(from: spacing / 2, to: width - 1, by: spacing) {
        let place = y * width + x
        let distance = abs(min(Float(luma[place]) * gain, 255) - Float(mode[place]) / 256)
        distances[y / side * columns + x / side][min(Int(distance + 0.5), Self.around + 1)] += 1
        let step = Int32(luma[place + 1]) - Int32(luma[place])
        if isFirst {
          steps.append(step)
        } else {
          changes[Int(abs(step - steps[sample]))] += 1
          steps[sample] = step
        }
        sample += 1
      }
    }
  }

  /// The restless parts of each row, at least one of them in each row that is named. What shakes with the camera is at rest,
  /// unless it is most of the picture and looks like a shake only.
  func parts(isShaken: Bool) -> [(row: Int, columns: [Range<Int>])] {
    let peak = Int(max(Self.leastPeak, Self.peak * noise))
    let isFlat = distances.map { distances in
      let around = distances[...Self.around].reduce(0, +)
      let near = distances[...min(peak, Self.around)].reduce(0, +)
      return Float(around) >= Self.seen * Float(distances.reduce(0, +)) && Float(near) < Self.flat * Float(around)
    }
    let isRestless = isFlat.indices.map { block in
      isFlat[block] && neighbours(of: block).count { isFlat[$0] } >= Self.company
    }
    if isShaken && 2 * isRestless.count(where: { $0 }) < isRestless.count { return [] }
    return (0..<height).compactMap { row in
      let first = row / side * columns
      let found = (0..<columns).filter { isRestless[first + $0] }
      return found.isEmpty ? nil : (row, found.map { $0 * side..<min(($0 + 1) * side, width) })
    }
  }

  /// The up to eight blocks around one.
  private func neighbours(of block: Int) -> [Int] {
    let (row, column) = (block / columns, block % columns)
    return (max(row - 1, 0)...min(row + 1, rows - 1)).flatMap { y in
      (max(column - 1, 0)...min(column + 1, columns - 1)).map { y * columns + $0 }
    }.filter { $0 != block }
  }

  /// The camera's: neighbours have it each for itself and anew in each frame, so that the median change is 1.35 standard
  /// deviations.
  private var noise: Float {
    let half = Float(changes.reduce(0, +)) / 2
    var below: Float = 0
    for (level, count) in changes.enumerated() {
      if below + Float(count) >= half { return (Float(level) - 0.5 + (half - below) / Float(max(count, 1))) / 1.35 }
      below += Float(count)
    }
    return 0
  }
}
