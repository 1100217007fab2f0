import CKernels
import Foundation

/// The Gaussians of all pixels of a picture in 16-bit fixed point, one plane for each quantity of each component.
///
/// Equal operations give the same bytes on every processor. One caller at a time.
struct MixturePlanes: ~Copyable {
  private static let pageBytes = 2 << 20
  let width: Int, height: Int
  private let configuration: BackgroundConfiguration
  private let level: Int32
  private let state: UnsafeMutablePointer<UInt16>
  /// From one plane of the state to the next.
  private let pitch: Int
  /// What the update knows of its blocks.
  private let history: UnsafeMutablePointer<UInt8>
  private let blocks: Int

  /// Planes without Gaussians, for valid settings.
  init(width: Int, height: Int, configuration: BackgroundConfiguration, level: Int32) {
    (self.width, self.height, self.configuration, self.level) = (width, height, configuration, level)
    // Equal places in the planes must not fall into one set of the cache: it holds fewer lines than there are planes.
    pitch = (width * height + 31) / 32 * 32 + 96
    blocks = width / Int(NEM_GMM_BLOCK)
    state = Self.zeros(3 * configuration.components * pitch)
    history = .allocate(capacity: height * blocks)
    history.initialize(repeating: 0, count: height * blocks)
  }

  deinit {
    free(state)
    history.deallocate()
  }

  /// In large pages where the system has them: with small ones the processor looks up thousands for each frame.
  private static func zeros(_ count: Int) -> UnsafeMutablePointer<UInt16> {
    let bytes = count * MemoryLayout<UInt16>.stride
    var memory: UnsafeMutableRawPointer?
    guard posix_memalign(&memory, pageBytes, bytes) == 0, let memory else {
      preconditionFailure("no memory for the background model")
    }
    madvise(memory, bytes, MADV_HUGEPAGE)
    memset(memory, 0, bytes)
    return memory.assumingMemoryBound(to: UInt16.self)
  }

  /// Means of the heaviest Gaussians times 256, rows of the picture's width.
  var means: UnsafePointer<UInt16> { UnsafePointer(state + pitch) }

  /// Variances of the heaviest Gaussians times 64.
  var variances: UnsafePointer<UInt16> { UnsafePointer(state + 2 * pitch) }

  /// The first values of a row: one Gaussian of full weight at each pixel, of a variance as the state keeps it.
  func start(row: Int, _ pixels: UnsafePointer<UInt8>, variance: UInt16) {
    let planes = planes(row: row)
    for x in 0..<width {
      planes.weight.0![x] = .max
      planes.mean.0![x] = UInt16(pixels[x]) << 8
      planes.variance.0![x] = variance
    }
  }

  /// Learns a row of a frame and writes each pixel's evidence.
  func learn(
    row: Int, _ pixels: UnsafePointer<UInt8>, _ step: nem_gmm_step, evidence: UnsafeMutablePointer<UInt8>
  ) {
    var (step, planes) = (step, planes(row: row))
    nem_gmm_update(&step, Int32(configuration.components), &planes, pixels, evidence, width, level)
  }

  /// Learns some pixels of a row of a frame.
  func learn(row: Int, _ columns: Range<Int>, _ pixels: UnsafePointer<UInt8>, _ step: nem_gmm_step) {
    var (step, planes) = (step, planes(row: row, from: columns.lowerBound))
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: columns.count + blocks + 1) { bytes in
      // Blocks that begin elsewhere than those of the row are unknown.
      bytes.initialize(repeating: 0)
      planes.history = bytes.baseAddress! + columns.count
      nem_gmm_update(
        &step, Int32(configuration.components), &planes, pixels + columns.lowerBound, bytes.baseAddress!, columns.count,
        level)
    }
    forgetBlocks(row: row)
  }

  /// Writes each pixel's evidence of a row of a frame, and learns nothing from it.
  func compare(
    row: Int, _ pixels: UnsafePointer<UInt8>, _ step: nem_gmm_step, evidence: UnsafeMutablePointer<UInt8>
  ) {
    var (step, planes) = (step, planes(row: row))
    nem_gmm_compare(&step, Int32(configuration.components), &planes, pixels, evidence, width, level)
  }

  /// Starts some pixels of a row anew: one Gaussian of full weight at the brightness that `mean` gives times 256.
  func restart(row: Int, _ pixels: some Sequence<Int>, variance: UInt16, mean: (_ x: Int) -> UInt16) {
    let planes = planes(row: row)
    forgetBlocks(row: row)
    for x in pixels {
      for plane in 3..<planeCount { self[plane, row][x] = 0 }
      planes.weight.0![x] = .max
      planes.mean.0![x] = mean(x)
      planes.variance.0![x] = variance
    }
  }

  /// Weight, mean and variance of each component.
  var planeCount: Int { 3 * configuration.components }

  /// A row of one plane.
  subscript(plane: Int, row: Int) -> UnsafeMutablePointer<UInt16> { state + plane * pitch + row * width }

  /// Call after changing a row: nothing that was known of its blocks need be true any more.
  func forgetBlocks(row: Int) { (history + row * blocks).update(repeating: 0, count: blocks) }

  /// The state of one row from a column on, one plane after the other: weight, mean and variance of each component.
  private func planes(row: Int, from column: Int = 0) -> nem_gmm_planes {
    var planes = nem_gmm_planes()
    let base = state + row * width + column
    func plane(_ quantity: Int, _ component: Int) -> UnsafeMutablePointer<UInt16>? {
      component < configuration.components ? base + (3 * component + quantity) * pitch : nil
    }
    planes.weight = (plane(0, 0), plane(0, 1), plane(0, 2), plane(0, 3), plane(0, 4))
    planes.mean = (plane(1, 0), plane(1, 1), plane(1, 2), plane(1, 3), plane(1, 4))
    planes.variance = (plane(2, 0), plane(2, 1), plane(2, 2), plane(2, 3), plane(2, 4))
    planes.history = history + row * blocks
    return planes
  }
}
