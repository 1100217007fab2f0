import Foundation
import Kernels
import VideoIO

/// Numbers from one stream of masks per object.
final class ObjectStreamsReader: LabelReader {
  private let layout: OutputLayout
  private let width: Int
  private let height: Int
  private var streams: [Int: MaskStreamReader] = [:]
  /// When the streams of objects begin that have been passed over.
  private var begun: [Int: Double] = [:]
  private var isBehind = false

  init(_ layout: OutputLayout, width: Int, height: Int) {
    (self.layout, self.width, self.height) = (layout, width, height)
  }

  func labels(_ record: FrameRecord) throws(VideoError) -> Image<Int32> {
    note(record)
    if isBehind { return try distantLabels(record) }
    let ids = Set(record.objects.map(\.id))
    for id in ids where streams[id] == nil { streams[id] = try MaskStreamReader(layout.object(id)) }
    var labels = Image<Int32>(width: width, height: height, fill: 0)
    for (id, stream) in streams.sorted(by: { $0.key < $1.key }) {
      guard let mask = try stream.next(index: record.frame) else {
        // A stream goes on while its object is hidden, also where the line does not name it, and ends with it.
        if ids.contains(id) { throw stream.missing(record) }
        if stream.isOver { streams[id] = nil }
        continue
      }
      try paint(id, mask, stream, into: &labels)
    }
    return labels
  }

  /// Passes over a frame; those that follow are looked for in each stream, without what lies between.
  func skip(_ record: FrameRecord) throws(VideoError) {
    note(record)
    isBehind = true
  }

  private func note(_ record: FrameRecord) {
    for object in record.objects where begun[object.id] == nil { begun[object.id] = record.pts }
  }

  private func distantLabels(_ record: FrameRecord) throws(VideoError) -> Image<Int32> {
    var labels = Image<Int32>(width: width, height: height, fill: 0)
    for object in record.objects.sorted(by: { $0.id < $1.id }) where object.area > 0 {
      let stream = try MaskStreamReader(layout.object(object.id), from: record.pts - begun[object.id]!)
      guard let mask = try stream.next(index: record.frame) else { throw stream.missing(record) }
      try paint(object.id, mask, stream, into: &labels)
    }
    return labels
  }

  private func paint(
    _ id: Int, _ mask: Image<UInt8>, _ stream: MaskStreamReader, into labels: inout Image<Int32>
  ) throws(VideoError) {
    guard mask.width == width, mask.height == height else {
      throw .damaged(
        stream.path, reason: "its masks are \(mask.width)x\(mask.height); the manifest says \(width)x\(height)")
    }
    for i in mask.pixels.indices where mask.pixels[i] >= 128 { labels.pixels[i] = Int32(truncatingIfNeeded: id) }
  }
}

/// Reads one sequence of masks: a video, or a folder of pictures named by their frames.
final class MaskStreamReader {
  let path: String
  private let video: VideoReader?
  /// Whether a video has come to its end.
  private(set) var isOver = false

  /// Matroska's time stamps are rounded to milliseconds, those of the first frame as well.
  private static let rounding = 0.0015

  /// Opens the stream called `stem`, a path without extension; a video from so many seconds after its beginning on.
  init(_ stem: String, from seconds: Double = 0) throws(VideoError) {
    let isFolder = FileManager.default.fileExists(atPath: stem)
    path = isFolder ? stem : stem + ".mkv"
    var options = VideoReaderOptions(threads: 1)
    if seconds > Self.rounding { options.selection.start = .seconds(seconds - Self.rounding) }
    do throws(VideoError) {
      video = isFolder ? nil : try VideoReader(path, options: options)
    } catch {
      guard case .unsuitable = error else { throw error }
      throw .damaged(path, reason: "it ends too early")
    }
  }

  /// The mask of frame `index`; nil if there is none. A video gives one mask after the other, whatever `index` is.
  func next(index: Int) throws(VideoError) -> Image<UInt8>? {
    if let video {
      let mask = try video.next()?.luma()
      isOver = mask == nil
      return mask
    }
    let picture = path + "/" + OutputLayout.digits(index, 6) + ".png"
    return FileManager.default.fileExists(atPath: picture) ? try ImageFile.readGray(picture) : nil
  }

  /// The fault of a stream without the mask of a frame.
  func missing(_ record: FrameRecord) -> VideoError {
    .damaged(path, reason: "it has no mask for frame \(record.frame)")
  }
}
