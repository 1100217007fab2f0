import Foundation
import VideoIO

/// The rule for single files that a command writes.
enum OutputFile {
  /// Throws `cannotCreate` where something has this name and may not be replaced.
  static func check(_ path: String, overwrite: Bool) throws(VideoError) {
    guard !overwrite, FileManager.default.fileExists(atPath: path) else { return }
    throw .cannotCreate(path, reason: "it exists; --overwrite replaces it")
  }
}
