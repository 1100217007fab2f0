import CFFmpeg
import Foundation

/// Copies parts of a source that is read only once, while it is read: from the last key frame before them on, with sound,
/// without decoding them. What is read passes through memory that has a bound; a clip that has begun misses no packet.
///
/// The thread that reads hands packets over, another one begins and ends clips. A lost connection ends the files that are
/// open; a clip that goes on has another file from the first key frame after it.
public final class ClipRecorder: @unchecked Sendable {
  /// What became of a clip.
  public struct Outcome: Sendable {
    /// The number that it was begun with.
    public let id: Int
    /// Its first file; nil where there is none, because of a fault or because memory held no key frame for it.
    public let path: String?
    /// Why a file could not be written; it was taken back, and the clip given up.
    public let fault: VideoError?
  }

  private struct Clip {
    let id: Int
    let start: Double
    let name: @Sendable (Double) throws(VideoError) -> String
    /// What it is to show last; infinite while nobody knows.
    var end = Double.infinity
    var part: ClipPart?
    var path: String?
    /// The number of the packet before which no further file begins.
    var earliest = 0
    var isOver = false
    var fault: VideoError?
  }

  private let history: PacketHistory
  /// Held while files are written; the history has a lock of its own, so that reading seldom waits for a disk.
  private let writing = NSLock()
  private var clips: [Clip] = []
  private var (clock, before) = (-Double.infinity, 0.0)

  /// A recorder that keeps at most so many bytes.
  public init(byteLimit: Int = 64 << 20) { history = PacketHistory(byteLimit: byteLimit) }

  /// Bytes that are kept.
  package var byteCount: Int { history.byteCount }

  /// Makes sure that clips can be made of the source with this name, whose first frame has been read. Throws `unsuitable`.
  public func check(_ name: String) throws(VideoError) {
    if let codec = history.latest?.misfit {
      throw .unsuitable(name, reason: "its \(codec) stream cannot be copied into clips")
    }
    if !history.isUsed || history.latest?.isUnordered == true {
      throw .unsuitable(name, reason: "it has no stream with time stamps that could be copied into clips")
    }
  }

  /// Begins a clip that shows `start` and what `advance` says of the time before it, in seconds of the frames as they are
  /// delivered. `name` gives the path of a file that begins at a time: of the first one at `start`, and of one after each
  /// loss of the source; either thread calls it.
  public func begin(_ id: Int, at start: Double, name: @escaping @Sendable (Double) throws(VideoError) -> String) {
    writing.withLock { clips.append(Clip(id: id, start: start, name: name)) }
  }

  /// Has a clip end at a time, which may lie ahead.
  public func end(_ id: Int, at end: Double) {
    writing.withLock {
      for index in clips.indices where clips[index].id == id { clips[index].end = end }
    }
  }

  /// Writes what belongs to clips up to a frame that is shown at `seconds`; clips want to show so many seconds `before`
  /// their start. Returns what has ended.
  public func advance(to seconds: Double, before: Double) -> [Outcome] {
    writing.lock()
    defer { writing.unlock() }
    (clock, self.before) = (seconds, before)
    write(all: false)
    history.trim(before: clock - before, needed: clips.compactMap(\.part?.next).min() ?? .max)
    return takeOutcomes()
  }

  /// Ends all clips at the end of what was read.
  public func close() -> [Outcome] {
    writing.lock()
    defer { writing.unlock() }
    write(all: true)
    for index in clips.indices { attempt(&clips[index]) { clip throws(VideoError) in try close(&clip, isOver: true) } }
    return takeOutcomes()
  }

  private func takeOutcomes() -> [Outcome] {
    let over = clips.filter(\.isOver)
    clips.removeAll(where: \.isOver)
    return over.map { Outcome(id: $0.id, path: $0.path, fault: $0.fault) }
  }

  /// Does a step for a clip, and gives the clip up where that fails.
  private func attempt(_ clip: inout Clip, _ step: (inout Clip) throws(VideoError) -> Void) {
    do throws(VideoError) {
      try step(&clip)
    } catch {
      clip.part?.discard()
      (clip.part, clip.fault, clip.isOver) = (nil, error, true)
    }
  }

  /// Writes what is due, or all that is there.
  private func write(all: Bool) {
    for index in clips.indices where !clips[index].isOver {
      attempt(&clips[index]) { clip throws(VideoError) in
        var goesOn = true
        while goesOn {
          if clip.part == nil { goesOn = try begin(&clip) }
          if goesOn { goesOn = try copy(&clip, all: all) && !clip.isOver }
        }
        if clip.part == nil && clip.end <= clock { clip.isOver = true }
      }
    }
  }

  /// Begins a file if there is a key frame for it.
  private func begin(_ clip: inout Clip) throws(VideoError) -> Bool {
    let isFirst = clip.earliest == 0
    guard
      let number = history.start(
        of: isFirst ? clip.start : clock, target: clip.start - before, earliest: clip.earliest),
      let first = history.packets(from: number).packets.first
    else { return false }
    let time = Double(first.packet.shown + first.shift) * 1e-6
    guard time <= min(clip.end, max(clock, clip.start)) else { return false }
    let path = try clip.name(isFirst ? clip.start : time)
    clip.part = try ClipPart(path, at: number, first.packet, shift: first.shift)
    return true
  }

  /// Copies packets into the open file. True where that has ended and another one may follow.
  private func copy(_ clip: inout Clip, all: Bool) throws(VideoError) -> Bool {
    guard let part = clip.part else { return false }
    let isLost = history.current !== part.streams
    let limit = PacketHistory.microseconds(clip.end < .infinity ? clip.end : all || isLost ? .infinity : clock)
    let kept = history.packets(from: part.next)
    for (index, (packet, shift)) in kept.packets.enumerated() {
      if packet.streams !== part.streams { break }
      // What is decoded before the end may be needed by what is shown before it.
      if packet.isVideo && packet.decoded + shift > limit {
        if clip.end < .infinity { try close(&clip, isOver: true) }
        return false
      }
      try part.write(packet, shift: shift, number: kept.first + index)
    }
    if isLost { try close(&clip, isOver: clip.end < .infinity) }
    return isLost
  }

  private func close(_ clip: inout Clip, isOver: Bool) throws(VideoError) {
    clip.isOver = isOver
    guard let part = clip.part else { return }
    try part.close()
    clip.part = nil
    clip.earliest = part.next
    clip.path = clip.path ?? part.path
  }
}

/// What the reader tells.
extension ClipRecorder {
  /// A packet was read.
  func keep(
    _ packet: UnsafePointer<AVPacket>, of input: borrowing InputContext, video: UnsafePointer<AVStream>
  ) {
    guard history.keep(packet, of: input, video: video) else { return }
    writing.withLock {
      write(all: true)
      history.trimToLimit()
    }
  }

  /// A frame with this stamp, in ticks of so many seconds, or without one, is delivered at `seconds`; it is decoded to so
  /// many columns and rows.
  func note(stamp: Int64?, tick: Double, seconds: Double, size: (Int32, Int32)) {
    history.note(stamp: stamp, tick: tick, seconds: seconds, size: size)
  }

  /// The connection is lost, and perhaps for long.
  func disconnect() {
    writing.withLock {
      history.disconnect()
      write(all: true)
    }
  }
}
