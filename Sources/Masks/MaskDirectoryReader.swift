import Foundation
import Kernels
import VideoIO

/// Reads the output of a run back, frame by frame, in constant memory: `frames.jsonl` says which objects live, their
/// streams hold the masks.
public final class MaskDirectoryReader {
  /// Width of the masks in pixels.
  public let width: Int
  /// Height of the masks in pixels.
  public let height: Int
  /// Number of frames.
  public let frameCount: Int
  /// What FFmpeg takes for a picture is smaller: a manifest that says more is damaged.
  private static let (greatestSide, mostPixels) = (1 << 20, 1 << 28)
  private let layout: OutputLayout
  /// `frames.jsonl`, mapped into memory; what is left of it.
  private var lines: Data
  private var streams: [Int: MaskStreamReader] = [:]
  private var baseline: MaskStreamReader?
  /// The last line read, from 1, and the number of its frame: a segment's frames count on from those before it.
  private var line = 0
  private var index = 0

  /// Whether a folder holds what a run writes.
  public static func isOutput(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: OutputLayout(root: path).manifest)
  }

  /// Opens a folder. Throws `notFound` where `manifest.json` or `frames.jsonl` is missing, `damaged` where the manifest
  /// cannot be understood.
  public init(path: String) throws(VideoError) {
    layout = OutputLayout(root: path)
    guard let data = FileManager.default.contents(atPath: layout.manifest) else { throw .notFound(layout.manifest) }
    let sides = 1...Self.greatestSide
    guard let manifest = try? JSONDecoder().decode(Manifest.self, from: data), sides ~= manifest.width,
      sides ~= manifest.height, manifest.width * manifest.height <= Self.mostPixels
    else { throw .damaged(layout.manifest, reason: "it is not the manifest of a run") }
    (width, height) = (manifest.width, manifest.height)
    let file = URL(fileURLWithPath: layout.frames)
    guard let lines = try? Data(contentsOf: file, options: .alwaysMapped) else { throw .notFound(layout.frames) }
    self.lines = lines
    frameCount = lines.reduce(0) { $0 + ($1 == UInt8(ascii: "\n") ? 1 : 0) }
  }

  /// The next frame's object ids per pixel, 0 where there is none; nil at the end. Where masks overlap the highest id
  /// wins. Throws `damaged` where a mask is missing or of another size.
  public func nextLabels() throws(VideoError) -> Image<Int32>? {
    guard let ids = try nextIDs() else { return nil }
    for id in ids where streams[id] == nil { streams[id] = try MaskStreamReader(layout.object(id)) }
    var labels = Image<Int32>(width: width, height: height, fill: 0)
    for (id, stream) in streams.sorted(by: { $0.key < $1.key }) {
      guard let mask = try stream.next(index: index) else {
        // A stream goes on while its object is hidden, also where the line does not name it, and ends with it.
        if ids.contains(id) { throw missing(stream) }
        if stream.isOver { streams[id] = nil }
        continue
      }
      try check(mask, stream)
      for i in mask.pixels.indices where mask.pixels[i] >= 128 { labels.pixels[i] = Int32(truncatingIfNeeded: id) }
    }
    return labels
  }

  /// The next frame of the background subtractor's mask: 255 moving; nil at the end.
  public func nextForeground() throws(VideoError) -> Image<UInt8>? {
    guard try nextIDs() != nil else { return nil }
    let stream = if let baseline { baseline } else { try MaskStreamReader(layout.foreground) }
    baseline = stream
    guard let mask = try stream.next(index: index) else { throw missing(stream) }
    try check(mask, stream)
    return mask
  }

  /// The objects that the next line names; nil at the end. A last line without its end was torn and is left out.
  private func nextIDs() throws(VideoError) -> Set<Int>? { try nextRecord().map { Set($0.objects.map(\.id)) } }

  private func nextRecord() throws(VideoError) -> FrameRecord? {
    guard let end = lines.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
    line += 1
    guard let record = try? JSONDecoder().decode(FrameRecord.self, from: Data(lines[..<end])) else {
      throw .damaged(layout.frames, reason: "line \(line) is not a frame's record")
    }
    lines = lines[(end + 1)...]
    index = record.frame
    return record
  }

  /// Reads so many of the frames that are left, at equal distances from the first to the last, without what lies between,
  /// and hands each to `body` with the objects' numbers per pixel. Throws as `nextLabels` does.
  package func sample(_ count: Int, _ body: (FrameRecord, Image<Int32>) throws -> Void) throws {
    let chosen = Set((0..<count).map { $0 * (frameCount - 1) / max(count - 1, 1) })
    var begun: [Int: Double] = [:]
    for place in 0..<frameCount {
      guard let record = try nextRecord() else { return }
      for object in record.objects where begun[object.id] == nil { begun[object.id] = record.pts }
      guard chosen.contains(place) else { continue }
      var labels = Image<Int32>(width: width, height: height, fill: 0)
      for object in record.objects.sorted(by: { $0.id < $1.id }) where object.area > 0 {
        let stream = try MaskStreamReader(layout.object(object.id), from: record.pts - begun[object.id]!)
        guard let mask = try stream.next(index: index) else { throw missing(stream) }
        try check(mask, stream)
        for i in mask.pixels.indices where mask.pixels[i] >= 128 { labels.pixels[i] = Int32(clamping: object.id) }
      }
      try body(record, labels)
    }
  }

  private func missing(_ stream: MaskStreamReader) -> VideoError {
    .damaged(stream.path, reason: "it has no mask for frame \(index)")
  }

  private func check(_ mask: Image<UInt8>, _ stream: MaskStreamReader) throws(VideoError) {
    guard mask.width == width, mask.height == height else {
      throw .damaged(
        stream.path, reason: "its masks are \(mask.width)x\(mask.height); the manifest says \(width)x\(height)")
    }
  }
}

/// Reads one sequence of masks: a video, or a folder of pictures named by their frames.
private final class MaskStreamReader {
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
}
