import Foundation
import Kernels
import VideoIO

/// The output of a run: a folder with one mask stream per object, the baseline's masks, and records of frames and
/// objects. All of it is readable at any moment, also after a kill.
///
///     manifest.json             status, input, settings
///     frames.jsonl              one line per frame
///     tracks.jsonl              one line per object that has ended
///     objects/0001.mkv          one stream per object (`ffv1`)
///     baseline/foreground.mkv   the background subtractor's mask
///
/// Other forms have other names, see `Format` and `OutputLayout`.
public final class MaskDirectory: MaskSink {
  /// What `manifest.json` says; set counts here, `close` writes them. `frames.decoded` is never less than the number of
  /// frames written.
  public var manifest: Manifest
  private let layout: OutputLayout
  private let frameLines: LineFile
  private let tracks: TrackLog
  private var forms: [(format: Format, form: any MaskForm)] = []
  private var baselines: [any MaskStream] = []
  private var frameCount = 0
  private var isClosed = false
  private var lock: FolderLock?
  private let isNew: Bool
  private let isContinued: Bool

  /// Throws `cannotCreate` where a folder already holds what a run writes; what `init` says, before anything is made.
  public static func checkFree(_ path: String) throws(VideoError) { try OutputLayout(root: path).checkFree() }

  /// Creates the folder and its files.
  ///
  /// - Parameters:
  ///   - path: the folder; made if missing.
  ///   - manifest: what to say of the run; its status is set to `running`.
  ///   - timeBase: the unit of the frames' time stamps in seconds.
  ///   - frameRate: frames per second, if constant.
  ///   - formats: the forms in which masks are stored, each once.
  ///   - overwrite: whether earlier output in the folder may be removed; other files there are never touched.
  ///   - baseline: whether to write the background subtractor's masks, where a form has a place for them.
  ///   - begin: writes the first state of a run that can be gone on with; called before the folder gets anything else.
  /// - Throws: `cannotCreate` if earlier output is there and `overwrite` is false, if another run writes there, or if the
  ///   system refuses.
  public init(
    path: String, manifest: Manifest, timeBase: Rational, frameRate: Rational?, formats: [Format] = [.ffv1],
    overwrite: Bool = false, baseline: Bool = true, begin: (() -> Void)? = nil
  ) throws(VideoError) {
    layout = OutputLayout(root: path)
    isNew = !FileManager.default.fileExists(atPath: path)
    isContinued = false
    lock = try layout.prepare(overwrite: overwrite, begin: begin)
    self.manifest = manifest
    self.manifest.status = .running
    frameLines = try LineFile(layout.frames)
    tracks = try TrackLog(layout.tracks)
    var shape = FormShape(layout, manifest, timeBase, frameRate)
    shape.keepsParts = begin != nil
    do throws(VideoError) {
      try open(formats, shape, baseline: baseline)
      // Once it is there, what lies around it counts as ours.
      try AtomicFile.write(self.manifest.encoded(), to: layout.manifest, synced: true)
    } catch {
      discard()
      throw error
    }
  }

  /// Opens the output of a run that was stopped, to go on after the frames that it had written when it saved `archive`.
  /// Nothing there changes before `settle`. What others have saved comes next in the archive.
  ///
  /// Throws `StateFault` or `damaged` where the folder does not hold what was saved.
  public init(
    continuing archive: inout StateArchive, path: String, manifest: Manifest, timeBase: Rational, frameRate: Rational?,
    formats: [Format] = [.ffv1]
  ) throws {
    (layout, isNew, isContinued) = (OutputLayout(root: path), false, true)
    lock = try FolderLock(path)
    self.manifest = manifest
    self.manifest.status = .running
    frameLines = try LineFile(layout.frames, isContinued: true)
    tracks = try TrackLog(layout.tracks, isContinued: true)
    try carryRecords(&archive)
    var shape = FormShape(layout, manifest, timeBase, frameRate)
    shape.keepsParts = true
    shape.earlier = EarlierFrames(next: frameCount, objects: try tracks.earlierObjects())
    try open(formats, shape, baseline: true)
    try carryForms(&archive)
  }

  private func open(_ formats: [Format], _ shape: FormShape, baseline: Bool) throws(VideoError) {
    for format in formats {
      if let form = try format.open(shape) { forms.append((format, form)) }
      if baseline, let stream = try format.openForeground(shape) { baselines.append(stream) }
    }
  }

  /// Removes what came after the saved state, so that the next frame can be written.
  public func settle() throws(VideoError) {
    for (_, form) in forms { try form.settle() }
    for baseline in baselines { try baseline.settle() }
    try tracks.settle()
    try frameLines.settle()
    try AtomicFile.write(manifest.encoded(), to: layout.manifest, synced: true)
  }

  /// Adds what a later run needs to go on after the frames written so far.
  package func save(_ archive: inout StateArchive) {
    do {
      try carryRecords(&archive)
      try carryForms(&archive)
    } catch { preconditionFailure("a state was not written: \(error)") }
  }

  private func carryRecords(_ archive: inout StateArchive) throws {
    try archive.carry(&frameCount, in: 0...(1 << 48))
    try frameLines.carry(&archive)
    try tracks.carry(&archive)
  }

  private func carryForms(_ archive: inout StateArchive) throws {
    for (_, form) in forms { try form.carry(&archive) }
    for baseline in baselines { try baseline.carry(&archive) }
  }

  /// Writes the frame's masks, then its line, so that each line speaks of masks that are there.
  public func write(_ frame: SegmentedFrame) throws(VideoError) {
    guard !isClosed else { throw .writeFailed(layout.root, reason: "the output is closed") }
    precondition(
      frame.labels.width == manifest.width && frame.labels.height == manifest.height, "labels of another size")
    for (_, form) in forms { try form.write(frame) }
    for baseline in baselines {
      try baseline.write(frame.foreground, bounds: nil, index: frame.index, timestamp: frame.timestamp)
    }
    try tracks.write(frame)
    let record = FrameRecord(frame)
    try frameLines.append { record.append(to: &$0) }
    frameCount += 1
  }

  /// Takes from the frame that comes after the last one which objects have ended before it.
  package func end(_ ended: [EndedObject]) throws(VideoError) { try tracks.end(ended) }

  /// Ends all streams and writes the final manifest. Goes on after an error, and throws the first at the end.
  public func close(_ status: Manifest.Status) throws(VideoError) { try close(status, living: .endOfStream) }

  /// The same; `living` says why the streams of objects end that are still there.
  package func close(_ status: Manifest.Status, living reason: EndReason) throws(VideoError) {
    guard !isClosed else { return }
    isClosed = true
    defer { lock = nil }
    var failure: VideoError?
    func attempt(_ step: () throws(VideoError) -> Void) {
      do throws(VideoError) { try step() } catch { failure = failure ?? error }
    }
    for (format, form) in forms {
      attempt { () throws(VideoError) in try form.close(status) }
      if form.leftOut > 0 {
        manifest.leftOut = (manifest.leftOut ?? [:]).merging([format.rawValue: form.leftOut]) { $1 }
      }
    }
    for baseline in baselines {
      attempt { () throws(VideoError) in try baseline.close() }
    }
    attempt { () throws(VideoError) in try tracks.close(reason) }
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

  /// Takes back what the initialiser made, for a run that cannot begin; does nothing to output that is gone on with.
  public func discard() {
    guard !isClosed, !isContinued else { return }
    isClosed = true
    defer { lock = nil }
    for (_, form) in forms { try? form.close(.failed) }
    for baseline in baselines { try? baseline.close() }
    try? layout.removeEarlier()
    if isNew { rmdir(layout.root) }
  }
}
