import Kernels
import VideoIO

/// An object whose stream ends before a frame.
public struct EndedObject: Sendable, Equatable {
  /// The object's number.
  public var id: Int
  /// Why it ended.
  public var reason: EndReason

  /// An ended object.
  public init(id: Int, reason: EndReason) {
    self.id = id
    self.reason = reason
  }
}

/// All that is known of one frame once it is segmented.
public struct SegmentedFrame: Sendable {
  /// Position in the stream, from 0.
  public var index: Int
  /// Presentation time in units of the source's time base.
  public var timestamp: Int64
  /// Presentation time in seconds.
  public var pts: Double
  /// Object numbers at source size, 0 for none.
  public var labels: Image<Int32>
  /// The background subtractor's mask at source size, 255 for foreground.
  public var foreground: Image<UInt8>
  /// The objects alive in this frame, hidden ones included (area 0); `bounds` hold all their labels.
  public var objects: [ObjectRecord]
  /// Objects that no longer live in this frame.
  public var ended: [EndedObject]
  /// New objects that found all slots taken.
  public var unassigned: Int
  /// The picture it came from; nil where nobody needs it.
  public var picture: VideoFrame?

  /// A segmented frame.
  public init(
    index: Int, timestamp: Int64, pts: Double, labels: Image<Int32>, foreground: Image<UInt8>,
    objects: [ObjectRecord], ended: [EndedObject], unassigned: Int = 0, picture: VideoFrame? = nil
  ) {
    self.index = index
    self.timestamp = timestamp
    self.pts = pts
    self.labels = labels
    self.foreground = foreground
    self.objects = objects
    self.ended = ended
    self.unassigned = unassigned
    self.picture = picture
  }
}

extension SegmentedFrame {
  /// The smallest rectangle that holds all objects.
  var occupied: PixelRect {
    let boxes = objects.lazy.filter { $0.area > 0 }.map(\.bounds)
    let (left, top) = (boxes.map(\.x).min() ?? 0, boxes.map(\.y).min() ?? 0)
    let (right, bottom) = (boxes.map { $0.x + $0.width }.max() ?? 0, boxes.map { $0.y + $0.height }.max() ?? 0)
    return PixelRect(x: left, y: top, width: right - left, height: bottom - top)
  }
}

/// Where segmented frames go.
public protocol MaskSink: AnyObject {
  /// Takes the next frame, in the order of presentation.
  func write(_ frame: SegmentedFrame) throws(VideoError)
  /// Ends all streams; `status` says how the run ended. Does nothing the second time.
  func close(_ status: Manifest.Status) throws(VideoError)
}
