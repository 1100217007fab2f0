import CKernels
import Kernels

extension BackgroundSubtractor {
  /// Carries what was learned; see `Checkpointed`. Size and settings must be those of the model that wrote it.
  public func carry(_ archive: inout StateArchive) throws(StateFault) {
    var (columns, rows, components) = (width, height, configuration.components)
    try archive.carry(&columns, in: width...width)
    try archive.carry(&rows, in: height...height)
    try archive.carry(&components, in: components...components)
    try archive.carry(&framesSeen, in: 1...(1 << 48))
    try archive.carry(&age, in: 1...(1 << 48))
    try mixtures.carry(&archive)
    var hasShadows = shadows != nil
    try archive.carry(&hasShadows)
    try archive.check(hasShadows == (shadows != nil), "it is of other background settings")
    try shadows?.carry(&archive)
    var hasColours = chroma != nil
    try archive.carry(&hasColours)
    try archive.check(hasColours == (chroma != nil), "it is of other background settings")
    try chroma?.carry(&archive)
    var findsMotion = motion != nil
    try archive.carry(&findsMotion)
    try archive.check(findsMotion == (motion != nil), "it is of other background settings")
    try motion?.carry(&archive)
    try change.carry(&archive)
    for index in shifts.indices { try shifts[index].carry(&archive) }
    try standing.carry(&archive)
  }
}

extension MixturePlanes {
  /// Carries the Gaussians. What was known of blocks is forgotten when they are read.
  func carry(_ archive: inout StateArchive) throws(StateFault) {
    for plane in 0..<planeCount {
      for row in 0..<height {
        try archive.carry(UnsafeMutableBufferPointer(start: self[plane, row], count: width))
      }
    }
    if archive.isReading { for row in 0..<height { forgetBlocks(row: row) } }
  }
}

extension ShadowModel: Checkpointed {
  /// Carries the histogram, and the kinds that pixels had last.
  package mutating func carry(_ archive: inout StateArchive) throws(StateFault) {
    try archive.carry(&histogram, eachIn: 0...1e12)
    try archive.carry(&frames, in: 0...(1 << 48))
    try archive.carry(&kinds, eachIn: 0...UInt8(NEM_SHADOW_KINDS - 1))
    if archive.isReading { tiles.suspectAll() }
  }
}

extension GlobalMotion.Shift {
  mutating func carry(_ archive: inout StateArchive) throws(StateFault) {
    var (right, down) = (dx, dy)
    try archive.carry(&right, in: -(1 << 20)...(1 << 20))
    try archive.carry(&down, in: -(1 << 20)...(1 << 20))
    self = GlobalMotion.Shift(dx: right, dy: down)
  }
}
