import Foundation
import Yams

/// A value given for a setting, and where.
package struct SettingAssignment: Sendable, Equatable {
  /// The setting's name.
  package let name: String
  /// The value; nil leaves the setting as it would be without this.
  package let value: SettingValue?
  /// Where it was given.
  package let origin: SettingOrigin

  /// An assignment.
  package init(name: String, value: SettingValue?, origin: SettingOrigin) {
    (self.name, self.value, self.origin) = (name, value, origin)
  }
}

/// A configuration file: a YAML map from settings to values. Each fault is named with its line.
package enum SettingsFile {
  /// More is not a configuration.
  private static let largest = 64 << 10

  /// Reads a file.
  package static func read(_ path: String) throws(SettingFault) -> [SettingAssignment] {
    guard let file = FileHandle(forReadingAtPath: path) else {
      throw .unreadable(path, line: 0, reason: "cannot read this configuration: " + String(cString: strerror(errno)))
    }
    guard let data = try? file.read(upToCount: largest + 1) ?? Data() else {
      throw .unreadable(path, line: 0, reason: "cannot read this configuration; it must be a YAML file")
    }
    guard data.count <= largest else {
      throw .unreadable(path, line: 0, reason: "it is larger than \(largest >> 10) KB; that is no configuration")
    }
    guard let text = String(data: data, encoding: .utf8) else {
      throw .unreadable(path, line: 0, reason: "it is not UTF-8 text")
    }
    return try assignments(in: text, path: path)
  }

  /// The assignments of a text; `path` is what messages call it.
  package static func assignments(in text: String, path: String) throws(SettingFault) -> [SettingAssignment] {
    guard let root = try compose(text, path) else { return [] }
    guard case .mapping(let mapping) = root else {
      throw .unreadable(path, line: root.mark?.line ?? 0, reason: "settings must be written as NAME: VALUE")
    }
    var assignments: [SettingAssignment] = []
    for (key, value) in mapping {
      assignments.append(try assignment(key, value, path))
    }
    return assignments
  }

  private static func compose(_ text: String, _ path: String) throws(SettingFault) -> Node? {
    do {
      return try Yams.compose(yaml: text)
    } catch {
      let (line, reason) = explain(error)
      throw .unreadable(path, line: line, reason: "it is not YAML: \(reason)")
    }
  }

  /// YAML takes a bare - for the beginning of a list.
  private static func hint(_ problem: String) -> String {
    guard problem.hasPrefix("block sequence") else { return "" }
    return "; a list needs lines of its own, and a - alone is written \"-\""
  }

  private static func explain(_ error: any Error) -> (line: Int, reason: String) {
    switch error as? YamlError {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      (mark.line, (context.map { $0.text + ", " } ?? "") + problem + hint(problem))
    case .reader(let problem, _, _, _): (0, problem)
    case .duplicatedKeysInMapping(let duplicates, let context):
      (context.mark.line, "\(duplicates.sorted().joined(separator: ", ")) is set twice")
    default: (0, "\(error)".split(separator: "\n").joined(separator: " "))
    }
  }

  private static func assignment(_ key: Node, _ value: Node, _ path: String) throws(SettingFault) -> SettingAssignment {
    let origin = SettingOrigin.file(path, line: key.mark?.line ?? 0)
    guard let name = key.scalar?.string else {
      throw .unreadable(path, line: key.mark?.line ?? 0, reason: "settings must be written as NAME: VALUE")
    }
    guard let setting = Setting.named(name) else {
      throw .unknown(name: name, similar: mostSimilar(to: name, in: Setting.all.map(\.name)), place: origin)
    }
    if setting.kind.isList, let names = value.sequence?.map(\.scalar?.string), !names.contains(nil) {
      let text = setting.kind.text(ofList: names.compactMap { $0 })
      return SettingAssignment(name: name, value: try setting.value(of: text, at: origin), origin: origin)
    }
    guard let scalar = value.scalar else {
      let written = value.mapping == nil ? "a list" : "a map"
      throw .invalid(name: name, value: written, allowed: setting.kind.expected, place: origin)
    }
    return SettingAssignment(name: name, value: try self.value(scalar, of: setting, at: origin), origin: origin)
  }

  private static func value(
    _ scalar: Node.Scalar, of setting: Setting, at origin: SettingOrigin
  ) throws(SettingFault) -> SettingValue? {
    let isPlain = scalar.style == .plain
    if isPlain && ["", "~", "null"].contains(scalar.string) { return nil }
    switch setting.kind {
    case .text, .choice, .choices, .names, .size, .moment, .region, .command: break
    default:
      // Quotes make words of a number.
      guard isPlain else {
        throw .invalid(
          name: setting.name, value: "\"\(scalar.string)\"", allowed: setting.kind.expected,
          place: origin)
      }
    }
    return try setting.value(of: scalar.string, at: origin)
  }
}
