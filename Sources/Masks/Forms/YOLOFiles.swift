import Kernels
import VideoIO

/// Outlines for YOLO's training of segmentation: `yolo/labels/000000.txt` with a line for each part of each object, class
/// 0 and the corners as parts of the picture's size. A frame without objects has an empty file. The form has no place for
/// holes, which are filled, nor for numbers.
final class YOLOFiles: MaskForm {
  private let folder: String
  private let earlier: EarlierFrames?
  private var line = JSONLine()

  init(_ shape: FormShape) throws(VideoError) {
    (folder, earlier) = (shape.layout.yolo, shape.earlier)
    try shape.makeNumberedFolder(folder)
  }

  func write(_ frame: SegmentedFrame) throws(VideoError) {
    line.clear()
    for object in frame.objects where object.area > 0 {
      let outline = Outline(Int32(truncatingIfNeeded: object.id), in: object.bounds, of: frame.labels)
      for part in outline.parts {
        line.raw("0")
        for corner in part {
          line.raw(" ")
          line.number(Double(corner.x) / Double(frame.labels.width), decimals: 6)
          line.raw(" ")
          line.number(Double(corner.y) / Double(frame.labels.height), decimals: 6)
        }
        line.raw("\n")
      }
    }
    try AtomicFile.write(line.bytes, to: "\(folder)/\(OutputLayout.digits(frame.index, 6)).txt")
  }

  func carry(_ archive: inout StateArchive) {}

  func settle() throws(VideoError) { try earlier?.settle(folder) }

  func close(_ status: Manifest.Status) throws(VideoError) {}
}
