import Kernels
import VideoIO

/// One line per object and frame in which it is seen, in the forms of MOTChallenge and MOTSChallenge. Frames count from 1.
final class TrackingLines: MaskForm {
  private let lines: LineFile
  private let append: (ObjectRecord, SegmentedFrame, inout JSONLine) -> Void

  /// Boxes in `mot.txt`: frame, id, left, top, width, height, confidence, and three times -1; left and top count from 1.
  init(boxes shape: FormShape) throws(VideoError) {
    lines = try LineFile(shape.layout.motText, isContinued: shape.earlier != nil)
    append = { object, frame, line in
      let box = object.bounds
      for value in [frame.index + 1, object.id, box.x + 1, box.y + 1, box.width, box.height] {
        line.whole(value)
        line.raw(",")
      }
      line.number(object.confidence, decimals: 4)
      line.raw(",-1,-1,-1\n")
    }
  }

  /// Masks in `mots.txt`: frame, 1000 · class + id, class, height, width and compressed run lengths. The class is the
  /// same whatever the number, which may have any size here.
  init(masks shape: FormShape) throws(VideoError) {
    lines = try LineFile(shape.layout.motsText, isContinued: shape.earlier != nil)
    append = { object, frame, line in
      let kind = LabelPictures.motsClass
      for value in [frame.index + 1, 1000 * kind + object.id, kind, frame.labels.height, frame.labels.width] {
        line.whole(value)
        line.raw(" ")
      }
      let runs = RunLengths(Int32(truncatingIfNeeded: object.id), in: object.bounds, of: frame.labels)
      for byte in runs.compressed { line.append(byte) }
      line.raw("\n")
    }
  }

  func write(_ frame: SegmentedFrame) throws(VideoError) {
    let seen = frame.objects.filter { $0.area > 0 }
    if seen.isEmpty { return }
    try lines.append { line in
      for object in seen { append(object, frame, &line) }
    }
  }

  func carry(_ archive: inout StateArchive) throws { try lines.carry(&archive) }

  func settle() throws(VideoError) { try lines.settle() }

  func close(_ status: Manifest.Status) throws(VideoError) {}
}
