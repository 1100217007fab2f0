import Foundation
import VideoIO

/// Masks as lines of JSON for another program, one per frame: what `frames.jsonl` says, and each object's mask as COCO's
/// run lengths.
///
///     {"frame":0,"pts":0,"objects":[{"id":1,"bbox":[…],…,"segmentation":{"size":[720,1280],"counts":"…"}}]}
public final class MaskLines: MaskSink {
  private let file: Int32
  private let name: String
  private var line = JSONLine()

  /// Writes to an open file that it does not close; messages call it `name`.
  public init(file: Int32, name: String) { (self.file, self.name) = (file, name) }

  /// Hands one line to the system. Throws `readerGone` where nobody reads the pipe any more; SIGPIPE must be ignored.
  public func write(_ frame: SegmentedFrame) throws(VideoError) {
    line.clear()
    FrameRecord(frame).append(to: &line) { object, line in
      line.raw(",\"segmentation\":")
      line.segmentation(object.id, in: object.bounds, of: frame.labels)
    }
    if AtomicFile.writeWhole(line.bytes[...], to: file) { return }
    if errno == EPIPE { throw .readerGone(name) }
    throw .writeFailed(name, reason: AtomicFile.systemReason)
  }

  /// Has nothing to do: each line went out at once.
  public func close(_ status: Manifest.Status) throws(VideoError) {}
}
