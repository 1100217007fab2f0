import Foundation
import Kernels
import Masks
import VideoIO

/// A video with the truth about its objects, on disk: `video.mkv`, lossless; `Annotations/00000.png` and on, one for each
/// frame in order of presentation, 16 bits of gray that are the object's id, 0 for none; `scene.json`, written last.
final class SceneFolder {
  private let path: String
  private let video: LosslessVideoWriter
  private var frames = 0

  /// Makes the folder. Throws `cannotCreate` where there is a scene already.
  init(
    _ path: String, width: Int, height: Int, isGray: Bool, isFullRange: Bool, frameRate: Rational
  ) throws(VideoError) {
    for name in ["video.mkv", "Annotations", "scene.json"]
    where FileManager.default.fileExists(atPath: path + "/" + name) {
      throw .cannotCreate(path, reason: "it already holds \(name); choose another folder")
    }
    Interruption.install()
    try OutputLayout.makeFolder(path + "/Annotations")
    self.path = path
    video = try LosslessVideoWriter(
      path: path + "/video.mkv", width: width, height: height, isGray: isGray, isFullRange: isFullRange,
      frameRate: frameRate)
  }

  /// Appends a frame: its planes, and the id of the object at each pixel. Removes the scene and throws when the user
  /// wants to stop.
  func write(_ planes: [Image<UInt8>], truth: Image<UInt16>) throws {
    if Interruption.flag.isSet {
      try? discard()
      throw CommandFault.interrupted("\(path) is not written")
    }
    try video.write(planes)
    try PNGFile.write(truth, to: path + "/Annotations/" + OutputLayout.digits(frames, 5) + ".png")
    frames += 1
  }

  private func discard() throws {
    try video.close()
    unlink(path + "/video.mkv")
    try OutputLayout.removeNumbered(path + "/Annotations")
    rmdir(path)
  }

  /// Ends the video and writes what is known of the scene.
  func close(_ record: some Encodable) throws {
    try video.close()
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try AtomicFile.write(Array(try encoder.encode(record)) + [UInt8(ascii: "\n")], to: path + "/scene.json")
  }
}
