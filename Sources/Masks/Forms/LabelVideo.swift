import Kernels
import VideoIO

/// All masks in one lossless video `labels.mkv`: a pixel is its object's number, 0 where there is none.
final class LabelVideo: MaskForm {
  private let writer: LabelVideoWriter
  private var limit = NumberLimit(Int(UInt16.max))

  init(_ shape: FormShape) throws(VideoError) {
    writer = try LabelVideoWriter(
      path: shape.layout.labels, width: shape.width, height: shape.height, timeBase: shape.timeBase,
      frameRate: shape.frameRate, isContinued: shape.earlier != nil)
  }

  var leftOut: Int { limit.leftOut }

  func write(_ frame: SegmentedFrame) throws(VideoError) {
    limit.note(frame.objects)
    try writer.write(frame.labels, timestamp: frame.timestamp)
  }

  func carry(_ archive: inout StateArchive) throws {
    try limit.carry(&archive)
    try writer.carry(&archive)
  }

  func settle() throws(VideoError) { try writer.settle() }

  func close(_ status: Manifest.Status) throws(VideoError) { try writer.close() }
}
