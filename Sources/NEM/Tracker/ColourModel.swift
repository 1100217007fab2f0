import CKernels

/// Colour bins of a frame's cells and the histogram of all foreground, against which each slot's is compared.
///
/// Three marginal histograms (luma, blue and red difference) instead of one joint one: a distant object has too few
/// cells to fill a cube.
struct ColourModel {
  static let lumaBins = 12
  static let chromaBins = 12
  /// Bins of one histogram, the three marginals side by side.
  static let binCount = lumaBins + 2 * chromaBins

  /// Number of colour channels of the current frame, 1 or 3.
  var channels = 1
  /// Bins of each cell: the luma bin, then the chroma bins.
  var bins: [UInt8]
  /// Share of the scene's foreground in each bin; each marginal sums to 1.
  var scene: [Float]
  private let cells: Int

  init(cells: Int) {
    self.cells = cells
    bins = [UInt8](repeating: 0, count: 3 * cells)
    scene = [Float](repeating: 1 / Float(Self.lumaBins), count: Self.binCount)
  }

  /// Bins the cells and moves the scene's histogram towards this frame's foreground.
  mutating func observe(_ frame: GridFrame, _ foreground: [Float], rate: Float) {
    channels = frame.cb.isEmpty ? 1 : 3
    var counts = [Float](repeating: 0, count: Self.binCount)
    var total: Float = 0
    for i in 0..<cells where foreground[i] > 0 {
      bin(cell: i, of: frame)
      let x = foreground[i]
      total += x
      for c in 0..<channels { counts[Int(bins[c * cells + i])] += x }
    }
    guard total > 0 else { return }
    // A frame with little foreground says little about the scene.
    let share = rate * min(1, total / 100)
    for b in counts.indices { scene[b] += share * (counts[b] / total - scene[b]) }
  }

  private mutating func bin(cell i: Int, of frame: GridFrame) {
    let luma = Self.lumaBins
    bins[i] = UInt8(Self.bin(frame.luma[i] * Float(luma), of: luma))
    guard channels == 3 else { return }
    bins[cells + i] = UInt8(luma + Self.chromaBin(frame.cb[i]))
    bins[2 * cells + i] = UInt8(luma + Self.chromaBins + Self.chromaBin(frame.cr[i]))
  }

  /// Real chroma keeps near gray: the bins divide its middle half.
  private static func chromaBin(_ value: Float) -> Int {
    bin((value - 0.25) * Float(2 * chromaBins), of: chromaBins)
  }

  /// Not a number falls into the first bin.
  private static func bin(_ scaled: Float, of count: Int) -> Int {
    scaled > 0 ? Int(min(scaled, Float(count - 1))) : 0
  }

  /// Log-ratio of a slot's histogram to the scene's, bin by bin.
  func logRatios(of histogram: [Float], into ratios: inout [Float]) {
    for b in 0..<Self.binCount {
      // Both get a share of a flat histogram: few cells were counted.
      ratios[b] = fastLog((histogram[b] + 0.01) / (scene[b] + 0.01))
    }
  }

  /// Writes the evidence of a window's cells times `weight`; 0 where there is no foreground.
  func weigh(
    _ window: nem_window, _ foreground: [Float], _ ratios: [Float], weight: Float, clip: Float,
    into bonus: inout [Float]
  ) {
    nem_weigh_colours(window, foreground, bins, Int32(channels), cells, ratios, weight, clip, &bonus, nem_cpu_level())
  }

  /// Sum of the channels' log-ratios at one cell, within ±`clip`.
  @inline(__always) func evidence(_ ratios: [Float], at cell: Int, clip: Float) -> Float {
    var sum = ratios[Int(bins[cell])]
    if channels == 3 { sum += ratios[Int(bins[cells + cell])] + ratios[Int(bins[2 * cells + cell])] }
    return min(max(sum, -clip), clip)
  }

  /// Adds `weight` to the bins of one cell.
  @inline(__always) func count(_ cell: Int, weight: Float, into histogram: inout [Float]) {
    for c in 0..<channels { histogram[Int(bins[c * cells + cell])] += weight }
  }
}
