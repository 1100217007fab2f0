import Foundation
import Kernels
import VideoIO

/// The output of a run: a folder with one mask stream per object, the baseline's masks, and records of frames and
/// objects. All of it is readable at any moment, also after a kill.
///
///     manifest.json             status, input, settings
///     frames.jsonl              one line per frame
///     tracks.jsonl              one line per object that has ended
///     objects/0001.mkv          one stream per object, or objects/0001/000123.png
///     baseline/foreground.mkv   the background subtractor's mask
///
/// An object's stream has one mask for each frame from its birth to its end, a blank one where it is hidden.
public final class MaskDirectory: MaskSink {
  /// How masks are stored.
  public enum Format: String, Sendable, CaseIterable {
    /// Lossless video.
    case ffv1
    /// One picture per frame.
    case png
  }

  /// What `manifest.json` says; set counts here, `close` writes them. `frames.decoded` is never less than the number of
  /// frames written.
  public var manifest: Manifest
  private let layout: OutputLayout
  private let streams: MaskStreamFactory
  private let frameLines: LineFile
  private let trackLines: LineFile
  private var baseline: (any MaskStream)?
  private var live: [Int: LiveObject] = [:]
  private var scratch: Image<UInt8>
  private var frameCount = 0
  private var isClosed = false
  private let isNew: Bool

  /// Creates the folder and its files.
  ///
  /// - Parameters:
  ///   - path: the folder; made if missing.
  ///   - manifest: what to say of the run; its status is set to `running`.
  ///   - timeBase: the unit of the frames' time stamps in seconds.
  ///   - frameRate: frames per second, if constant.
  ///   - overwrite: whether earlier output in the folder may be removed; other files there are never touched.
  ///   - baseline: whether to write the background subtractor's masks.
  /// - Throws: `cannotCreate` if earlier output is there and `overwrite` is false, or if the system refuses.
  public init(
    path: String, manifest: Manifest, timeBase: Rational, frameRate: Rational?, format: Format = .ffv1,
    overwrite: Bool = false, baseline: Bool = true
  ) throws(VideoError) {
    layout = OutputLayout(root: path)
    isNew = !FileManager.default.fileExists(atPath: path)
    try layout.prepare(overwrite: overwrite)
    self.manifest = manifest
    self.manifest.status = .running
    streams = MaskStreamFactory(
      width: manifest.width, height: manifest.height, timeBase: timeBase, frameRate: frameRate, format: format)
    scratch = Image(width: manifest.width, height: manifest.height, fill: 0)
    try AtomicFile.write(self.manifest.encoded(), to: layout.manifest, synced: true)
    frameLines = try LineFile(layout.frames)
    trackLines = try LineFile(layout.tracks)
    if baseline { self.baseline = try streams.open(layout.foreground, title: "foreground") }
  }

  /// Writes the frame's masks, then its line, so that each line speaks of masks that are there.
  public func write(_ frame: SegmentedFrame) throws(VideoError) {
    guard !isClosed else { throw .writeFailed(layout.root, reason: "the output is closed") }
    precondition(frame.labels.width == scratch.width && frame.labels.height == scratch.height, "labels of another size")
    for ended in frame.ended { try end(ended.id, ended.reason) }
    for object in frame.objects { try writeMask(of: object, frame) }
    let hidden = live.values.filter { $0.lastWritten != frame.index }.map(\.id).sorted()
    for id in hidden { try writeBlank(id, frame) }
    try baseline?.write(frame.foreground, bounds: nil, index: frame.index, timestamp: frame.timestamp)
    let record = FrameRecord(frame: frame.index, pts: frame.pts, objects: frame.objects)
    try frameLines.append { record.append(to: &$0) }
    frameCount += 1
  }

  /// Ends all streams and writes the final manifest. Goes on after an error, and throws the first at the end.
  public func close(_ status: Manifest.Status) throws(VideoError) { try close(status, living: .endOfStream) }

  /// The same; `living` says why the streams of objects end that are still there.
  package func close(_ status: Manifest.Status, living reason: EndReason) throws(VideoError) {
    guard !isClosed else { return }
    isClosed = true
    var failure: VideoError?
    func attempt(_ step: () throws(VideoError) -> Void) {
      do throws(VideoError) { try step() } catch { failure = failure ?? error }
    }
    for id in live.keys.sorted() {
      attempt { () throws(VideoError) in try end(id, reason) }
    }
    attempt { () throws(VideoError) in try baseline?.close() }
    manifest.status = failure == nil ? status : .failed
    manifest.frames.decoded = max(manifest.frames.decoded, frameCount)
    attempt { () throws(VideoError) in
      try AtomicFile.write(manifest.encoded(), to: layout.manifest, synced: true)
    }
    guard let failure else { return }
    // Whatever else is lost, the folder shall not say that the run goes on.
    manifest.status = .failed
    try? AtomicFile.overwrite(manifest.encoded(), at: layout.manifest)
    throw failure
  }

  /// Removes the output of a run from a folder, and the folder if nothing else is in it. Links are not followed.
  package static func remove(_ path: String) throws(VideoError) {
    try OutputLayout(root: path).removeEarlier()
    rmdir(path)
  }

  /// Takes back what the initialiser made, for a run that cannot begin.
  public func discard() {
    guard !isClosed else { return }
    isClosed = true
    try? baseline?.close()
    try? layout.removeEarlier()
    if isNew { rmdir(layout.root) }
  }

  private func writeMask(of object: ObjectRecord, _ frame: SegmentedFrame) throws(VideoError) {
    let item = if let known = live[object.id] { known } else { try begin(object.id, frame) }
    item.lastWritten = frame.index
    if object.area > 0 { item.see(object, frame) }
    let box = object.bounds
    LabelMask.paint(Int32(truncatingIfNeeded: object.id), in: box, of: frame.labels, into: &scratch)
    defer { LabelMask.erase(box, in: &scratch) }
    try item.stream.write(scratch, bounds: box, index: frame.index, timestamp: frame.timestamp)
  }

  private func writeBlank(_ id: Int, _ frame: SegmentedFrame) throws(VideoError) {
    guard let item = live[id] else { return }
    item.lastWritten = frame.index
    let nowhere = PixelRect(x: 0, y: 0, width: 0, height: 0)
    try item.stream.write(scratch, bounds: nowhere, index: frame.index, timestamp: frame.timestamp)
  }

  private func begin(_ id: Int, _ frame: SegmentedFrame) throws(VideoError) -> LiveObject {
    let stem = layout.object(id)
    for name in [stem, stem + ".mkv"] where FileManager.default.fileExists(atPath: name) {
      throw .cannotCreate(name, reason: "object \(id) has ended before; numbers are not used again")
    }
    let stream: any MaskStream
    do throws(VideoError) {
      stream = try streams.open(stem, title: "object \(id)")
    } catch .cannotCreate(let subject, let reason) {
      // The folder was there when the run began: what fails now is the disk.
      throw .writeFailed(subject, reason: reason)
    }
    let item = LiveObject(id: id, stream: stream, frame: frame)
    live[id] = item
    return item
  }

  private func end(_ id: Int, _ reason: EndReason) throws(VideoError) {
    guard let item = live.removeValue(forKey: id) else { return }
    try item.stream.close()
    let record = item.record(reason)
    try trackLines.append { record.append(to: &$0) }
  }
}

/// An object whose stream is open, and what its track record will need.
private final class LiveObject {
  let id: Int
  let stream: any MaskStream
  var lastWritten = Int.min
  private var track: TrackRecord
  private var areaSum = 0

  init(id: Int, stream: any MaskStream, frame: SegmentedFrame) {
    self.id = id
    self.stream = stream
    track = TrackRecord(
      id: id, firstFrame: frame.index, lastFrame: frame.index, firstPTS: frame.pts, lastPTS: frame.pts, framesSeen: 0,
      meanArea: 0, ended: .lost)
  }

  func see(_ object: ObjectRecord, _ frame: SegmentedFrame) {
    track.lastFrame = frame.index
    track.lastPTS = frame.pts
    track.framesSeen += 1
    areaSum += object.area
  }

  func record(_ reason: EndReason) -> TrackRecord {
    var record = track
    record.ended = reason
    record.meanArea = track.framesSeen > 0 ? Double(areaSum) / Double(track.framesSeen) : 0
    return record
  }
}
