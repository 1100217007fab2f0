import Foundation

/// A program and its arguments as one text: the program's name alone, or a list of JSON. No shell reads it, so spaces,
/// quotes and dollars mean nothing.
package enum CommandWords {
  /// The program and its arguments; nil where the text holds none.
  package static func words(_ text: String) -> [String]? {
    var words = [text]
    if text.hasPrefix("[") {
      guard let list = try? JSONDecoder().decode([String].self, from: Data(text.utf8)) else { return nil }
      words = list
    }
    guard let program = words.first, !program.isEmpty, !words.contains(where: { $0.contains("\0") }) else { return nil }
    return words
  }

  /// The text of a program and its arguments.
  static func text(_ words: [String]) -> String {
    if words.count == 1 && !words[0].hasPrefix("[") { return words[0] }
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    guard let data = try? encoder.encode(words) else { preconditionFailure("words are always JSON") }
    return String(decoding: data, as: UTF8.self)
  }
}
