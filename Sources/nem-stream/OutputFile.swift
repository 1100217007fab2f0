import ArgumentParser
import Foundation
import VideoIO

/// The rule for single files that a command writes.
enum OutputFile {
  /// Throws `cannotCreate` where something has this name and may not be replaced.
  static func check(_ path: String, overwrite: Bool) throws(VideoError) {
    guard !overwrite, FileManager.default.fileExists(atPath: path) else { return }
    throw .cannotCreate(path, reason: "it exists; --overwrite replaces it")
  }

  /// Throws where an option names a picture to write by what is no name of a picture.
  static func checkPicture(_ path: String?, _ option: String) throws(ValidationError) {
    guard let path, !path.lowercased().hasSuffix(".png") else { return }
    throw ValidationError("\(option) is \(path); its name must end in .png")
  }
}
