import Foundation
import Kernels
import VideoIO

/// One stream of masks per object: from its birth to its end, a blank mask where it is hidden.
final class ObjectStreams: MaskForm {
  private struct Live {
    let stream: any MaskStream
    var lastWritten = Int.min
  }

  private var shape: FormShape
  private let suffix: String
  private let open: (_ stem: String, _ title: String, FormShape) throws(VideoError) -> any MaskStream
  private var live: [Int: Live] = [:]
  private var scratch: Image<UInt8>

  /// Streams in a folder that is made if missing, which `open` begins at a path without extension; it adds `suffix`.
  init(
    _ shape: FormShape, suffix: String,
    open: @escaping (String, String, FormShape) throws(VideoError) -> any MaskStream
  ) throws(VideoError) {
    try OutputLayout.makeFolder(shape.layout.objects)
    (self.shape, self.suffix, self.open) = (shape, suffix, open)
    scratch = Image(width: shape.width, height: shape.height, fill: 0)
  }

  func write(_ frame: SegmentedFrame) throws(VideoError) {
    for ended in frame.ended { try live.removeValue(forKey: ended.id)?.stream.close() }
    for object in frame.objects { try writeMask(of: object, frame) }
    for id in live.keys.sorted() where live[id]?.lastWritten != frame.index { try writeBlank(id, frame) }
  }

  /// Carries the objects that live, and their streams.
  func carry(_ archive: inout StateArchive) throws {
    var ids = live.keys.sorted()
    try archive.carry(list: &ids)
    for id in ids {
      if let earlier = shape.earlier, archive.isReading {
        try archive.check(earlier.objects.contains(id) && live[id] == nil, "it holds an object that was not written")
        live[id] = Live(stream: try open(shape.layout.object(id), Self.title(id), shape), lastWritten: earlier.next - 1)
      }
      try live[id]?.stream.carry(&archive)
    }
  }

  func settle() throws(VideoError) {
    guard let earlier = shape.earlier else { return }
    for id in live.keys.sorted() { try live[id]?.stream.settle() }
    try shape.layout.removeObjects(except: earlier.objects)
    // Streams that begin from now on are new.
    shape.earlier = nil
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

  private static func title(_ id: Int) -> String { "object \(id)" }

  private func begin(_ id: Int) throws(VideoError) -> Live {
    let stem = shape.layout.object(id)
    guard !FileManager.default.fileExists(atPath: stem + suffix) else {
      throw .cannotCreate(stem + suffix, reason: "object \(id) has ended before; numbers are not used again")
    }
    do throws(VideoError) {
      return Live(stream: try open(stem, Self.title(id), shape))
    } catch .cannotCreate(let subject, let reason) {
      // The folder was there when the run began: what fails now is the disk.
      throw .writeFailed(subject, reason: reason)
    }
  }
}
