import Foundation
import Masks
import Pipeline
import VideoIO

/// Masks of a long run: a new folder for each stretch of time. Numbers of frames and objects go on from folder to folder.
///
/// As a service it goes on without output while that cannot be written: it raises an alert, tries again, and begins a new
/// folder when there is room.
public final class SegmentedMasks: FrameSink {
  /// Opens the folder of a segment.
  public typealias Open = (_ path: String, _ segment: Manifest.Segment) throws(VideoError) -> MaskDirectory

  /// Seconds between attempts to write again.
  static let retryInterval = 5.0
  /// Bytes that must be free before the output is tried again.
  private static let leastFree = 1 << 20
  private let root: String
  private let settings: LiveSettings
  private let health: RunHealth
  private let log: EventLog
  private let open: Open
  private let outOfSpace: () -> Void
  private let now: () -> Double
  private var current: Current?
  private var fault: Fault?
  /// The number of the frame after the last one that was written; nil where the last one was not.
  private var next: Int?
  /// What had happened to the source when the last folder was closed.
  private var counted = SourceCounters()

  private struct Current {
    let path: String
    let directory: MaskDirectory
    let start: Double
    var unassigned = 0
  }

  /// Since when the output has not been written, and how much is missing.
  private struct Fault {
    let since: Double
    var lastTry: Double
    var frames = 0
  }

  /// Masks in segments below `root`.
  ///
  /// - Parameters:
  ///   - outOfSpace: called when writing fails; may make room.
  ///   - now: seconds of a steady clock, replaced in tests.
  /// - Throws: `cannotCreate` where the folder can never be made.
  package init(
    root: String, settings: LiveSettings, health: RunHealth, log: EventLog, outOfSpace: @escaping () -> Void = {},
    now: @escaping () -> Double = { Double(DispatchTime.now().uptimeNanoseconds) * 1e-9 }, open: @escaping Open
  ) throws(VideoError) {
    (self.root, self.settings, self.health, self.log) = (root, settings, health, log)
    (self.outOfSpace, self.now, self.open) = (outOfSpace, now, open)
    do {
      try OutputLayout.makeFolder(root)
    } catch {
      // A disk that is full now may have room later.
      guard settings.values.service, [ENOSPC, EDQUOT, EROFS, EIO].contains(errno) else { throw error }
    }
  }

  /// Writes the frame's masks and lines, in a new folder if it is time for one.
  public func write(_ segmented: SegmentedFrame, of frame: VideoFrame) throws { try write(segmented) }

  /// The same without the picture, which is not looked at.
  package func write(_ segmented: SegmentedFrame) throws {
    if fault != nil && !mayTryAgain() {
      miss()
      return
    }
    do throws(VideoError) {
      try append(segmented)
      recover()
    } catch {
      guard settings.values.service else { throw error }
      suspend(error)
    }
  }

  /// Ends the open folder.
  public func close(_ status: Manifest.Status, _ result: RunResult) throws { try close(status) }

  /// The same without the run's counts: the segment has its own.
  package func close(_ status: Manifest.Status) throws {
    guard let current else { return }
    self.current = nil
    do throws(VideoError) {
      try close(current, status)
    } catch {
      guard settings.values.service else { throw error }
      log.note(.alert, "output", "the last segment is not whole: \(error)")
    }
  }

  private func append(_ frame: SegmentedFrame) throws(VideoError) {
    if let current, isOver(current, frame.pts) {
      try current.directory.end(frame.ended)
      self.current = nil
      try close(current, .complete, living: .continues)
    }
    var current = if let current { current } else { try begin(frame) }
    current.unassigned += frame.unassigned
    self.current = current
    // Files of a folder that was deleted can be written, and nobody will see them.
    guard access(current.path, F_OK) == 0 else { throw .writeFailed(current.path, reason: "it was deleted") }
    let dropped = next.map { frame.index - $0 } ?? 0
    try current.directory.write(frame)
    current.directory.manifest.frames.dropped += dropped
    current.directory.manifest.frames.decoded += dropped + 1
    next = frame.index + 1
  }

  /// Ends a folder with what was counted while it was written.
  private func close(
    _ current: Current, _ status: Manifest.Status, living: EndReason = .endOfStream
  ) throws(VideoError) {
    let seen = health.snapshot.source
    let source = seen.since(counted)
    current.directory.manifest.unassigned = current.unassigned
    if settings.values.service || source != SourceCounters() { current.directory.manifest.source = source }
    try current.directory.close(status, living: living)
    counted = seen
  }

  /// Time stamps only rise; one that falls begins a new segment rather than an endless one.
  private func isOver(_ current: Current, _ pts: Double) -> Bool {
    let length = Double(settings.values.segment)
    return length > 0 && !(0..<length).contains(pts - current.start)
  }

  private func begin(_ frame: SegmentedFrame) throws(VideoError) -> Current {
    // Frames may have waited for the background to begin.
    let date = frame.picture?.arrived ?? Date()
    let path = OutputSegment.newPath(in: root, at: date)
    let segment = Manifest.Segment(firstFrame: frame.index, firstPTS: frame.pts, start: date)
    do throws(VideoError) {
      let directory = try open(path, segment)
      return Current(path: path, directory: directory, start: frame.pts)
    } catch {
      try? MaskDirectory.remove(path)
      rmdir((path as NSString).deletingLastPathComponent)
      throw .writeFailed(path, reason: error.reason)
    }
  }

  private func mayTryAgain() -> Bool {
    guard now() - fault!.lastTry >= Self.retryInterval else { return false }
    fault!.lastTry = now()
    return (FileSystem.freeBytes(root) ?? Int.max) >= Self.leastFree
  }

  private func suspend(_ error: VideoError) {
    let failed = current
    (current, next) = (nil, nil)
    if let failed { try? close(failed, .failed) }
    outOfSpace()
    health.noteOutput(fault: error.reason)
    if fault == nil {
      fault = Fault(since: now(), lastTry: now())
      log.note(
        .alert, "output", "masks are not written: \(error); tracking goes on, and writing is tried again",
        ["reason": .text(error.reason), "path": .text(root)])
    }
    miss()
  }

  private func miss() {
    fault!.frames += 1
    health.noteUnwritten()
  }

  private func recover() {
    guard let fault else { return }
    self.fault = nil
    health.noteOutput(fault: nil)
    let seconds = now() - fault.since
    log.note(
      .info, "output", String(format: "masks are written again; those of %d frames are missing", fault.frames),
      ["frames": .whole(fault.frames), "seconds": .number(seconds)])
  }
}
