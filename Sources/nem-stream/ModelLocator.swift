import Foundation

/// Finds model files by path or by name.
enum ModelLocator {
  /// The file for `name`: itself if it is one, else NAME.safetensors in $NEM_STREAM_MODELS, in the installation's
  /// share/nem-stream/models, or in the Models folder of a source tree around the program.
  static func path(_ name: String) throws -> String {
    if name.contains("/") || name.hasSuffix(".safetensors") || FileManager.default.fileExists(atPath: name) {
      return name
    }
    for folder in folders {
      let path = folder + "/" + name + ".safetensors"
      if FileManager.default.fileExists(atPath: path) { return path }
    }
    let known = folders.flatMap { (try? FileManager.default.contentsOfDirectory(atPath: $0)) ?? [] }
    throw CommandFault.noModel(
      name, known: known.filter { $0.hasSuffix(".safetensors") }.map { String($0.dropLast(12)) }.sorted())
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
