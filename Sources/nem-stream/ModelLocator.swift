import Foundation
import VideoIO

/// Finds model files by path or by name.
enum ModelLocator {
  /// The file for `name`: itself if it is one, else NAME.safetensors in $NEM_STREAM_MODELS, in the installation's
  /// share/nem-stream/models, or in the Models folder of a source tree around the program. Throws `CommandFault` if
  /// there is none, or none that can be read.
  static func path(_ name: String) throws -> String {
    if name.contains("/") || name.hasSuffix(".safetensors") || FileManager.default.fileExists(atPath: name) {
      return try readable(name)
    }
    for folder in folders {
      let path = folder + "/" + name + ".safetensors"
      if FileManager.default.fileExists(atPath: path) { return path }
    }
    throw CommandFault.noModel(name, known: known)
  }

  /// The names of all models that are found by name.
  static var known: [String] {
    let files = folders.flatMap { (try? FileManager.default.contentsOfDirectory(atPath: $0)) ?? [] }
    return files.filter { $0.hasSuffix(".safetensors") }.map { String($0.dropLast(12)) }.sorted()
  }

  /// `path`, if a file is there that can be read.
  static func readable(_ path: String) throws -> String {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { throw VideoError.notFound(path) }
    guard !isFolder.boolValue else { throw VideoError.cannotRead(path, reason: "it is a directory") }
    guard access(path, R_OK) == 0 else { throw VideoError.cannotRead(path, reason: String(cString: strerror(errno))) }
    return path
  }

  private static let folders: [String] = {
    let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    var folders = [program.deletingLastPathComponent().path + "/share/nem-stream/models"]
    if let set = ProcessInfo.processInfo.environment["NEM_STREAM_MODELS"] { folders.insert(set, at: 0) }
    if let build = program.pathComponents.firstIndex(of: ".build") {
      let root = program.pathComponents[..<build].joined(separator: "/").dropFirst()
      folders.append(root + "/Models")
    }
    return folders
  }()
}
