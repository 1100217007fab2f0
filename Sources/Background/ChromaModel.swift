import CKernels
import Kernels

/// Finds by its colour what is as bright as the background.
///
/// Each pixel of the colour planes has a mean and a mean distance from it, learned where the brightness shows background.
/// The evidence is averaged over 3 × 3 pixels and cleaned by a majority vote, as that of the brightness is.
final class ChromaModel {
  /// Distance, in 64ths of the sum of both differences, that is another colour where there is no noise.
  private static let reach: Int32 = 10 * 64
  /// Share of its colour, in 64ths, that the background may lose in shadow.
  private static let paleness: Int32 = 20
  /// The mask is the majority of a square of 2r + 1 pixels of the planes.
  private static let cleaningRadius: Int32 = 2
  /// Rows learn in turn, each at a rate of 1 / 2^`shift`.
  private static let shift: Int32 = 4
  /// Least mean distance before anything is known, in 64ths.
  private static let startDeviation: UInt16 = 3 * 64

  let width: Int, height: Int
  private let layout: ColourLayout
  private let level: Int32
  /// Differences from gray in 64ths, those of blue and then those of red, and mean distances from them.
  private let means: UnsafeMutableBufferPointer<Int16>
  private let deviations: UnsafeMutableBufferPointer<UInt16>
  private var evidence: [UInt8], smooth: [UInt8], mask: [UInt8]
  private var learns: [UInt8]
  /// Both planes at the background's place; made when the camera first moves.
  private var aligned: [UInt8] = []

  /// A model of the colours over a picture of `width` × `height` pixels.
  init(width: Int, height: Int, layout: ColourLayout, level: Int32) {
    self.layout = layout
    self.level = level
    (self.width, self.height) = layout.size(width: width, height: height)
    let count = self.width * self.height
    means = .allocate(capacity: 2 * count)
    means.initialize(repeating: 0)
    deviations = .allocate(capacity: count)
    deviations.initialize(repeating: Self.startDeviation)
    evidence = Array(repeating: 0, count: count)
    (smooth, mask) = (evidence, evidence)
    learns = Array(repeating: 0, count: self.width)
  }

  deinit {
    means.deallocate()
    deviations.deallocate()
  }

  /// Starts a row of one plane, 0 for blue and 1 for red, from its values.
  func start(plane: Int, row: Int, _ values: UnsafePointer<UInt8>) {
    let first = (plane * height + row) * width
    for x in 0..<width { means[first + x] = (Int16(values[x]) - 128) * 64 }
  }

  /// Starts anew from a frame at the background's place.
  func start(_ planes: ColourPlanes) {
    for row in 0..<height {
      start(plane: 0, row: row, planes.cb.baseAddress! + row * planes.cbStride)
      start(plane: 1, row: row, planes.cr.baseAddress! + row * planes.crStride)
    }
    deviations.update(repeating: Self.startDeviation)
  }

  /// Starts the mean distances from the median distance of the frames from what the planes were started with: noise is no
  /// colour in the first frames either.
  func startDeviations(frames: Int, withPlane: BackgroundSubtractor.PlaneLender) {
    let places = SampleGrid(width: width, height: height)
    var distances = [Int32](repeating: 0, count: frames * places.count)
    for frame in 0..<frames {
      for plane in 1...2 {
        withPlane(frame, plane) { values, stride in
          var sample = frame * places.count
          places.forEach { x, y in
            let mean = Int32(means[((plane - 1) * height + y) * width + x])
            distances[sample] += abs((Int32(values[y * stride + x]) - 128) * 64 - mean)
            sample += 1
          }
        }
      }
    }
    distances.sort()
    deviations.update(repeating: max(Self.startDeviation, UInt16(distances[distances.count / 2])))
  }

  /// A shift of the picture in pixels of the planes.
  func scaled(_ shift: GlobalMotion.Shift) -> GlobalMotion.Shift {
    GlobalMotion.Shift(dx: shift.dx >> Int32(layout.shiftX), dy: shift.dy >> Int32(layout.shiftY))
  }

  /// Lends the planes at the background's place.
  func withAligned(_ planes: ColourPlanes, _ shift: GlobalMotion.Shift, _ body: (ColourPlanes) -> Void) {
    if shift == .zero { return body(planes) }
    let count = width * height
    if aligned.isEmpty { aligned = Array(repeating: 0, count: 2 * count) }
    let shift = scaled(shift)
    aligned.withUnsafeMutableBufferPointer { pixels in
      let (cb, cr) = (pixels.baseAddress!, pixels.baseAddress! + count)
      nem_shift(planes.cb.baseAddress!, planes.cbStride, Int32(width), Int32(height), shift.dx, shift.dy, cb, level)
      nem_shift(planes.cr.baseAddress!, planes.crStride, Int32(width), Int32(height), shift.dx, shift.dy, cr, level)
      body(
        ColourPlanes(
          cb: UnsafeBufferPointer(start: cb, count: count), cbStride: width,
          cr: UnsafeBufferPointer(start: cr, count: count), crStride: width))
    }
  }

  /// Adds what has another colour to a mask of the brightness, and learns where that shows background.
  /// - Parameters:
  ///   - planes: the frame's colours at the background's place.
  ///   - gain: the factor that brings the frame to the background's exposure.
  ///   - frame: its number.
  ///   - luma: 255 for foreground, `pictureRows` rows of `pitch`.
  ///   - kept: the columns of a row of the picture that must not be learned.
  func apply(
    _ planes: ColourPlanes, gain: Float, frame: Int, to luma: UnsafeMutablePointer<UInt8>, pitch: Int, pictureRows: Int,
    kept: (_ row: Int) -> [Range<Int>]
  ) {
    evidence.withUnsafeMutableBufferPointer { evidence in
      for row in 0..<height {
        var colours = colours(row, planes, gain)
        nem_chroma_compare(
          &colours, Self.reach, Self.paleness, evidence.baseAddress! + row * width, width, level)
        guard RowTurns.inTurn.learns(row: row, frame: frame) else { continue }
        let place = row << layout.shiftY
        chooseColumns(luma + place * pitch, kept: kept(place))
        nem_chroma_learn(&colours, learns, Self.shift, width, level)
      }
    }
    nem_smooth(evidence, Int32(width), Int32(height), &smooth, level)
    nem_majority(
      smooth, Int32(width), Int32(height), Self.cleaningRadius, BackgroundSubtractor.evidenceThreshold, &mask, level)
    add(to: luma, pitch: pitch, rows: pictureRows)
  }

  private func add(to luma: UnsafeMutablePointer<UInt8>, pitch: Int, rows: Int) {
    mask.withUnsafeBufferPointer { mask in
      for row in 0..<height {
        let (first, end) = (row << layout.shiftY, min((row + 1) << layout.shiftY, rows))
        nem_chroma_add(
          mask.baseAddress! + row * width, width, Int32(layout.shiftX), luma + first * pitch, pitch, Int32(end - first),
          level)
      }
    }
  }

  /// Starts the columns of a row of the picture anew from the frame.
  func restart(_ planes: ColourPlanes, gain: Float, row: Int, columns: Range<Int>) {
    guard row & (1 << layout.shiftY) - 1 == 0 else { return }
    for x in 0..<width { learns[x] = 0 }
    for x in columns { learns[x >> layout.shiftX] = 1 }
    var colours = colours(row >> layout.shiftY, planes, gain)
    nem_chroma_learn(&colours, learns, 0, width, level)
  }

  private func colours(_ row: Int, _ planes: ColourPlanes, _ gain: Float) -> nem_chroma_row {
    nem_chroma_row(
      cb: planes.cb.baseAddress! + row * planes.cbStride, cr: planes.cr.baseAddress! + row * planes.crStride,
      mean_cb: means.baseAddress! + row * width, mean_cr: means.baseAddress! + (height + row) * width,
      deviation: deviations.baseAddress! + row * width, gain: Int32(gain * 256))
  }

  private func chooseColumns(_ mask: UnsafePointer<UInt8>, kept: [Range<Int>]) {
    for x in 0..<width { learns[x] = mask[x << layout.shiftX] == 0 ? 1 : 0 }
    for run in kept {
      for x in run { learns[x >> layout.shiftX] = 0 }
    }
  }

  /// Carries what was learned.
  func carry(_ archive: inout StateArchive) throws(StateFault) {
    try archive.carry(means)
    try archive.carry(deviations)
  }
}
