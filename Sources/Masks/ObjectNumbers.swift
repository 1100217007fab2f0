import Foundation

/// The numbers of objects in what a run has written.
package enum ObjectNumbers {
  /// The most that is read of the end of a file.
  private static let tail = 1 << 20

  /// The highest number in a folder, 0 if there is none: of the objects that have ended, of those that live in the last
  /// frame, and of the streams, which may be a frame ahead.
  package static func highest(in root: String) -> Int {
    let layout = OutputLayout(root: root)
    let ended = FileManager.default.contents(atPath: layout.tracks).map(all) ?? []
    let streams = (try? FileManager.default.contentsOfDirectory(atPath: root + "/objects")) ?? []
    let names = streams.compactMap { Int($0.prefix { $0 != "." }) }
    return [ended.max(), all(lastLine(layout.frames)).max(), names.max()].compactMap(\.self).max() ?? 0
  }

  /// The first number of a line.
  static func first(_ line: Data) -> Int? { all(line).first }

  /// What stands behind each `"id":`.
  private static func all(_ text: Data) -> [Int] {
    String(decoding: text, as: UTF8.self).split(separator: "\"id\":").dropFirst().compactMap {
      Int($0.prefix(while: \.isNumber))
    }
  }

  private static func lastLine(_ path: String) -> Data {
    guard let file = FileHandle(forReadingAtPath: path), let end = try? file.seekToEnd(),
      (try? file.seek(toOffset: end - min(end, UInt64(tail)))) != nil, let data = try? file.readToEnd()
    else { return Data() }
    return data.split(separator: UInt8(ascii: "\n")).last ?? Data()
  }
}
