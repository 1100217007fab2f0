import Foundation
import Kernels
import VideoIO

/// All masks in one `coco.json`, as COCO's tools read them, with each object's number as `track_id`.
///
/// While the run goes on, its parts gather in `coco.jsonl`: a line `{"image":{…},"annotations":[…]}` per frame. The end
/// puts them together in constant memory, and then removes them; after a kill they stay, and after a stop where the run can
/// be gone on with.
final class COCOFile: MaskForm {
  /// Stands between the two parts of a line, and nowhere inside them.
  private static let middle = Array(",\"annotations\":[".utf8)
  private static let start = Array("{\"image\":".utf8)
  private static let end = Array("]}\n".utf8)

  private let layout: OutputLayout
  private let lines: LineFile
  private let name: String
  private let keepsParts: Bool
  private var annotations = 0
  private var isClosed = false

  init(_ shape: FormShape) throws(VideoError) {
    (layout, name, keepsParts) = (shape.layout, shape.name, shape.keepsParts)
    lines = try LineFile(layout.cocoLines, isContinued: shape.earlier != nil)
  }

  func write(_ frame: SegmentedFrame) throws(VideoError) {
    try lines.append { line in
      line.raw("{\"image\":{\"id\":")
      line.whole(frame.index + 1)
      line.raw(",\"width\":")
      line.whole(frame.labels.width)
      line.raw(",\"height\":")
      line.whole(frame.labels.height)
      line.raw(",\"file_name\":")
      line.text(frame.picture?.name ?? "\(name)/\(OutputLayout.digits(frame.index, 6)).png")
      line.raw(",\"frame\":")
      line.whole(frame.index)
      line.raw(",\"pts\":")
      line.number(frame.pts, decimals: 6)
      line.raw("},\"annotations\":[")
      for (index, object) in frame.objects.filter({ $0.area > 0 }).enumerated() {
        if index > 0 { line.raw(",") }
        append(object, frame, to: &line)
      }
      line.raw("]}\n")
    }
  }

  func carry(_ archive: inout StateArchive) throws {
    try archive.carry(&annotations, in: 0...(1 << 48))
    try lines.carry(&archive)
  }

  func settle() throws(VideoError) {
    // It ends where the last run stopped.
    unlink(layout.coco)
    try lines.settle()
  }

  func close(_ status: Manifest.Status) throws(VideoError) {
    guard !isClosed else { return }
    isClosed = true
    let header = """
      {"info":{"description":"nem-stream"},"licenses":[],
      "categories":[{"id":1,"name":"object","supercategory":"object"}],
      "images":[
      """
    try AtomicFile.write(to: layout.coco) { put throws(VideoError) in
      try put(Array(header.utf8)[...])
      try copy(put) { line, middle in line[Self.start.count..<middle.lowerBound] }
      try put(Array("],\n\"annotations\":[".utf8)[...])
      try copy(put) { line, middle in line[middle.upperBound..<line.count - Self.end.count] }
      try put(Array("]}\n".utf8)[...])
    }
    if !(keepsParts && status == .interrupted) { unlink(layout.cocoLines) }
  }

  private func append(_ object: ObjectRecord, _ frame: SegmentedFrame, to line: inout JSONLine) {
    annotations += 1
    line.raw("{\"id\":")
    line.whole(annotations)
    line.raw(",\"image_id\":")
    line.whole(frame.index + 1)
    line.raw(",\"category_id\":1,\"iscrowd\":0,\"track_id\":")
    line.whole(object.id)
    line.raw(",\"score\":")
    line.number(object.confidence, decimals: 4)
    line.raw(",\"bbox\":[\(object.bounds.x),\(object.bounds.y),\(object.bounds.width),\(object.bounds.height)]")
    line.raw(",\"area\":")
    line.whole(object.area)
    line.raw(",\"segmentation\":")
    line.segmentation(object.id, in: object.bounds, of: frame.labels)
    line.raw("}")
  }

  /// Puts one part of each line, with commas between those that are not empty.
  private func copy(
    _ put: (ArraySlice<UInt8>) throws(VideoError) -> Void, part: ([UInt8], Range<Int>) -> ArraySlice<UInt8>
  ) throws(VideoError) {
    guard let file = fopen(layout.cocoLines, "re") else {
      throw .writeFailed(layout.coco, reason: AtomicFile.systemReason)
    }
    var buffer: UnsafeMutablePointer<CChar>?
    var capacity = 0
    defer {
      free(buffer)
      fclose(file)
    }
    var isFirst = true
    while case let count = getline(&buffer, &capacity, file), count > 0, let buffer {
      let line = UnsafeBufferPointer(start: buffer, count: count).map(UInt8.init(bitPattern:))
      guard let middle = line.firstRange(of: Self.middle) else {
        throw .writeFailed(layout.coco, reason: "\(layout.cocoLines) was changed by somebody else")
      }
      let piece = part(line, middle)
      if piece.isEmpty { continue }
      try put((isFirst ? [] : Array(",\n".utf8)) + piece)
      isFirst = false
    }
  }
}
