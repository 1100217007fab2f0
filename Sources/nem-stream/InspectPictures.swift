import Charts
import Daemon
import Events
import Foundation
import Kernels
import Masks
import VideoIO

/// Pictures of what a run has written: frames with their masks, and the objects over time.
struct InspectPictures {
  private static let cells = 12
  private static let dark = RGB(red: 40, green: 40, blue: 40)
  private let folder: String
  private let manifest: Manifest

  /// Pictures of an output folder with this manifest.
  init(folder: String, manifest: Manifest) { (self.folder, self.manifest) = (folder, manifest) }

  /// Some frames at equal distances, objects in the overlay's colours: on the source where that is still there, else on
  /// gray.
  func sheet() throws -> Image<RGB> {
    let reader = try MaskDirectoryReader(path: folder)
    guard reader.frameCount > 0 else { throw VideoError.damaged(folder, reason: "it holds no frame") }
    let source = source()
    if source == nil { Console.note("\(manifest.input) is not there as the run read it: masks are drawn on gray") }
    var sheet = ContactSheet()
    do {
      try reader.sample(Self.cells) { record, labels in
        var frame = try source?.next()
        while let before = frame, before.index < record.frame { frame = try source?.next() }
        sheet.add(Self.painted(labels, on: frame), text: Timecode.text(record.pts))
      }
    } catch let error as VideoError {
      // A run that was killed may have written lines of frames and not their masks.
      guard case .damaged = error, manifest.status == .running, !sheet.isEmpty else { throw error }
    }
    return sheet.painted()
  }

  /// The source as the run read it: the same part, and nothing that was concealed. Nil where it is not what it was.
  private func source() -> VideoReader? {
    let address = SourceAddress(manifest.input)
    guard address.kind == .file || address.isPictures, manifest.frames.dropped == 0,
      let options = try? settings.readerOptions(), isKnown(options.identities(of: address)),
      let reader = try? VideoReader(address, options: options), !reader.info.isLive,
      (reader.info.width, reader.info.height) == (manifest.width, manifest.height)
    else { return nil }
    return reader
  }

  /// Whether files are those that the run read. What an older version concealed cannot be told.
  private func isKnown(_ identities: [String: String]) -> Bool {
    manifest.identities.map { $0 == identities } ?? (manifest.settings["mask_image"] == nil)
  }

  /// What the manifest says of how the source was read. Values that no setting takes are left out.
  private var settings: Settings {
    var settings = Settings()
    for (name, value) in manifest.settings where Setting.ofReading.contains(name) {
      let setting = Setting.required(name)
      guard let clean = setting.kind.value(of: setting.kind.text(of: value)) else { continue }
      setting.put(clean, into: &settings)
    }
    return settings
  }

  private static func painted(_ labels: Image<Int32>, on frame: VideoFrame?) -> Image<RGB> {
    let all = PixelRect(x: 0, y: 0, width: labels.width, height: labels.height)
    var picture = frame?.colours(in: all) ?? Image(width: labels.width, height: labels.height, fill: dark)
    for (place, label) in labels.pixels.enumerated() where label > 0 {
      let (colour, below) = (OverlayColour.of(Int(label)), picture.pixels[place])
      func mixed(_ a: UInt8, _ b: UInt8) -> UInt8 { frame == nil ? a : UInt8((Int(a) + Int(b) + 1) / 2) }
      picture.pixels[place] = RGB(
        red: mixed(colour.red, below.red), green: mixed(colour.green, below.green),
        blue: mixed(colour.blue, below.blue))
    }
    return picture
  }

  /// The objects that have ended, as bars over the time of the run.
  func timeline(_ tracks: [TrackRecord], span: ClosedRange<Double>) -> Image<RGB> {
    // A single frame has no length.
    TimelineChart(
      title: "\(tracks.count) objects",
      bars: tracks.map { TimelineChart.Bar(id: $0.id, start: $0.firstPTS, end: $0.lastPTS) },
      span: span.lowerBound...max(span.upperBound, span.lowerBound + 1)
    ).painted()
  }
}
