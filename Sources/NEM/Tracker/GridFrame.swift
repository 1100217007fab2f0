import Kernels
import Masks

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
  /// Whether nothing is known of the foreground, which is 0 then: objects are not looked for, and not missed.
  public var isBlind = false

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

/// One object in one frame.
public struct GridObject: Sendable, Equatable {
  /// Number of the object, from 1, never used again for another one; below 0 while it is a candidate, see `ConfirmedCandidate`.
  public var id: Int32
  /// Mean posterior of the object over the evidence it owns, 0…1; 0 while nothing of it is seen.
  public let confidence: Float
  /// Whether too little of the object is seen to measure its position, which then follows its velocity.
  public let hidden: Bool
  /// Whether it is known to have come to its place from elsewhere; false where nothing is known.
  public let arrived: Bool

  /// An object from its parts.
  public init(id: Int32, confidence: Float, hidden: Bool, arrived: Bool = false) {
    (self.id, self.confidence, self.hidden, self.arrived) = (id, confidence, hidden, arrived)
  }
}

/// A confirmed object that exists no longer.
public struct EndedSlot: Sendable, Equatable {
  /// The object's number.
  public let id: Int32
  /// Why it ended.
  public let reason: EndReason

  /// An ended object from its number.
  public init(id: Int32, reason: EndReason) { (self.id, self.reason) = (id, reason) }
}

/// A candidate becomes an object.
public struct ConfirmedCandidate: Sendable, Equatable {
  /// The candidate's number, below 0 and never used again.
  public let candidate: Int32
  /// The object's number from this frame on.
  public let id: Int32

  /// A candidate and its number as an object.
  public init(candidate: Int32, id: Int32) { (self.candidate, self.id) = (candidate, id) }
}

/// The tracker's answer to one frame.
public struct GridSegmentation: Sendable {
  /// Number of the object or candidate that owns each cell, 0 for none.
  public var labels: Image<Int32>
  /// Candidates and objects in rising order of id, hidden ones included.
  public var objects: [GridObject]
  /// The candidates that this frame made objects of; it has their ids already.
  public var confirmed: [ConfirmedCandidate] = []
  /// Objects that ended with this frame: they own no cell in it.
  public var ended: [EndedSlot]
  /// New objects of this frame that got no slot because all were taken.
  public var unassigned: Int
  /// Cells of the largest part of this frame that was too small for an object; it is not part of a saved state.
  public var largestSmall = 0

  /// An answer from its parts.
  public init(labels: Image<Int32>, objects: [GridObject], ended: [EndedSlot], unassigned: Int) {
    (self.labels, self.objects, self.ended, self.unassigned) = (labels, objects, ended, unassigned)
  }
}

extension GridSegmentation: Checkpointed {
  /// An empty answer on a grid, to be read into.
  package static func blank(width: Int, height: Int) -> GridSegmentation {
    GridSegmentation(labels: Image(width: width, height: height, fill: 0), objects: [], ended: [], unassigned: 0)
  }

  /// Carries an answer on a grid of the size that `labels` has.
  public mutating func carry(_ archive: inout StateArchive) throws(StateFault) {
    try archive.carry(&labels.pixels, eachIn: -Int32.max...Int32.max)
    try archive.carry(&unassigned, in: 0...(1 << 32))
    try archive.carry(list: &objects, blank: GridObject(id: 0, confidence: 0, hidden: false)) {
      (object, archive) throws(StateFault) in
      var (id, confidence, hidden, arrived) = (object.id, object.confidence, object.hidden, object.arrived)
      try archive.carry(&id, in: -Int32.max...Int32.max)
      try archive.carry(&confidence, in: -1...2)
      try archive.carry(&hidden)
      try archive.carry(&arrived)
      object = GridObject(id: id, confidence: confidence, hidden: hidden, arrived: arrived)
    }
    try archive.carry(list: &ended, blank: EndedSlot(id: 0, reason: .lost)) { (item, archive) throws(StateFault) in
      var (id, reason) = (item.id, UInt8(EndReason.allCases.firstIndex(of: item.reason)!))
      try archive.carry(&id)
      try archive.carry(&reason, in: 0...UInt8(EndReason.allCases.count - 1))
      item = EndedSlot(id: id, reason: EndReason.allCases[Int(reason)])
    }
    try archive.check(Set(objects.map(\.id)).count == objects.count, "it holds two objects of one number")
  }
}
