import CKernels
import Kernels

/// Finds what moves in front of a fixed camera: every pixel's brightness is a mixture of Gaussians, fitted online
/// (Stauffer & Grimson 1999; Zivkovic, ICPR 2004), and values that no heavy Gaussian explains are foreground. The evidence
/// is averaged over 3 × 3 pixels before it is cut, and the mask is cleaned by a majority vote. What has another colour than
/// the background is foreground too, where frames have colours. When the camera changes its exposure or shakes, the whole
/// frame is brought back to the background's brightness and place first. The darker the scene, the smaller the differences
/// that count.
///
/// The first frame becomes the background, or the mode of several. Steady-state frames allocate nothing that grows with
/// the picture. Results are the same bytes on every processor. One caller at a time.
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
  public internal(set) var framesSeen = 0
  /// Frames seen since the background began, or began anew.
  var age = 0
  /// How far the model has warmed up, 0…1: 1 once the learning rate has settled.
  public var warmth: Float { min(1, 2 * Float(age) / Float(configuration.history)) }

  /// Grey levels at which two values of a pixel no longer count as the same ground.
  static let modeReach: UInt8 = 10

  let mixtures: MixturePlanes
  /// Share of the configured variances that the scene's light leaves.
  private var light: Float = 1
  /// Variance of a pixel's first Gaussian, as the state keeps it.
  var startVariance: UInt16 { configuration.startVariance(light: light) }
  /// Byte planes: evidence and averaged evidence.
  private let bytes: UnsafeMutableBufferPointer<UInt8>
  let level: Int32
  var shadows: ShadowModel?
  let chroma: ChromaModel?
  var motion: GlobalMotion?
  var change: SceneChange
  var lightField: LightField?
  var standing: StandingGuard
  /// Shifts of the last frames, by frame modulo their number.
  var shifts = [GlobalMotion.Shift](repeating: .zero, count: StandingObjects.maximumLag + 1)
  /// The frame moved to the background's place; made when the camera first moves.
  private var aligned: UnsafeMutablePointer<UInt8>?

  /// A model of `width` × `height` pixels that has seen nothing. `colours` says how the frames' colour planes lie over
  /// the picture, nil if it has no use for them.
  ///
  /// - Throws: `BackgroundError.invalidSetting` for the first setting outside its range.
  public convenience init(
    width: Int, height: Int, colours: ColourLayout? = nil, configuration: BackgroundConfiguration = .init()
  ) throws(BackgroundError) {
    try self.init(
      width: width, height: height, colours: colours, configuration: configuration, level: nem_cpu_level())
  }

  /// A model that starts from the mode of its first frames, 1…255 of one size; then `apply` takes the same frames.
  ///
  /// - Throws: `BackgroundError.invalidSetting` for the first setting outside its range.
  public convenience init(
    firstFrames: [Image<UInt8>], configuration: BackgroundConfiguration = .init()
  ) throws(BackgroundError) {
    let width = firstFrames[0].width
    try self.init(width: width, height: firstFrames[0].height, configuration: configuration)
    prime(frames: firstFrames.count) { frame, _, body in
      firstFrames[frame].pixels.withUnsafeBufferPointer { body($0, width) }
    }
  }

  /// The same on a chosen instruction set (0 baseline, up to `nem_cpu_level()`).
  package init(
    width: Int, height: Int, colours: ColourLayout? = nil, configuration: BackgroundConfiguration, level: Int32
  ) throws(BackgroundError) {
    try configuration.validate()
    guard width > 0, height > 0 else {
      throw .invalidSetting(name: "size", value: "\(width)x\(height)", allowed: "at least 1x1")
    }
    self.width = width
    self.height = height
    self.configuration = configuration
    self.level = min(level, nem_cpu_level())
    mixtures = MixturePlanes(width: width, height: height, configuration: configuration, level: self.level)
    bytes = .allocate(capacity: 2 * width * height)
    bytes.initialize(repeating: 0)
    if configuration.removeShadows {
      shadows = ShadowModel(
        width: width, height: height, brightness: configuration.brightness, level: self.level)
    }
    let usable = self.level
    chroma = colours.map { ChromaModel(width: width, height: height, layout: $0, level: usable) }
    if configuration.compensateMotion { motion = GlobalMotion(width: width, height: height, level: self.level) }
    change = SceneChange(width: width, height: height)
    if configuration.compensateLight {
      lightField = LightField(width: width, height: height, configuration: configuration)
    }
    standing = StandingGuard(width: width, height: height, planes: 3 * configuration.components)
  }

  deinit {
    bytes.deallocate()
    aligned?.deallocate()
  }

  /// Takes one frame: writes its mask and learns from it.
  ///
  /// - Parameters:
  ///   - luma: brightness, rows of `stride` bytes.
  ///   - stride: bytes from one row to the next, at least the width.
  ///   - colours: the frame's colours, if the model was told how they lie over the picture.
  ///   - mask: receives 255 where something moves and 0 elsewhere; the model's size.
  ///   - standing: what stands before the background and is not part of it, as a tracker saw it.
  public func apply(
    luma: UnsafeBufferPointer<UInt8>, stride: Int, colours: ColourPlanes? = nil, into mask: inout Image<UInt8>,
    standing: StandingObjects? = nil
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
        segment(luma.baseAddress!, stride, colours, shift, gain, into: mask)
      } else {
        segment(align(luma.baseAddress!, stride, shift), width, colours, shift, gain, into: mask)
        restore(plane(.smooth), shift)
        restore(mask, shift)
        for i in pixels.indices { mask[i] = mask[i] >= 128 ? 255 : 0 }
      }
    }
    framesSeen += 1
    age += 1
  }

  /// Whether nearly all of the last frame may be another scene, so that nothing is said to move.
  public var isInDoubt: Bool { change.isInDoubt }

  /// Lends the averaged evidence of the last frame, `width · height` values: 0 is background, `evidenceThreshold` is the
  /// edge of the foreground, and the scale is that of squared distances.
  public func withEvidence<Result>(_ body: (UnsafeBufferPointer<UInt8>) throws -> Result) rethrows -> Result {
    try body(UnsafeBufferPointer(start: plane(.smooth), count: width * height))
  }

  func start(_ luma: UnsafePointer<UInt8>, _ stride: Int) {
    measureLight { UInt16(luma[$1 * stride + $0]) << 8 }
    for row in 0..<height { mixtures.start(row: row, luma + row * stride, variance: startVariance) }
  }

  /// The settings of the frame of an age, whose brightness is multiplied by `gain`.
  func step(age: Int, gain: Float) -> nem_gmm_step {
    let variances = mixtures.variances
    let noise = RestlessGround.noise(width: width, height: height) { variances[$1 * width + $0] }
    return nem_gmm_step(configuration, frame: age, gain: gain, light: light, noise: noise)
  }

  /// Finds the light of a background with such grey levels times 256.
  func measureLight(_ mean: (_ x: Int, _ y: Int) -> UInt16) {
    light = SceneLight.varianceFactor(width: width, height: height, brightness: configuration.brightness, mean: mean)
  }

  func gain(_ luma: UnsafePointer<UInt8>, _ stride: Int) -> Float {
    guard configuration.compensateExposure, framesSeen > 0 else { return 1 }
    let means = mixtures.means
    return ExposureGain.estimate(
      width: width, height: height, luma: { luma[$1 * stride + $0] }, mean: { means[$1 * width + $0] })
  }

  func shift(_ luma: UnsafePointer<UInt8>, _ stride: Int, _ gain: Float) -> GlobalMotion.Shift {
    guard framesSeen > 0 else { return .zero }
    return motion?.estimate(frame: framesSeen, luma: luma, stride: stride, gain: gain, mean: mixtures.means) ?? .zero
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

  enum BytePlane: Int {
    case evidence, smooth
  }

  func plane(_ plane: BytePlane) -> UnsafeMutablePointer<UInt8> {
    bytes.baseAddress! + plane.rawValue * width * height
  }
}
