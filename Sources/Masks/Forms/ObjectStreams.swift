import Foundation
import Kernels
import VideoIO

/// One stream of masks per object: from its birth to its end, a blank mask where it is hidden.
final class ObjectStreams: MaskForm {
  private struct Live {
    let stream: any MaskStream
    var lastWritten = Int.min
  }

  private let layout: OutputLayout
  private let suffix: String
  private let open: (_ stem: String, _ title: String) throws(VideoError) -> any MaskStream
  private var live: [Int: Live] = [:]
  private var scratch: Image<UInt8>

  /// Streams that `open` begins at a path without extension, to which it adds `suffix`.
  init(
    _ shape: FormShape, suffix: String, open: @escaping (String, String) throws(VideoError) -> any MaskStream
  ) {
    (layout, self.suffix, self.open) = (shape.layout, suffix, open)
    scratch = Image(width: shape.width, height: shape.height, fill: 0)
  }

  func write(_ frame: SegmentedFrame) throws(VideoError) {
    for ended in frame.ended { try live.removeValue(forKey: ended.id)?.stream.close() }
    for object in frame.objects { try writeMask(of: object, frame) }
    for id in live.keys.sorted() where live[id]?.lastWritten != frame.index { try writeBlank(id, frame) }
  }

  func close(_ status: Manifest.Status) throws(VideoError) {
    var failure: VideoError?
    for id in live.keys.sorted() {
      do throws(VideoError) { try live[id]?.stream.close() } catch { failure = failure ?? error }
    }
    live = [:]
    if let failure { throw failure }
  }

  private func writeMask(of object: ObjectRecord, _ frame: SegmentedFrame) throws(VideoError) {
    var item = if let known = live[object.id] { known } else { try begin(object.id) }
    item.lastWritten = frame.index
    live[object.id] = item
    let box = object.bounds
    LabelMask.paint(Int32(truncatingIfNeeded: object.id), in: box, of: frame.labels, into: &scratch)
    defer { LabelMask.erase(box, in: &scratch) }
    try item.stream.write(scratch, bounds: box, index: frame.index, timestamp: frame.timestamp)
  }

  private func writeBlank(_ id: Int, _ frame: SegmentedFrame) throws(VideoError) {
    live[id]?.lastWritten = frame.index
    let nowhere = PixelRect(x: 0, y: 0, width: 0, height: 0)
    try live[id]?.stream.write(scratch, bounds: nowhere, index: frame.index, timestamp: frame.timestamp)
  }

  private func begin(_ id: Int) throws(VideoError) -> Live {
    let stem = layout.object(id)
    guard !FileManager.default.fileExists(atPath: stem + suffix) else {
      throw .cannotCreate(stem + suffix, reason: "object \(id) has ended before; numbers are not used again")
    }
    do throws(VideoError) {
      return Live(stream: try open(stem, "object \(id)"))
    } catch .cannotCreate(let subject, let reason) {
      // The folder was there when the run began: what fails now is the disk.
      throw .writeFailed(subject, reason: reason)
    }
  }
}
