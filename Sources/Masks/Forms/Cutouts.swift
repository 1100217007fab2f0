import Kernels
import VideoIO

/// Each object cut out of the source: `cutouts/0001/000123.png`, red, green, blue and alpha, as large as the object's box
/// in `frames.jsonl`. Boxes change their size from frame to frame, so that a video would have to scale or pad them.
final class Cutouts: MaskForm {
  private let layout: OutputLayout
  private let earlier: EarlierFrames?

  init(_ shape: FormShape) throws(VideoError) {
    (layout, earlier) = (shape.layout, shape.earlier)
    try OutputLayout.makeFolder(layout.cutouts)
  }

  func write(_ frame: SegmentedFrame) throws(VideoError) {
    guard let picture = frame.picture else { return }
    for object in frame.objects where object.area > 0 {
      let folder = layout.cutouts + "/" + OutputLayout.digits(object.id, 4)
      try OutputLayout.makeFolder(folder)
      try PNGFile.write(
        Int32(truncatingIfNeeded: object.id), in: object.bounds, of: frame.labels, from: picture,
        to: OutputLayout.picture(frame.index, in: folder))
    }
  }

  func carry(_ archive: inout StateArchive) {}

  func settle() throws(VideoError) {
    if let earlier { try layout.removeCutouts(after: earlier) }
  }

  func close(_ status: Manifest.Status) throws(VideoError) {}
}
