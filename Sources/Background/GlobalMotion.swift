import CKernels
import Kernels

/// Finds how far the whole picture has moved against the background, for cameras that shake.
///
/// Both pictures are reduced to about 160 columns and compared from coarse to fine by Gauss-Newton steps (Lucas & Kanade
/// 1981) in which pixels that fit badly count little (Geman & McClure 1987), so that objects do not pull. Allocates at its
/// start only; the results are the same bits on every processor.
package struct GlobalMotion {
  /// A shift in sixteenths of a pixel: the frame at (x + dx, y + dy) is the background at (x, y).
  package struct Shift: Equatable, Sendable {
    /// To the right.
    package let dx: Int32
    /// Down.
    package let dy: Int32

    /// Nothing moved.
    package static let zero = Shift(dx: 0, dy: 0)

    /// A shift by sixteenths of a pixel.
    package init(dx: Int32, dy: Int32) {
      (self.dx, self.dy) = (dx, dy)
    }

    /// The columns and rows of the frame that the background shows, too.
    package func knownPart(width: Int, height: Int) -> (columns: Range<Int>, rows: Range<Int>) {
      // The background at x - dx lies in the picture.
      func known(_ shift: Int32, _ side: Int) -> Range<Int> {
        let first = min(max(0, (Int(shift) + 15) >> 4), side)
        return first..<max(first, min(side, side + (Int(shift) >> 4)))
      }
      return (known(dx, width), known(dy, height))
    }
  }

  private struct Level {
    var width: Int
    var height: Int
    var offset: Int
  }

  /// Difference in grey levels at which a pixel counts a quarter.
  private static let tolerance: Float = 10
  /// Pixels of the reduced picture's longer side, about.
  private static let side = 160
  /// The coarsest level still has this many rows and columns.
  private static let least = 12
  /// Steps at each level, at most.
  private static let steps = 4
  /// Shorter shifts, in pixels, count as none.
  private static let deadZone: Float = 0.25
  /// A shift leaves at most this share of the pixels unexplained that none and the opposite one leave unexplained:
  /// moving objects and flat pictures suggest shifts that explain little more.
  private static let unexplainedShare: Float = 0.9

  /// The background's picture is reduced in one of this many frames: it changes slowly.
  private static let refresh = 4

  private let width: Int
  private let factor: Int
  private let limit: (dx: Float, dy: Float)
  private let levels: [Level]
  private var background: [Float]
  private var frame: [Float]
  private let instructions: Int32
  /// The frame whose background was reduced last, in units of `refresh`.
  private var refreshed = -1

  /// For pictures of `width` × `height` pixels, on a chosen instruction set.
  package init(width: Int, height: Int, level: Int32 = nem_cpu_level()) {
    self.width = width
    factor = max(1, (max(width, height) + Self.side / 2) / Self.side)
    limit = (Float(width) / 8, Float(height) / 8)
    var (columns, rows, offset) = (width / factor, height / factor, 0)
    var levels: [Level] = []
    while levels.count < 4, min(columns, rows) >= Self.least {
      levels.append(Level(width: columns, height: rows, offset: offset))
      offset += columns * rows
      (columns, rows) = (columns / 2, rows / 2)
    }
    self.levels = levels
    background = Array(repeating: 0, count: offset)
    frame = background
    instructions = level
  }

  /// The frame's shift; zero if it is short, longer than an eighth of a side, or does not explain clearly more of the
  /// picture.
  ///
  /// - Parameters:
  ///   - frame: its number.
  ///   - luma: brightness, rows of `stride` bytes.
  ///   - gain: the factor that brings the frame to the background's exposure.
  ///   - mean: the background's brightness times 256, rows of `width` values.
  package mutating func estimate(
    frame number: Int, luma: UnsafePointer<UInt8>, stride: Int, gain: Float, mean: UnsafePointer<UInt16>
  ) -> Shift {
    guard let finest = levels.first else { return .zero }
    let (columns, rows) = (Int32(finest.width), Int32(finest.height))
    let area = Float(factor * factor)
    nem_reduce_bytes(luma, stride, Int32(factor), columns, rows, gain / area, &frame, instructions)
    for (fine, coarse) in zip(levels, levels.dropFirst()) { Self.halve(&frame, fine, coarse) }
    if number / Self.refresh != refreshed {
      refreshed = number / Self.refresh
      nem_reduce_words(mean, width, Int32(factor), columns, rows, 1 / (256 * area), &background, instructions)
      for (fine, coarse) in zip(levels, levels.dropFirst()) { Self.halve(&background, fine, coarse) }
    }
    var (dx, dy) = (Float(0), Float(0))
    for level in levels.reversed() {
      (dx, dy) = refine(level, 2 * dx, 2 * dy)
    }
    return accept(finest, dx, dy)
  }

  /// Carries the background's picture, which is not made anew for each frame.
  mutating func carry(_ archive: inout StateArchive) throws(StateFault) {
    try archive.carry(&refreshed, in: -1...(1 << 48))
    try archive.carry(&background, eachIn: 0...1000)
  }

  /// Call when the background has changed at once.
  package mutating func forgetBackground() { refreshed = -1 }

  private func refine(_ level: Level, _ dx: Float, _ dy: Float) -> (dx: Float, dy: Float) {
    var (dx, dy) = (dx, dy)
    for _ in 0..<Self.steps {
      let sums = compare(level, dx, dy)
      let determinant = sums.across_across * sums.down_down - sums.across_down * sums.across_down
      let trace = sums.across_across + sums.down_down
      guard determinant > 1e-6 * trace * trace, trace > 1e-3 else { break }
      let across = (sums.down_down * sums.across_residual - sums.across_down * sums.down_residual) / determinant
      let down = (sums.across_across * sums.down_residual - sums.across_down * sums.across_residual) / determinant
      dx -= min(max(across, -2), 2)
      dy -= min(max(down, -2), 2)
      if max(abs(across), abs(down)) < 0.01 { break }
    }
    return (dx, dy)
  }

  private func accept(_ finest: Level, _ dx: Float, _ dy: Float) -> Shift {
    let (right, down) = (dx * Float(factor), dy * Float(factor))
    guard max(abs(right), abs(down)) >= Self.deadZone, abs(right) <= limit.dx, abs(down) <= limit.dy else {
      return .zero
    }
    // Between pixels noise is averaged, which explains more whatever the direction.
    let others = min(unexplained(finest, 0, 0), unexplained(finest, -dx, -dy))
    guard unexplained(finest, dx, dy) < Self.unexplainedShare * others else { return .zero }
    return Shift(dx: Int32((16 * right).rounded()), dy: Int32((16 * down).rounded()))
  }

  /// The share of the pixels that a shift leaves unexplained.
  private func unexplained(_ part: Level, _ dx: Float, _ dy: Float) -> Float {
    let sums = compare(part, dx, dy)
    return 1 - sums.explained / sums.pixels
  }

  private func compare(_ part: Level, _ dx: Float, _ dy: Float) -> nem_motion_sums {
    background.withUnsafeBufferPointer { background in
      frame.withUnsafeBufferPointer { frame in
        nem_motion_compare(
          background.baseAddress! + part.offset, frame.baseAddress! + part.offset, Int32(part.width),
          Int32(part.height), dx, dy, Self.tolerance, instructions)
      }
    }
  }

  /// Each value of the coarse level is the mean of 2 × 2 of the fine one.
  private static func halve(_ picture: inout [Float], _ fine: Level, _ coarse: Level) {
    picture.withUnsafeMutableBufferPointer { values in
      for y in 0..<coarse.height {
        for x in 0..<coarse.width {
          let first = fine.offset + 2 * y * fine.width + 2 * x
          let second = first + fine.width
          values[coarse.offset + y * coarse.width + x] =
            ((values[first] + values[first + 1]) + (values[second] + values[second + 1])) * 0.25
        }
      }
    }
  }
}
