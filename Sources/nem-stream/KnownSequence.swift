import Evaluation
import Foundation
import Kernels
import Scenes
import VideoIO

/// A real sequence with the id of the object at each pixel: pictures or a video, and a mask picture for each frame.
struct KnownSequence {
  private enum Pictures {
    case files([String])
    case video(String)
  }

  /// The folder's name.
  let name: String
  /// Whether ids begin anew when objects meet or part: `tracklets.json` lies in the folder.
  let isOfTracklets: Bool
  /// The masks' paths, by the frame's number.
  private let masks: [String]
  private let pictures: Pictures

  /// Lists a folder: masks in `Annotations/` or `masks/`; pictures at `pictures` (a video, a folder of pictures, or a
  /// folder that holds such a folder), or else in `JPEGImages/`, `input/`, `in/` or a video of the folder. Pictures and
  /// masks belong together by number, those of a video by order.
  init(_ folder: String, pictures: String?) throws {
    name = URL(fileURLWithPath: folder).lastPathComponent
    isOfTracklets = FileManager.default.fileExists(atPath: folder + "/tracklets.json")
    let masks = ["Annotations", "masks"].lazy.compactMap { NumberedFiles.list(folder + "/" + $0, suffix: ".png") }
    guard let masks = masks.first(where: { !$0.isEmpty }) else {
      throw CommandFault(
        description: "\(folder) has no PNG files of ids in Annotations/ or masks/; give the folder of a sequence",
        exitCode: 66)
    }
    if let pictures, !FileManager.default.fileExists(atPath: pictures) { throw VideoError.notFound(pictures) }
    if let video = Self.video(pictures ?? folder) {
      self.masks = masks.sorted { $0.key < $1.key }.map(\.value)
      self.pictures = .video(video)
      return
    }
    let files = Self.files(pictures ?? folder, isPictureFolder: pictures != nil)
    let numbers = files.keys.filter { masks[$0] != nil }.sorted()
    guard !numbers.isEmpty else {
      throw CommandFault(
        description: "no picture has the number of a mask in \(folder); give a video or folder with --pictures",
        exitCode: 66)
    }
    self.masks = numbers.map { masks[$0]! }
    self.pictures = .files(numbers.map { files[$0]! })
  }

  private static func files(_ folder: String, isPictureFolder: Bool) -> [Int: String] {
    for name in ["JPEGImages", "input", "in"] {
      if let files = NumberedFiles.list(folder + "/" + name), !files.isEmpty { return files }
    }
    return isPictureFolder ? NumberedFiles.list(folder) ?? [:] : [:]
  }

  /// The path itself if it is a file, or the first video in a folder.
  private static func video(_ path: String) -> String? {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return nil }
    guard isFolder.boolValue else { return path }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    let videos = names.filter { [".mp4", ".mkv", ".avi", ".mov", ".y4m"].contains($0.suffix(4).lowercased()) }
    return videos.min().map { path + "/" + $0 }
  }

  /// Number of frames.
  var count: Int { masks.count }

  /// The greatest id of any frame.
  func greatestID() throws -> UInt16 {
    try masks.map { try ids($0).pixels.filter { $0 != ObjectLayers.unknown }.max() ?? 0 }.max() ?? 0
  }

  /// Frames per second; 25 for pictures.
  func frameRate() throws -> Rational {
    let usual = Rational(numerator: 25, denominator: 1)
    guard case .video(let path) = pictures else { return usual }
    return try VideoReader(path).info.frameRate ?? usual
  }

  private func ids(_ path: String) throws -> Image<UInt16> {
    var ids = try ImageFile.readGray16(path)
    // DAVIS uses 255 for what nobody knows.
    if !isOfTracklets { for pixel in ids.pixels.indices where ids.pixels[pixel] == 255 { ids.pixels[pixel] = .max } }
    return ids
  }

  /// Reads the sequence from its beginning.
  func reader() throws -> Reader {
    guard case .video(let path) = pictures else { return Reader(sequence: self, video: nil) }
    return Reader(sequence: self, video: try VideoReader(path))
  }

  /// One pass through a sequence.
  struct Reader {
    fileprivate let sequence: KnownSequence
    fileprivate let video: VideoReader?
    private var index = 0
    private var planeCount: Int?
    /// Whether the last frame's black is 0 and its white 255.
    private(set) var isFullRange = true

    fileprivate init(sequence: KnownSequence, video: VideoReader?) {
      (self.sequence, self.video) = (sequence, video)
    }

    /// The next frame, nil after the last.
    mutating func next() throws -> LabelledPicture? {
      guard index < sequence.count else { return nil }
      let path = sequence.masks[index]
      let frame = try picture()
      let ids = try sequence.ids(path)
      guard (frame.width, frame.height) == (ids.width, ids.height), planeCount ?? frame.planeCount == frame.planeCount
      else {
        throw VideoError.damaged(
          path, reason: "it has \(ids.width)×\(ids.height) pixels and its picture \(frame.width)×\(frame.height)")
      }
      (index, planeCount, isFullRange) = (index + 1, frame.planeCount, frame.isFullRange)
      return LabelledPicture(planes: frame.fullPlanes(), ids: ids)
    }

    private func picture() throws -> VideoFrame {
      if case .files(let paths) = sequence.pictures { return try ImageFile.readFrame(paths[index]) }
      if let frame = try video?.next() { return frame }
      throw VideoError.damaged(
        sequence.name, reason: "its video has \(index) frames, and there are \(sequence.count) masks")
    }
  }
}
