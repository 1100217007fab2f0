import CKernels

extension BackgroundSubtractor {
  /// Where the ground of the first frames never rests, its Gaussians learn those frames, one after the other: their mode
  /// alone would leave it foreground for some seconds.
  ///
  /// - Parameters:
  ///   - shifts: of the frames; the mixtures have their mode.
  ///   - withPlane: as `prime` takes it.
  func learnRestlessGround(_ shifts: [GlobalMotion.Shift], _ withPlane: PlaneLender) {
    guard shifts.count >= RestlessStart.leastFrames else { return }
    var start = RestlessStart(width: width, height: height)
    var frame = [UInt8](repeating: 0, count: width * height)
    for index in shifts.indices {
      align(index, shifts[index], withPlane, &frame)
      start.observe(frame, gain: gain(frame, width), mode: mixtures.means)
    }
    let isShaken = 4 * shifts.count { $0 != .zero } > shifts.count
    let parts = start.parts(isShaken: isShaken)
    if parts.isEmpty { return }
    for index in shifts.indices {
      align(index, shifts[index], withPlane, &frame)
      let step = step(age: index, gain: gain(frame, width))
      frame.withUnsafeBufferPointer { pixels in
        for (row, columns) in parts {
          for part in columns { mixtures.learn(row: row, part, pixels.baseAddress! + row * width, step) }
        }
      }
    }
  }

  /// A frame at the background's place.
  private func align(_ index: Int, _ shift: GlobalMotion.Shift, _ withPlane: PlaneLender, _ frame: inout [UInt8]) {
    withPlane(index, 0) { luma, stride in
      nem_shift(luma.baseAddress!, stride, Int32(width), Int32(height), shift.dx, shift.dy, &frame, level)
    }
  }
}
