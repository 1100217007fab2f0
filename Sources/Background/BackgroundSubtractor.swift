import CKernels
import Kernels

/// Finds what moves in front of a fixed camera: every pixel's brightness is a mixture of Gaussians, fitted online
/// (Stauffer & Grimson 1999; Zivkovic, ICPR 2004), and values that no heavy Gaussian explains are foreground. The evidence
/// is averaged over 3 × 3 pixels before it is cut, and the mask is cleaned by a majority vote. When the camera changes its
/// exposure, the whole frame is brought back to the background's brightness first.
///
/// The first frame becomes the background. Steady-state frames allocate nothing. Results are the same bytes on every
/// processor and for any number of bands. One caller at a time.
public final class BackgroundSubtractor: @unchecked Sendable {
  /// Evidence at or above this value is foreground.
  public static let evidenceThreshold: UInt8 = 128

  /// Width in pixels.
  public let width: Int
  /// Height in pixels.
  public let height: Int
  /// The settings in use.
  public let configuration: BackgroundConfiguration
  /// Frames seen so far.
  public private(set) var framesSeen = 0
  /// How far the model has warmed up, 0…1: 1 once the learning rate has settled.
  public var warmth: Float { min(1, 2 * Float(framesSeen) / Float(configuration.history)) }

  private let state: UnsafeMutableBufferPointer<UInt16>
  /// From one plane of the state to the next.
  private let pitch: Int
  /// Byte planes: evidence and averaged evidence.
  private let bytes: UnsafeMutableBufferPointer<UInt8>
  private let level: Int32
  private var shadows: ShadowModel?

  /// A model of `width` × `height` pixels that has seen nothing.
  ///
  /// - Throws: `BackgroundError.invalidSetting` for the first setting outside its range.
  public convenience init(
    width: Int, height: Int, configuration: BackgroundConfiguration = .init()
  ) throws(BackgroundError) {
    try self.init(width: width, height: height, configuration: configuration, level: nem_cpu_level())
  }

  /// A model that starts from the median of its first frames, 1…255 of one size; then `apply` takes the same frames.
  ///
  /// - Throws: `BackgroundError.invalidSetting` for the first setting outside its range.
  public convenience init(
    firstFrames: [Image<UInt8>], configuration: BackgroundConfiguration = .init()
  ) throws(BackgroundError) {
    let width = firstFrames[0].width
    try self.init(width: width, height: firstFrames[0].height, configuration: configuration)
    prime(frames: firstFrames.count) { frame, row, target in
      firstFrames[frame].pixels.withUnsafeBufferPointer {
        target.update(from: $0.baseAddress! + row * width, count: width)
      }
    }
  }

  /// The same on a chosen instruction set (0 baseline, up to `nem_cpu_level()`).
  package init(
    width: Int, height: Int, configuration: BackgroundConfiguration, level: Int32
  ) throws(BackgroundError) {
    try configuration.validate()
    guard width > 0, height > 0 else {
      throw .invalidSetting(name: "size", value: "\(width)x\(height)", allowed: "at least 1x1")
    }
    self.width = width
    self.height = height
    self.configuration = configuration
    self.level = min(level, nem_cpu_level())
    // Equal places in the planes must not fall into one set of the cache: it holds fewer lines than there are planes.
    pitch = (width * height + 31) / 32 * 32 + 96
    state = .allocate(capacity: 3 * configuration.components * pitch)
    state.initialize(repeating: 0)
    bytes = .allocate(capacity: 2 * width * height)
    bytes.initialize(repeating: 0)
    if configuration.removeShadows {
      shadows = ShadowModel(
        width: width, height: height, brightness: configuration.brightness, level: self.level)
    }
  }

  deinit {
    state.deallocate()
    bytes.deallocate()
  }

  /// Starts from the median of the first frames instead of the first frame, so that what moves through them is
  /// foreground from the beginning. Then `apply` takes the same frames.
  ///
  /// - Parameters:
  ///   - frames: their number, 1…255.
  ///   - copyRow: writes a row of a frame, `width` values of brightness, to its last argument.
  public func prime(
    frames: Int, copyRow: (_ frame: Int, _ row: Int, _ target: UnsafeMutablePointer<UInt8>) -> Void
  ) {
    precondition(framesSeen == 0 && 1...255 ~= frames, "only a new model is primed, with 1 to 255 frames")
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: (frames + 1) * width) { rows in
      let median = rows.baseAddress! + frames * width
      for row in 0..<height {
        for frame in 0..<frames { copyRow(frame, row, rows.baseAddress! + frame * width) }
        nem_median(rows.baseAddress!, Int32(frames), width, median, width, level)
        start(row, median)
      }
    }
    framesSeen = frames
  }

  /// Takes one frame: writes its mask and learns from it.
  ///
  /// - Parameters:
  ///   - luma: brightness, rows of `stride` bytes.
  ///   - stride: bytes from one row to the next, at least the width.
  ///   - mask: receives 255 where something moves and 0 elsewhere; the model's size.
  ///   - bands: into how many groups of rows the work is cut.
  ///   - perform: runs its second argument for 0..<bands, on any threads, and returns when all are done; for instance
  ///     `DispatchQueue.concurrentPerform(iterations:execute:)`. Called three times.
  public func apply(
    luma: UnsafeBufferPointer<UInt8>, stride: Int, into mask: inout Image<UInt8>, bands: Int = 1,
    perform: (_ bands: Int, _ work: (Int) -> Void) -> Void = { bands, work in (0..<bands).forEach(work) }
  ) {
    precondition(stride >= width && luma.count >= (height - 1) * stride + width, "the luma plane is too small")
    precondition(mask.width == width && mask.height == height, "the mask must have the model's size")
    let gain = gain(luma, stride)
    let step = nem_gmm_step(configuration, frame: framesSeen, gain: gain)
    perform(bands) { band in learn(luma, stride, rows: rows(of: band, bands), step) }
    perform(bands) { band in smooth(rows: rows(of: band, bands)) }
    mask.pixels.withUnsafeMutableBufferPointer { pixels in
      let target = SharedPointer(base: pixels.baseAddress!)
      perform(bands) { band in clean(into: target.base, rows: rows(of: band, bands)) }
    }
    mask.pixels.withUnsafeMutableBufferPointer { pixels in
      shadows?.remove(
        from: pixels.baseAddress!, luma: luma.baseAddress!, stride: stride, gain: gain,
        mean: planes(row: 0).mean.0!)
    }
    framesSeen += 1
  }

  /// Lends the averaged evidence of the last frame, `width · height` values: 0 is background, `evidenceThreshold` is the
  /// edge of the foreground, and the scale is that of squared distances.
  public func withEvidence<Result>(_ body: (UnsafeBufferPointer<UInt8>) throws -> Result) rethrows -> Result {
    try body(UnsafeBufferPointer(start: plane(.smooth), count: width * height))
  }

  private func rows(of band: Int, _ bands: Int) -> Range<Int> {
    band * height / bands..<(band + 1) * height / bands
  }

  private func learn(_ luma: UnsafeBufferPointer<UInt8>, _ stride: Int, rows: Range<Int>, _ step: nem_gmm_step) {
    var step = step
    for row in rows {
      let pixels = luma.baseAddress! + row * stride
      if framesSeen == 0 {
        start(row, pixels)
      } else {
        var planes = planes(row: row)
        let evidence = plane(.evidence) + row * width
        nem_gmm_update(&step, Int32(configuration.components), &planes, pixels, evidence, width, level)
      }
    }
  }

  private func gain(_ luma: UnsafeBufferPointer<UInt8>, _ stride: Int) -> Float {
    guard configuration.compensateExposure, framesSeen > 0 else { return 1 }
    let means = planes(row: 0).mean.0!
    return ExposureGain.estimate(
      width: width, height: height, luma: { luma[$1 * stride + $0] }, mean: { means[$1 * width + $0] })
  }

  /// The first frame: one Gaussian of full weight at each pixel.
  private func start(_ row: Int, _ pixels: UnsafePointer<UInt8>) {
    let planes = planes(row: row)
    let variance = UInt16(nem_gmm_step(configuration, frame: 0, gain: 1).initial_variance * 64)
    for x in 0..<width {
      planes.weight.0![x] = .max
      planes.mean.0![x] = UInt16(pixels[x]) << 8
      planes.variance.0![x] = variance
    }
  }

  private func smooth(rows: Range<Int>) {
    let (first, end) = (Int32(rows.lowerBound), Int32(rows.upperBound))
    nem_smooth(plane(.evidence), Int32(width), Int32(height), first, end, plane(.smooth), level)
  }

  private func clean(into mask: UnsafeMutablePointer<UInt8>, rows: Range<Int>) {
    nem_majority(
      plane(.smooth), Int32(width), Int32(height), Int32(configuration.cleaningRadius),
      BackgroundSubtractor.evidenceThreshold, Int32(rows.lowerBound), Int32(rows.upperBound), mask, level)
  }

  private enum BytePlane: Int {
    case evidence, smooth
  }

  private func plane(_ plane: BytePlane) -> UnsafeMutablePointer<UInt8> {
    bytes.baseAddress! + plane.rawValue * width * height
  }

  /// The state of one row, one plane after the other: weight, mean and variance of each component.
  private func planes(row: Int) -> nem_gmm_planes {
    var planes = nem_gmm_planes()
    let base = state.baseAddress! + row * width
    func plane(_ quantity: Int, _ component: Int) -> UnsafeMutablePointer<UInt16>? {
      component < configuration.components ? base + (3 * component + quantity) * pitch : nil
    }
    planes.weight = (plane(0, 0), plane(0, 1), plane(0, 2), plane(0, 3), plane(0, 4))
    planes.mean = (plane(1, 0), plane(1, 1), plane(1, 2), plane(1, 3), plane(1, 4))
    planes.variance = (plane(2, 0), plane(2, 1), plane(2, 2), plane(2, 3), plane(2, 4))
    return planes
  }
}

/// The bands write disjoint rows, which the compiler cannot see.
private struct SharedPointer: @unchecked Sendable {
  let base: UnsafeMutablePointer<UInt8>
}
