import Foundation
import VideoIO

/// The names inside an output folder, and the rules for folders that are not empty.
package struct OutputLayout {
  let root: String

  var manifest: String { root + "/manifest.json" }
  var frames: String { root + "/frames.jsonl" }
  var tracks: String { root + "/tracks.jsonl" }
  /// The baseline's stream, without extension.
  var foreground: String { root + "/baseline/foreground" }

  /// An object's stream, without extension.
  func object(_ id: Int) -> String { root + "/objects/" + OutputLayout.digits(id, 4) }

  /// A number with at least `count` digits.
  package static func digits(_ number: Int, _ count: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, count - text.count)) + text
  }

  /// Makes a folder and those around it; one that is there already will do.
  package static func makeFolder(_ path: String) throws(VideoError) {
    var status = stat()
    if stat(path, &status) == 0 {
      guard status.st_mode & S_IFMT == S_IFDIR else { throw .cannotCreate(path, reason: "a file is in the way") }
      return
    }
    if let slash = path.dropLast().lastIndex(of: "/"), slash != path.startIndex {
      try makeFolder(String(path[..<slash]))
    }
    guard mkdir(path, 0o777) == 0 || errno == EEXIST else {
      throw .cannotCreate(path, reason: AtomicFile.systemReason)
    }
  }

  /// Makes the folders, after removing earlier output if that is allowed.
  func prepare(overwrite: Bool) throws(VideoError) {
    let earlier = ["manifest.json", "frames.jsonl", "tracks.jsonl", "objects", "baseline"].filter {
      FileManager.default.fileExists(atPath: root + "/" + $0)
    }
    if !earlier.isEmpty {
      guard overwrite else {
        throw .cannotCreate(root, reason: "it already holds \(earlier[0]); choose another folder or allow overwriting")
      }
      try removeEarlier()
    }
    for folder in [root, root + "/objects", root + "/baseline"] { try OutputLayout.makeFolder(folder) }
  }

  /// Removes what a run writes and nothing else: unknown files stay, and so do folders that hold any.
  func removeEarlier() throws(VideoError) {
    for file in [manifest, AtomicFile.temporary(manifest), frames, tracks] { try remove(file) }
    try removeStreams(root + "/objects", where: isObjectName)
    try removeStreams(root + "/baseline") { $0 == "foreground" }
  }

  private func removeStreams(_ folder: String, where isStem: (String) -> Bool) throws(VideoError) {
    for name in contents(folder) {
      let path = folder + "/" + name
      if name.hasSuffix(".mkv"), isStem(String(name.dropLast(4))) { try remove(path) }
      guard isStem(name) else { continue }
      for picture in contents(path) where isPictureName(picture) { try remove(path + "/" + picture) }
      rmdir(path)
    }
    rmdir(folder)
  }

  /// The names in a folder; none for files and for links that lead elsewhere.
  private func contents(_ folder: String) -> [String] {
    var status = stat()
    guard lstat(folder, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return [] }
    return (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
  }

  private func isObjectName(_ stem: String) -> Bool {
    stem.utf8.count >= 4 && stem.utf8.allSatisfy { (48...57).contains($0) }
  }

  /// Whether a run writes pictures of this name, or left one unfinished when it was killed.
  private func isPictureName(_ name: String) -> Bool {
    let name = name.hasSuffix(AtomicFile.temporarySuffix) ? name.dropLast(AtomicFile.temporarySuffix.count) : name[...]
    let stem = name.utf8.dropLast(4)
    return name.hasSuffix(".png") && stem.count >= 6 && stem.allSatisfy { (48...57).contains($0) }
  }

  private func remove(_ path: String) throws(VideoError) {
    guard unlink(path) == 0 || errno == ENOENT else { throw .cannotCreate(path, reason: AtomicFile.systemReason) }
  }
}
