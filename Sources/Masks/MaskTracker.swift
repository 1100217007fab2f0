import Kernels

/// Gives numbers to the regions of successive foreground masks, without learning: what the baselines have in common.
public protocol MaskTracker: Sendable, Checkpointed {
  /// Smaller components are noise; in pixels.
  var minimumArea: Int { get set }
  /// The objects seen in the last frame, by rising number.
  var objects: [ObjectRecord] { get }
  /// The numbers of all objects that live, those missed at present included, rising.
  var aliveIDs: [Int] { get }
  /// Takes the next frame's foreground.
  ///
  /// - Returns: object numbers per pixel (0 for none), and the numbers of the objects that have ended.
  mutating func step(_ foreground: Image<UInt8>) -> (labels: Image<Int32>, ended: [Int])
  /// Forgets all objects; their numbers are not used again.
  mutating func restart()
  /// Leaves out the numbers up to `id`, which another run may have given.
  mutating func skipIDs(through id: Int)
}
