import Kernels
import VideoIO

/// Each object cut out of the source: `cutouts/0001/000123.png`, red, green, blue and alpha, as large as the object's box
/// in `frames.jsonl`. Boxes change their size from frame to frame, so that a video would have to scale or pad them.
final class Cutouts: MaskForm {
  private let layout: OutputLayout
  private let earlier: EarlierFrames?
  private var scratch: Image<UInt8>

  init(_ shape: FormShape) throws(VideoError) {
    (layout, earlier) = (shape.layout, shape.earlier)
    scratch = Image(width: shape.width, height: shape.height, fill: 0)
    try OutputLayout.makeFolder(layout.cutouts)
  }

  func write(_ frame: SegmentedFrame) throws(VideoError) {
    guard let picture = frame.picture else { return }
    for object in frame.objects where object.area > 0 {
      let folder = layout.cutouts + "/" + OutputLayout.digits(object.id, 4)
      try OutputLayout.makeFolder(folder)
      let box = object.bounds
      LabelMask.paint(Int32(truncatingIfNeeded: object.id), in: box, of: frame.labels, into: &scratch)
      defer { LabelMask.erase(box, in: &scratch) }
      var alpha = Image<UInt8>(width: box.width, height: box.height, fill: 0)
      for y in 0..<box.height { for x in 0..<box.width { alpha[x, y] = scratch[box.x + x, box.y + y] } }
      try PNGFile.write(picture.colours(in: box), alpha: alpha, to: OutputLayout.picture(frame.index, in: folder))
    }
  }

  func carry(_ archive: inout StateArchive) {}

  func settle() throws(VideoError) {
    if let earlier { try layout.removeCutouts(after: earlier) }
  }

  func close(_ status: Manifest.Status) throws(VideoError) {}
}
