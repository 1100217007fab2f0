import CKernels
import Foundation

extension BackgroundSubtractor {
  /// Starts from the mode of the first frames instead of the first frame, so that what moves through them is foreground from
  /// the beginning: the ground keeps its brightness while what passes over it does not, even where the ground is seen in less
  /// than half of the frames. Then `apply` takes the same frames.
  ///
  /// - Parameters:
  ///   - frames: their number, 1…255.
  ///   - withPlane: lends one plane of a frame, 0 for brightness and, if the model has use for colours, 1 and 2 for the
  ///     differences of blue and red, rows of `stride` bytes, to its last argument.
  public func prime(frames: Int, withPlane: PlaneLender) {
    precondition(framesSeen == 0 && 1...255 ~= frames, "only a new model is primed, with 1 to 255 frames")
    withPlane(0, 0) { luma, stride in start(luma.baseAddress!, stride) }
    (framesSeen, age) = (1, 1)
    var shifts = [GlobalMotion.Shift](repeating: .zero, count: frames)
    for frame in shifts.indices.dropFirst() {
      withPlane(frame, 0) { luma, stride in
        shifts[frame] = shift(luma.baseAddress!, stride, gain(luma.baseAddress!, stride))
      }
    }
    prime(columns: width, rows: height, plane: 0, shifts, withPlane) {
      mixtures.start(row: $0, $1, variance: startVariance)
    }
    learnRestlessGround(shifts, withPlane)
    if let chroma {
      let scaled = shifts.map(chroma.scaled)
      for plane in 1...2 {
        prime(columns: chroma.width, rows: chroma.height, plane: plane, scaled, withPlane) {
          chroma.start(plane: plane - 1, row: $0, $1)
        }
      }
      chroma.startDeviations(frames: frames, withPlane: withPlane)
    }
    (framesSeen, age) = (frames, frames)
  }

  /// Lends one plane of a frame to its last argument.
  public typealias PlaneLender = (
    _ frame: Int, _ plane: Int, _ body: (_ values: UnsafeBufferPointer<UInt8>, _ stride: Int) -> Void
  ) -> Void

  /// Starts one plane from the mode of the frames, each moved by its shift, row by row.
  private func prime(
    columns: Int, rows: Int, plane: Int, _ shifts: [GlobalMotion.Shift], _ withPlane: PlaneLender,
    start: (_ row: Int, _ mode: UnsafePointer<UInt8>) -> Void
  ) {
    // Only what a shaking camera has moved is copied.
    var moved: [Int: [UInt8]] = [:]
    for (frame, shift) in shifts.enumerated() where shift != .zero {
      var copy = [UInt8](repeating: 0, count: columns * rows)
      withPlane(frame, plane) { values, stride in
        nem_shift(values.baseAddress!, stride, Int32(columns), Int32(rows), shift.dx, shift.dy, &copy, level)
      }
      moved[frame] = copy
    }
    forEachMode(shifts.count, columns: columns, rows: rows) { frame, row, target in
      if let copy = moved[frame] {
        copy.withUnsafeBufferPointer { target.update(from: $0.baseAddress! + row * columns, count: columns) }
      } else {
        withPlane(frame, plane) { target.update(from: $0.baseAddress! + row * $1, count: columns) }
      }
    } body: {
      start($0, $1)
    }
  }

  /// Gives the mode of each row of some frames to `body`, rows on several threads at once; `copy` writes a row of a frame
  /// to its last argument.
  func forEachMode(
    _ frames: Int, columns: Int, rows: Int, copy: (_ frame: Int, _ row: Int, UnsafeMutablePointer<UInt8>) -> Void,
    body: (_ row: Int, _ mode: UnsafePointer<UInt8>) -> Void
  ) {
    // Each row is of one thread alone.
    nonisolated(unsafe) let (copy, body) = (copy, body)
    let bands = min(ProcessInfo.processInfo.activeProcessorCount, rows)
    DispatchQueue.concurrentPerform(iterations: bands) { band in
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: (frames + 1) * columns) { buffer in
        let mode = buffer.baseAddress! + frames * columns
        for row in rows * band / bands..<rows * (band + 1) / bands {
          for frame in 0..<frames { copy(frame, row, buffer.baseAddress! + frame * columns) }
          nem_mode(buffer.baseAddress!, Int32(frames), columns, Self.modeReach, mode, columns, level)
          body(row, mode)
        }
      }
    }
  }
}
