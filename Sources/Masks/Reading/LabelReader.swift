import Foundation
import Kernels
import VideoIO

/// Gives the numbers of a run's objects at each pixel, one frame after the other, 0 where there is none.
protocol LabelReader: AnyObject {
  /// The numbers of the next frame. Throws `notFound` or `damaged` where the frame's masks are missing.
  func labels(_ record: FrameRecord) throws(VideoError) -> Image<Int32>
  /// Passes over the next frame.
  func skip(_ record: FrameRecord) throws(VideoError)
}

extension LabelReader {
  func skip(_ record: FrameRecord) throws(VideoError) { _ = try labels(record) }
}

extension MaskDirectory.Format {
  /// The forms that masks and numbers can be read back from, those without a limit of numbers first.
  static let readable: [Self] = [.ffv1, .png, .labels, .coco, .motsText, .mots, .davis]

  /// Reads this form of the output of a run; nil for those that do not hold masks with numbers.
  func reader(_ layout: OutputLayout, _ manifest: Manifest) throws(VideoError) -> (any LabelReader)? {
    switch self {
    case .ffv1, .png: ObjectStreamsReader(layout, width: manifest.width, height: manifest.height)
    case .labels: try NumberVideoReader(layout.labels)
    case .coco: RunLengthReader(try layout.cocoMasks(), manifest)
    case .motsText: RunLengthReader(try RunLengthFile(mots: layout.motsText), manifest)
    case .mots: PictureReader(layout.mots, first: 1, digits: 6, offset: Int32(1000 * LabelPictures.motsClass))
    case .davis:
      PictureReader(
        layout.annotations + "/" + OutputLayout.stem(of: manifest.input), first: 0, digits: 5, offset: 0)
    case .yolo, .cutouts, .motText, .none: nil
    }
  }
}

/// Numbers from one picture per frame.
private final class PictureReader: LabelReader {
  private let folder: String
  private let first: Int
  private let digits: Int
  /// What is added to a number where there is one.
  private let offset: Int32

  init(_ folder: String, first: Int, digits: Int, offset: Int32) {
    (self.folder, self.first, self.digits, self.offset) = (folder, first, digits, offset)
  }

  func labels(_ record: FrameRecord) throws(VideoError) -> Image<Int32> {
    let values = try ImageFile.readGray16(OutputLayout.picture(record.frame + first, in: folder, digits: digits))
    let labels = values.pixels.map { $0 == 0 ? 0 : Int32($0) - offset }
    return Image(width: values.width, height: values.height, pixels: labels)
  }

  func skip(_ record: FrameRecord) throws(VideoError) {}
}

/// Numbers from one video.
private final class NumberVideoReader: LabelReader {
  private let path: String
  private let video: LabelVideoReader

  init(_ path: String) throws(VideoError) { (self.path, video) = (path, try LabelVideoReader(path)) }

  func labels(_ record: FrameRecord) throws(VideoError) -> Image<Int32> {
    guard let values = try video.next() else {
      throw .damaged(path, reason: "it has no picture for frame \(record.frame)")
    }
    return Image(width: values.width, height: values.height, pixels: values.pixels.map { Int32($0) })
  }
}

extension OutputLayout {
  /// The masks of `coco.json`, or its parts where they are still there: they have all that it has.
  fileprivate func cocoMasks() throws(VideoError) -> RunLengthFile {
    let isOpen = FileManager.default.fileExists(atPath: cocoLines)
    return isOpen ? try RunLengthFile(cocoLines: cocoLines) : try RunLengthFile(coco: coco)
  }
}

/// Numbers from run lengths.
private final class RunLengthReader: LabelReader {
  private let file: RunLengthFile
  private let width: Int
  private let height: Int

  init(_ file: RunLengthFile, _ manifest: Manifest) {
    (self.file, width, height) = (file, manifest.width, manifest.height)
  }

  func labels(_ record: FrameRecord) throws(VideoError) -> Image<Int32> {
    var labels = Image<Int32>(width: width, height: height, fill: 0)
    let masks = file.masks[record.frame] ?? []
    if let missing = record.objects.first(where: { object in
      object.area > 0 && !masks.contains { $0.id == object.id }
    }) {
      throw .damaged(file.path, reason: "it has no mask of object \(missing.id) in frame \(record.frame)")
    }
    for mask in masks {
      guard let runs = RunLengths(compressed: mask.counts.utf8), runs.paint(Int32(clamping: mask.id), into: &labels)
      else { throw .damaged(file.path, reason: "the runs of object \(mask.id) in frame \(record.frame) do not fit") }
    }
    return labels
  }

  func skip(_ record: FrameRecord) throws(VideoError) {}
}
