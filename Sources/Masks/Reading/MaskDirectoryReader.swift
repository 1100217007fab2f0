import Foundation
import Kernels
import VideoIO

/// Reads the output of a run back, frame by frame: `frames.jsonl` says which objects live, one of the forms holds the masks.
/// Memory is constant, but for the forms of run lengths, which are read at once.
public final class MaskDirectoryReader {
  /// Width of the masks in pixels.
  public let width: Int
  /// Height of the masks in pixels.
  public let height: Int
  /// Number of frames.
  public let frameCount: Int
  /// What FFmpeg takes for a picture is smaller: a manifest that says more is damaged.
  private static let (greatestSide, mostPixels) = (1 << 20, 1 << 28)
  /// What the run says of itself.
  package let manifest: Manifest
  private let layout: OutputLayout
  private let format: MaskDirectory.Format?
  /// `frames.jsonl`, mapped into memory; what is left of it.
  private var lines: Data
  private var source: (any LabelReader)?
  private var baseline: MaskStreamReader?
  /// The last line read, from 1.
  private var line = 0

  /// Whether a folder holds what a run writes.
  public static func isOutput(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: OutputLayout(root: path).manifest)
  }

  /// Opens a folder. Throws `notFound` where `manifest.json` or `frames.jsonl` is missing, `damaged` where the manifest
  /// cannot be understood.
  ///
  /// - Parameter format: the form that is read; nil for the best one that is there.
  public init(path: String, format: MaskDirectory.Format? = nil) throws(VideoError) {
    layout = OutputLayout(root: path)
    self.format = format
    guard let data = FileManager.default.contents(atPath: layout.manifest) else { throw .notFound(layout.manifest) }
    let sides = 1...Self.greatestSide
    guard let manifest = try? JSONDecoder().decode(Manifest.self, from: data), sides ~= manifest.width,
      sides ~= manifest.height, manifest.width * manifest.height <= Self.mostPixels
    else { throw .damaged(layout.manifest, reason: "it is not the manifest of a run") }
    (self.manifest, width, height) = (manifest, manifest.width, manifest.height)
    let file = URL(fileURLWithPath: layout.frames)
    guard let lines = try? Data(contentsOf: file, options: .alwaysMapped) else { throw .notFound(layout.frames) }
    self.lines = lines
    frameCount = lines.reduce(0) { $0 + ($1 == UInt8(ascii: "\n") ? 1 : 0) }
  }

  /// The next frame's object ids per pixel, 0 where there is none; nil at the end. Where masks overlap the highest id
  /// wins. Throws `unsuitable` where no form holds masks with ids, `damaged` where a mask is missing or of another size.
  public func nextLabels() throws(VideoError) -> Image<Int32>? {
    guard let record = try nextRecord() else { return nil }
    let labels = try opened().labels(record)
    try check(labels.width, labels.height, record)
    return labels
  }

  /// What the masks are read from.
  private func opened() throws(VideoError) -> any LabelReader {
    if let source { return source }
    var forms = [MaskDirectory.Format.ffv1]
    if case .text(let text) = manifest.settings["format"] {
      forms = text.split(separator: ",").compactMap { MaskDirectory.Format(rawValue: String($0)) }
    }
    let form = format ?? MaskDirectory.Format.readable.first(where: forms.contains)
    guard let source = try form?.reader(layout, manifest) else {
      let (readable, written) = (MaskDirectory.Format.readable.map(\.rawValue), forms.map(\.rawValue))
      throw .unsuitable(
        layout.root,
        reason: "its masks are stored as \(written.joined(separator: ",")); one of "
          + "\(readable.joined(separator: ", ")) is needed")
    }
    self.source = source
    return source
  }

  /// The next frame of the background subtractor's mask: 255 moving; nil at the end.
  public func nextForeground() throws(VideoError) -> Image<UInt8>? {
    guard let record = try nextRecord() else { return nil }
    let stream = if let baseline { baseline } else { try MaskStreamReader(layout.foreground) }
    baseline = stream
    guard let mask = try stream.next(index: record.frame) else { throw stream.missing(record) }
    try check(mask.width, mask.height, record)
    return mask
  }

  /// The next line; nil at the end. A last line without its end was torn and is left out.
  func nextRecord() throws(VideoError) -> FrameRecord? {
    guard let end = lines.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
    line += 1
    guard let record = try? JSONDecoder().decode(FrameRecord.self, from: Data(lines[..<end])),
      record.isPlausible
    else {
      throw .damaged(layout.frames, reason: "line \(line) is not a frame's record")
    }
    lines = lines[(end + 1)...]
    return record
  }

  /// Reads so many of the frames that are left, at equal distances from the first to the last, and hands each to `body`
  /// with the objects' numbers per pixel. Throws as `nextLabels` does.
  package func sample(_ count: Int, _ body: (FrameRecord, Image<Int32>) throws -> Void) throws {
    let chosen = Set((0..<count).map { $0 * (frameCount - 1) / max(count - 1, 1) })
    let source = try opened()
    for place in 0..<frameCount {
      guard let record = try nextRecord() else { return }
      if chosen.contains(place) {
        let labels = try source.labels(record)
        try check(labels.width, labels.height, record)
        try body(record, labels)
      } else {
        try source.skip(record)
      }
    }
  }

  private func check(_ width: Int, _ height: Int, _ record: FrameRecord) throws(VideoError) {
    guard width == self.width, height == self.height else {
      throw .damaged(
        layout.root,
        reason: "its masks of frame \(record.frame) are \(width)x\(height); "
          + "the manifest says \(self.width)x\(self.height)")
    }
  }
}
