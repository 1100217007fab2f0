import Masks
import VideoIO

/// The source with coloured masks and object numbers drawn on it.
public final class OverlaySink: FrameSink {
  private let writer: OverlayWriter

  /// Draws into an open video.
  public init(_ writer: OverlayWriter) { self.writer = writer }

  /// Draws and encodes one frame.
  public func write(_ segmented: SegmentedFrame, of frame: VideoFrame) throws {
    let objects = segmented.objects.filter { $0.area > 0 }.map { OverlayObject(id: $0.id, bounds: $0.bounds) }
    try writer.write(frame: frame, labels: segmented.labels, objects: objects)
  }

  /// Ends the video.
  public func close(_ status: Manifest.Status, _ result: RunResult) throws { try writer.close() }
}
