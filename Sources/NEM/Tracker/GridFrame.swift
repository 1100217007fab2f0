import Kernels

/// What the tracker sees of one frame: foreground evidence and colour on a coarse grid, rows from top to bottom.
public struct GridFrame: Sendable {
  /// Columns of the grid.
  public let width: Int
  /// Rows of the grid.
  public let height: Int
  /// Share of foreground pixels in each cell, 0…1, `width · height` values.
  public var foreground: [Float]
  /// Mean luma of each cell, 0…1.
  public var luma: [Float]
  /// Mean blue difference of each cell, 0…1 with 0.5 for gray; empty if the source has no colour.
  public var cb: [Float]
  /// Mean red difference of each cell, 0…1 with 0.5 for gray; empty if the source has no colour.
  public var cr: [Float]

  /// A frame from its planes: each has `width · height` values; `cb` and `cr` may both be empty.
  public init(width: Int, height: Int, foreground: [Float], luma: [Float], cb: [Float] = [], cr: [Float] = []) {
    precondition(foreground.count == width * height && luma.count == width * height, "plane size")
    precondition(cb.count == cr.count && (cb.isEmpty || cb.count == width * height), "chroma plane size")
    self.width = width
    self.height = height
    self.foreground = foreground
    self.luma = luma
    self.cb = cb
    self.cr = cr
  }
}

/// One confirmed object in one frame.
public struct GridObject: Sendable, Equatable {
  /// Number of the object, from 1, never used again for another one.
  public let id: Int32
  /// Mean posterior of the object over the evidence it owns, 0…1; 0 while nothing of it is seen.
  public let confidence: Float
  /// Whether too little of the object is seen to measure its position, which then follows its velocity.
  public let hidden: Bool
}

/// Why an object ended.
public enum EndReason: String, Sendable, Codable {
  /// It went out of the picture.
  case left
  /// It was not seen for longer than a hidden object may be.
  case lost
  /// It turned out to be a fragment of another object.
  case merged
}

/// A confirmed object that exists no longer.
public struct EndedSlot: Sendable, Equatable {
  /// The object's number.
  public let id: Int32
  /// Why it ended.
  public let reason: EndReason
}

/// The tracker's answer to one frame.
public struct GridSegmentation: Sendable {
  /// Id of the object that owns each cell, 0 for none.
  public var labels: Image<Int32>
  /// Confirmed objects in rising order of id, hidden ones included.
  public var objects: [GridObject]
  /// Objects that ended with this frame: they own no cell in it.
  public var ended: [EndedSlot]
  /// New objects of this frame that got no slot because all were taken.
  public var unassigned: Int
}
