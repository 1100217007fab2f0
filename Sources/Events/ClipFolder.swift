import Foundation
import Masks
import VideoIO

/// A folder of clips that are named by their object and when it appeared: `0001_00-00-03.240.mp4`.
public struct ClipFolder: Sendable {
  private let folder: String

  /// Makes the folder if it is missing.
  ///
  /// - Parameters:
  ///   - overwrite: whether earlier clips in the folder may be removed; other files there are never touched.
  ///   - isContinued: whether earlier clips are this run's, and stay.
  ///   - source: the file that is read, which must not be removed as an earlier clip; empty where it is none.
  /// - Throws: `cannotCreate` where earlier clips are in the way or the system refuses the folder.
  public init(_ folder: String, overwrite: Bool, isContinued: Bool = false, source: String) throws(VideoError) {
    self.folder = folder
    try OutputLayout.makeFolder(folder)
    if isContinued { return }
    let names = Self.clips(in: folder)
    if let name = names.first, !overwrite {
      throw .cannotCreate(folder, reason: "it already holds \(name); choose another folder or allow overwriting")
    }
    let paths = names.map { folder + "/" + $0 }
    if let path = paths.first(where: { AtomicFile.isSame($0, source) }) {
      throw .cannotCreate(path, reason: "it is the input")
    }
    for path in paths {
      guard unlink(path) == 0 else { throw .cannotCreate(path, reason: AtomicFile.systemReason) }
    }
  }

  /// The clip of an object that begins at a time in seconds.
  public func path(_ id: Int, _ seconds: Double, pathExtension: String) -> String {
    let time = Timecode.text(seconds).replacing(":", with: "-")
    return "\(folder)/\(OutputLayout.digits(id, 4))_\(time).\(pathExtension)"
  }

  /// The names of the clips that a folder holds.
  public static func clips(in folder: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter(isClip)
  }

  /// Whether a file is a clip of ours, or what a kill left of one.
  private static func isClip(_ name: String) -> Bool {
    name.wholeMatch(of: /[0-9]{4,}_-?[0-9]{2,}-[0-9]{2}-[0-9]{2}\.[0-9]{3}\.(mp4|avi|mkv)(\.part)?/) != nil
  }
}
