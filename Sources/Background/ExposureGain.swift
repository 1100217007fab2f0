/// The factor that brings a frame's brightness back to that of the background, for cameras that adjust their exposure.
enum ExposureGain {
  /// Brightness difference in grey levels below which background explains a pixel.
  private static let tolerance: Float = 12
  /// The share of pixels by which a gain must explain more than none does: otherwise a large object could set it.
  private static let margin: Float = 0.05
  /// What cameras adjust: with another factor it is another picture.
  private static let range: ClosedRange<Float> = 0.25...4

  /// The median ratio of background to frame, if it explains clearly more pixels than no gain; else 1.
  ///
  /// - Parameters:
  ///   - luma: the frame's brightness at a column and row.
  ///   - mean: the mean of the heaviest Gaussian there, times 256.
  @inline(__always) static func estimate(
    width: Int, height: Int, luma: (_ x: Int, _ y: Int) -> UInt8, mean: (_ x: Int, _ y: Int) -> UInt16
  ) -> Float {
    let places = SampleGrid(width: width, height: height)
    return withUnsafeTemporaryAllocation(of: Sample.self, capacity: places.count) { samples in
      var count = 0
      places.forEach { x, y in
        let sample = Sample(value: UInt32(luma(x, y)), mean: UInt32(mean(x, y)))
        // Black and white pixels say little about a factor.
        guard 16..<240 ~= sample.value && 16 * 256..<240 * 256 ~= sample.mean else { return }
        samples.initializeElement(at: count, to: sample)
        count += 1
      }
      return estimate(UnsafeBufferPointer(rebasing: samples[..<count]))
    }
  }

  /// A pixel's brightness, and the background's times 256.
  private struct Sample {
    let value: UInt32, mean: UInt32
  }

  private static func estimate(_ samples: UnsafeBufferPointer<Sample>) -> Float {
    let gain = withUnsafeTemporaryAllocation(of: Int.self, capacity: 256) { histogram in
      histogram.initialize(repeating: 0)
      for sample in samples { histogram[Int(min(sample.mean / (4 * sample.value), 255))] += 1 }  // steps of 1/64
      return median(histogram, samples.count)
    }
    guard samples.count >= 64, range.contains(gain) else { return 1 }
    var (plain, compensated) = (0, 0)
    for sample in samples {
      let (value, mean) = (Float(sample.value), Float(sample.mean) / 256)
      if abs(value - mean) < tolerance { plain += 1 }
      if abs(value * gain - mean) < tolerance { compensated += 1 }
    }
    return Float(compensated - plain) > margin * Float(samples.count) ? gain : 1
  }

  /// The median of a histogram in steps of 1/64, interpolated within its step.
  private static func median(_ histogram: UnsafeMutableBufferPointer<Int>, _ samples: Int) -> Float {
    var below = 0
    for (step, count) in histogram.enumerated() where count > 0 {
      if 2 * (below + count) >= samples {
        return (Float(step) + (Float(samples) / 2 - Float(below)) / Float(count)) / 64
      }
      below += count
    }
    return 1
  }
}
