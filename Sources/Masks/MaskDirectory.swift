import Foundation
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
  private let isNew: Bool

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
  /// - Throws: `cannotCreate` if earlier output is there and `overwrite` is false, or if the system refuses.
  public init(
    path: String, manifest: Manifest, timeBase: Rational, frameRate: Rational?, formats: [Format] = [.ffv1],
    overwrite: Bool = false, baseline: Bool = true
  ) throws(VideoError) {
    layout = OutputLayout(root: path)
    isNew = !FileManager.default.fileExists(atPath: path)
    try layout.prepare(overwrite: overwrite)
    self.manifest = manifest
    self.manifest.status = .running
    frameLines = try LineFile(layout.frames)
    tracks = try TrackLog(layout.tracks)
    let shape = FormShape(
      layout: layout, width: manifest.width, height: manifest.height, timeBase: timeBase, frameRate: frameRate,
      name: OutputLayout.stem(of: manifest.input))
    do throws(VideoError) {
      for format in formats {
        if let form = try format.open(shape) { forms.append((format, form)) }
        if baseline, let stream = try format.openForeground(shape) { baselines.append(stream) }
      }
      // Once it is there, what lies around it counts as ours.
      try AtomicFile.write(self.manifest.encoded(), to: layout.manifest, synced: true)
    } catch {
      discard()
      throw error
    }
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

  /// Takes back what the initialiser made, for a run that cannot begin.
  public func discard() {
    guard !isClosed else { return }
    isClosed = true
    for (_, form) in forms { try? form.close(.failed) }
    for baseline in baselines { try? baseline.close() }
    try? layout.removeEarlier()
    if isNew { rmdir(layout.root) }
  }
}
