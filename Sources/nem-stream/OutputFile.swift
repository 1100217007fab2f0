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

  /// Throws where a file cannot be made for want of its folder; those that are `made` on the way may be missing.
  static func checkFolder(of path: String, made: [String]) throws(VideoError) {
    let folder = URL(fileURLWithPath: path).standardizedFileURL.deletingLastPathComponent().path
    guard access(folder, W_OK) != 0 else { return }
    let reason = AtomicFile.systemReason
    for root in made.map({ URL(fileURLWithPath: $0).standardizedFileURL.path }) {
      if folder == root || folder.hasPrefix(root + "/") { return }
    }
    throw .cannotCreate(path, reason: reason)
  }

  /// Throws where a folder can neither be written to nor made, with those that it lies in.
  static func checkFolder(_ path: String) throws(VideoError) {
    var place = URL(fileURLWithPath: path).standardizedFileURL
    while access(place.path, F_OK) != 0 && errno == ENOENT && place.path != "/" { place.deleteLastPathComponent() }
    var isFolder: ObjCBool = false
    let isThere = FileManager.default.fileExists(atPath: place.path, isDirectory: &isFolder)
    if isThere && !isFolder.boolValue { errno = ENOTDIR }
    guard isFolder.boolValue, access(place.path, W_OK) == 0 else {
      throw .cannotCreate(path, reason: AtomicFile.systemReason)
    }
  }

  /// Throws where an option names a picture to write by what is no name of a picture.
  static func checkPicture(_ path: String?, _ option: String) throws(ValidationError) {
    guard let path, !path.lowercased().hasSuffix(".png") else { return }
    throw ValidationError("\(option) is \(path); its name must end in .png")
  }
}
