import Foundation

/// Files that belong together by the numbers in their names.
public enum NumberedFiles {
  /// The files of a folder by the last number in their names before the first dot; nil if there is no such folder.
  ///
  /// - Parameter suffix: how a file's name must end, without regard to case.
  public static func list(_ folder: String, suffix: String = "") -> [Int: String]? {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else { return nil }
    var files: [Int: String] = [:]
    for name in names.sorted() where name.lowercased().hasSuffix(suffix) {
      let stem = name.prefix { $0 != "." }
      if let digits = stem.split(whereSeparator: { !$0.isNumber }).last, let number = Int(digits) {
        files[number] = folder + "/" + name
      }
    }
    return files
  }

  /// The PNG files in the `Annotations/` of a folder, or in the only folder there; none if there is no such folder.
  public static func annotations(in folder: String) -> [Int: String] {
    let annotations = folder + "/Annotations"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: annotations)) ?? []
    let places = [annotations] + (names.count == 1 ? [annotations + "/" + names[0]] : [])
    return places.lazy.compactMap { list($0, suffix: ".png") }.first { !$0.isEmpty } ?? [:]
  }
}
