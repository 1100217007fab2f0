import CKernels
import Kernels

/// Finds what moves in front of a fixed camera: every pixel's brightness is a mixture of Gaussians, fitted online
/// (Stauffer & Grimson 1999; Zivkovic, ICPR 2004), and values that no heavy Gaussian explains are foreground. The evidence
/// is averaged over 3 × 3 pixels before it is cut, and the mask is cleaned by a majority vote. When the camera changes its
/// exposure or shakes, the whole frame is brought back to the background's brightness and place first.
///
/// The first frame becomes the background, or the median of several. Steady-state frames allocate nothing that grows with
/// the picture. Results are the same bytes on every
/// processor. One caller at a time.
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

  let state: UnsafeMutableBufferPointer<UInt16>
  /// From one plane of the state to the next.
  let pitch: Int
  /// Byte planes: evidence and averaged evidence; then what the update knows of its blocks.
  private let bytes: UnsafeMutableBufferPointer<UInt8>
  private let level: Int32
  /// Variance of a pixel's first Gaussian, as the state keeps it.
  let startVariance: UInt16
  private var shadows: ShadowModel?
  private var motion: GlobalMotion?
  var standing: StandingGuard
  /// Shifts of the last frames, by frame modulo their number.
  private var shifts = [GlobalMotion.Shift](repeating: .zero, count: StandingObjects.maximumLag + 1)
  /// The frame moved to the background's place; made when the camera first moves.
  private var aligned: UnsafeMutablePointer<UInt8>?

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
    prime(frames: firstFrames.count) { frame, body in
      firstFrames[frame].pixels.withUnsafeBufferPointer { body($0, width) }
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
    startVariance = UInt16(nem_gmm_step(configuration, frame: 0, gain: 1).initial_variance * 64)
    // Equal places in the planes must not fall into one set of the cache: it holds fewer lines than there are planes.
    pitch = (width * height + 31) / 32 * 32 + 96
    state = .allocate(capacity: 3 * configuration.components * pitch)
    state.initialize(repeating: 0)
    bytes = .allocate(capacity: height * (2 * width + width / Int(NEM_GMM_BLOCK)))
    bytes.initialize(repeating: 0)
    if configuration.removeShadows {
      shadows = ShadowModel(
        width: width, height: height, brightness: configuration.brightness, level: self.level)
    }
    if configuration.compensateMotion { motion = GlobalMotion(width: width, height: height, level: self.level) }
    standing = StandingGuard(width: width, height: height, planes: 3 * configuration.components)
  }

  deinit {
    state.deallocate()
    bytes.deallocate()
    aligned?.deallocate()
  }

  /// Starts from the median of the first frames instead of the first frame, so that what moves through them is
  /// foreground from the beginning. Then `apply` takes the same frames.
  ///
  /// - Parameters:
  ///   - frames: their number, 1…255.
  ///   - withLuma: lends a frame's brightness, rows of `stride` bytes, to its last argument.
  public func prime(
    frames: Int,
    withLuma: (_ frame: Int, _ body: (_ luma: UnsafeBufferPointer<UInt8>, _ stride: Int) -> Void) -> Void
  ) {
    precondition(framesSeen == 0 && 1...255 ~= frames, "only a new model is primed, with 1 to 255 frames")
    withLuma(0) { luma, stride in learn(luma.baseAddress!, stride, nem_gmm_step(configuration, frame: 0, gain: 1)) }
    framesSeen = 1
    // Only what a shaking camera has moved is copied.
    var moved: [Int: [UInt8]] = [:]
    for frame in 1..<frames {
      withLuma(frame) { luma, stride in moved[frame] = copyIfMoved(luma.baseAddress!, stride) }
    }
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: (frames + 1) * width) { rows in
      let median = rows.baseAddress! + frames * width
      for row in 0..<height {
        for frame in 0..<frames {
          let target = rows.baseAddress! + frame * width
          if let copy = moved[frame] {
            copy.withUnsafeBufferPointer { target.update(from: $0.baseAddress! + row * width, count: width) }
          } else {
            withLuma(frame) { luma, stride in target.update(from: luma.baseAddress! + row * stride, count: width) }
          }
        }
        nem_median(rows.baseAddress!, Int32(frames), width, median, width, level)
        start(row, median)
      }
    }
    framesSeen = frames
  }

  /// The frame at the background's place, if it is not there.
  private func copyIfMoved(_ luma: UnsafePointer<UInt8>, _ stride: Int) -> [UInt8]? {
    let shift = shift(luma, stride, gain(luma, stride))
    if shift == .zero { return nil }
    return Array(UnsafeBufferPointer(start: align(luma, stride, shift), count: width * height))
  }

  /// Takes one frame: writes its mask and learns from it.
  ///
  /// - Parameters:
  ///   - luma: brightness, rows of `stride` bytes.
  ///   - stride: bytes from one row to the next, at least the width.
  ///   - mask: receives 255 where something moves and 0 elsewhere; the model's size.
  ///   - standing: what stands before the background and is not part of it, as a tracker saw it.
  public func apply(
    luma: UnsafeBufferPointer<UInt8>, stride: Int, into mask: inout Image<UInt8>, standing: StandingObjects? = nil
  ) {
    precondition(stride >= width && luma.count >= (height - 1) * stride + width, "the luma plane is too small")
    precondition(mask.width == width && mask.height == height, "the mask must have the model's size")
    let gain = gain(luma.baseAddress!, stride)
    let shift = shift(luma.baseAddress!, stride, gain)
    self.standing.take(standing, shift: shifts[(framesSeen + shifts.count - (standing?.lag ?? 0)) % shifts.count])
    shifts[framesSeen % shifts.count] = shift
    mask.pixels.withUnsafeMutableBufferPointer { pixels in
      let mask = pixels.baseAddress!
      if shift == .zero {
        segment(luma.baseAddress!, stride, gain, into: mask)
      } else {
        segment(align(luma.baseAddress!, stride, shift), width, gain, into: mask)
        restore(plane(.smooth), shift)
        restore(mask, shift)
        for i in pixels.indices { mask[i] = mask[i] >= 128 ? 255 : 0 }
      }
    }
    framesSeen += 1
  }

  /// Lends the averaged evidence of the last frame, `width · height` values: 0 is background, `evidenceThreshold` is the
  /// edge of the foreground, and the scale is that of squared distances.
  public func withEvidence<Result>(_ body: (UnsafeBufferPointer<UInt8>) throws -> Result) rethrows -> Result {
    try body(UnsafeBufferPointer(start: plane(.smooth), count: width * height))
  }

  private func learn(_ luma: UnsafePointer<UInt8>, _ stride: Int, _ step: nem_gmm_step) {
    var step = step
    let keeps = !standing.isEmpty && framesSeen % StandingGuard.leak != 0
    for row in 0..<height {
      let pixels = luma + row * stride
      if framesSeen == 0 {
        start(row, pixels)
      } else {
        var planes = planes(row: row)
        let evidence = plane(.evidence) + row * width
        let isKept = keeps && standing.save(row: row, state: state.baseAddress!, pitch: pitch)
        nem_gmm_update(&step, Int32(configuration.components), &planes, pixels, evidence, width, level)
        if isKept { standing.restore(row: row, state: state.baseAddress!, pitch: pitch) }
      }
    }
  }

  private func gain(_ luma: UnsafePointer<UInt8>, _ stride: Int) -> Float {
    guard configuration.compensateExposure, framesSeen > 0 else { return 1 }
    let means = planes(row: 0).mean.0!
    return ExposureGain.estimate(
      width: width, height: height, luma: { luma[$1 * stride + $0] }, mean: { means[$1 * width + $0] })
  }

  private func shift(_ luma: UnsafePointer<UInt8>, _ stride: Int, _ gain: Float) -> GlobalMotion.Shift {
    guard framesSeen > 0 else { return .zero }
    return motion?.estimate(luma: luma, stride: stride, gain: gain, mean: planes(row: 0).mean.0!) ?? .zero
  }

  /// The frame at the background's place.
  private func align(
    _ luma: UnsafePointer<UInt8>, _ stride: Int, _ shift: GlobalMotion.Shift
  ) -> UnsafeMutablePointer<UInt8> {
    let target = aligned ?? .allocate(capacity: width * height)
    aligned = target
    nem_shift(luma, stride, Int32(width), Int32(height), shift.dx, shift.dy, target, level)
    return target
  }

  /// Moves a plane from the background's place back to the frame's; nothing is known of what the background does not show.
  private func restore(_ plane: UnsafeMutablePointer<UInt8>, _ shift: GlobalMotion.Shift) {
    let moved = aligned!
    nem_shift(plane, width, Int32(width), Int32(height), -shift.dx, -shift.dy, moved, level)
    let known = shift.knownPart(width: width, height: height)
    plane.update(repeating: 0, count: width * height)
    for row in known.rows {
      let first = row * width + known.columns.lowerBound
      (plane + first).update(from: moved + first, count: known.columns.count)
    }
  }

  /// The first frame: one Gaussian of full weight at each pixel.
  private func start(_ row: Int, _ pixels: UnsafePointer<UInt8>) {
    let planes = planes(row: row)
    for x in 0..<width {
      planes.weight.0![x] = .max
      planes.mean.0![x] = UInt16(pixels[x]) << 8
      planes.variance.0![x] = startVariance
    }
  }

  /// Learns from a frame at the background's place and writes its mask there.
  private func segment(
    _ luma: UnsafePointer<UInt8>, _ stride: Int, _ gain: Float, into mask: UnsafeMutablePointer<UInt8>
  ) {
    learn(luma, stride, nem_gmm_step(configuration, frame: framesSeen, gain: gain))
    nem_smooth(plane(.evidence), Int32(width), Int32(height), plane(.smooth), level)
    nem_majority(
      plane(.smooth), Int32(width), Int32(height), Int32(configuration.cleaningRadius),
      BackgroundSubtractor.evidenceThreshold, mask, level)
    standing.save(mask)
    shadows?.remove(from: mask, luma: luma, stride: stride, gain: gain, mean: planes(row: 0).mean.0!)
    standing.restore(mask)
    if !standing.isEmpty && framesSeen % StandingGuard.stride == 0 { fillHoles(luma, stride, gain, mask) }
  }

  private enum BytePlane: Int {
    case evidence, smooth
  }

  private func plane(_ plane: BytePlane) -> UnsafeMutablePointer<UInt8> {
    bytes.baseAddress! + plane.rawValue * width * height
  }

  /// The state of one row, one plane after the other: weight, mean and variance of each component.
  func planes(row: Int) -> nem_gmm_planes {
    var planes = nem_gmm_planes()
    let base = state.baseAddress! + row * width
    func plane(_ quantity: Int, _ component: Int) -> UnsafeMutablePointer<UInt16>? {
      component < configuration.components ? base + (3 * component + quantity) * pitch : nil
    }
    planes.weight = (plane(0, 0), plane(0, 1), plane(0, 2), plane(0, 3), plane(0, 4))
    planes.mean = (plane(1, 0), plane(1, 1), plane(1, 2), plane(1, 3), plane(1, 4))
    planes.variance = (plane(2, 0), plane(2, 1), plane(2, 2), plane(2, 3), plane(2, 4))
    planes.history = bytes.baseAddress! + 2 * width * height + row * (width / Int(NEM_GMM_BLOCK))
    return planes
  }
}
