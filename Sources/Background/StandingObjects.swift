import Kernels

/// Objects that stand, as a tracker saw them some frames ago: what the background is not to take in.
public struct StandingObjects: Sendable, Equatable {
  /// Number of the object at each cell of a grid over the picture, 0 for none; negative around its cells, where its
  /// outline is.
  public var cells: Image<Int32>
  /// The objects that came from elsewhere. The others may be holes in the background, which are learned as ever.
  public var arrived: Set<Int32>
  /// Frames since the tracker's: 1 if the next frame is the background's, at most `maximumLag`.
  public var lag: Int

  /// The greatest lag.
  public static let maximumLag = 15

  /// Objects from their parts.
  public init(cells: Image<Int32>, arrived: Set<Int32>, lag: Int) {
    (self.cells, self.arrived, self.lag) = (cells, arrived, lag)
  }

  /// Carries the objects on a grid of the size of `cells`.
  package mutating func carry(_ archive: inout StateArchive) throws(StateFault) {
    try archive.carry(&lag, in: 0...Self.maximumLag)
    try archive.carry(&cells.pixels, eachIn: -Int32.max...Int32.max)
    var list = arrived.sorted()
    try archive.carry(list: &list)
    arrived = Set(list)
  }
}
