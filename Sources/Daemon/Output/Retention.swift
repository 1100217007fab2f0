import Foundation
import VideoIO

/// How much of a segmented output is kept; 0 sets no limit.
package struct RetentionLimits: Sendable, Equatable {
  /// Seconds.
  package var age = 0
  /// Bytes of all segments together.
  package var bytes = 0
  /// Bytes that stay free on the file system.
  package var free = 0

  /// Limits; none at first.
  package init(age: Int = 0, bytes: Int = 0, free: Int = 0) { (self.age, self.bytes, self.free) = (age, bytes, free) }

  init(_ settings: Settings) {
    self.init(age: settings.retentionAge, bytes: settings.retentionBytes, free: settings.retentionFree)
  }

  var isNone: Bool { self == RetentionLimits() }
}

/// What is deleted when it is too old or too much.
package protocol Retainable: Sendable {
  var path: String { get }
  /// When it was begun.
  var start: Date { get }
  /// Bytes that it takes on the disk.
  var size: Int { get }
  func remove() throws
}

/// Deletes the oldest segments and clips of an output until it keeps its limits. The newest segment, and any that a process
/// has open, stay.
package struct Retention {
  /// A segment or clip that was deleted, or could not be.
  package struct Deletion: Sendable {
    /// The segment's folder, or the clip.
    package let path: String
    /// Which limit it went for.
    package let reason: String
    /// Why it is still there; nil if it is gone.
    package let failure: String?
  }

  private let root: String
  private let clips: String?
  private let freeBytes: () -> Int
  private var sizes: [String: Int] = [:]

  /// Retention for the segments in a folder, and the clips in another one or the same; `freeBytes` is replaced in tests.
  package init(root: String, clips: String? = nil, freeBytes: (() -> Int)? = nil) {
    (self.root, self.clips) = (root, clips)
    self.freeBytes = freeBytes ?? { FileSystem.freeBytes(root) ?? Int.max }
  }

  /// Deletes what is too much. `now` is the time that ages count to; nil leaves ages aside.
  package mutating func apply(_ limits: RetentionLimits, now: Date?) -> [Deletion] {
    let segments = OutputSegment.list(in: root)
    guard !limits.isNone else { return [] }
    let all = (segments + (clips.map(ServiceClip.list) ?? []) as [any Retainable]).sorted { $0.start < $1.start }
    var total = limits.bytes > 0 ? measure(all, open: segments.last) : 0
    var deletions: [Deletion] = []
    for item in all where item.path != segments.last?.path {
      guard let reason = reason(item, limits, total: total, now: now) else { continue }
      // A clip that is being written, unless a kill has left it.
      if item.path.hasSuffix(AtomicFile.temporarySuffix) && reason != "age" { continue }
      let lock = SegmentLock(item.path)
      if item is OutputSegment && lock == nil { continue }
      let failure = Self.failure { try item.remove() }
      withExtendedLifetime(lock) {}
      deletions.append(Deletion(path: item.path, reason: reason, failure: failure))
      if failure == nil { total -= sizes.removeValue(forKey: item.path) ?? 0 }
    }
    return deletions
  }

  private func reason(_ item: any Retainable, _ limits: RetentionLimits, total: Int, now: Date?) -> String? {
    if limits.age > 0, let now, now.timeIntervalSince(item.start) > Double(limits.age) { return "age" }
    if limits.bytes > 0, total > limits.bytes { return "bytes" }
    return limits.free > 0 && freeBytes() < limits.free ? "free" : nil
  }

  /// Bytes of all of them; those that have ended are measured once.
  private mutating func measure(_ all: [any Retainable], open newest: OutputSegment?) -> Int {
    var known: [String: Int] = [:]
    for item in all { known[item.path] = sizes[item.path] ?? item.size }
    sizes = known.filter { $0.key != newest?.path && !$0.key.hasSuffix(AtomicFile.temporarySuffix) }
    return known.values.reduce(0, +)
  }

  private static func failure(_ action: () throws -> Void) -> String? {
    do { try action() } catch { return "\(error)" }
    return nil
  }
}

/// Facts of file systems.
package enum FileSystem {
  /// Bytes that are free to this process where `path` lies; nil if that cannot be told.
  package static func freeBytes(_ path: String) -> Int? {
    var status = statvfs()
    guard statvfs(path, &status) == 0 else { return nil }
    return Int(clamping: UInt64(status.f_bavail) * UInt64(status.f_frsize))
  }
}

/// Whether the clock of the day can be trusted to tell ages: it has not leapt for some time.
package struct ClockWatch {
  /// Seconds between the clocks from which on the clock of the day has leapt.
  private static let leap = 60.0
  private var offset: Double?
  private var steadySince = 0.0

  /// Clocks that have not been looked at.
  package init() {}

  /// Looks at both clocks, in seconds. Returns by how much the clock of the day has leapt since the last look, if it has.
  package mutating func observe(day: Double, steady: Double) -> Double? {
    let before = offset
    offset = day - steady
    guard let before else {
      steadySince = steady
      return nil
    }
    let jump = day - steady - before
    guard abs(jump) > Self.leap else { return nil }
    steadySince = steady
    return jump
  }

  /// Whether ages beyond `limit` seconds can be told: the clock has been steady for as long, or for an hour.
  package func tellsAges(of limit: Int, steady: Double) -> Bool { steady - steadySince >= min(Double(limit), 3600) }
}
