import Foundation
import VideoIO

/// What values a setting takes, and how they are written.
package enum SettingKind: Sendable, Equatable {
  /// Any words; they must not be empty.
  case text
  /// A program, or a program and its arguments as a list of JSON.
  case command
  /// One of some words.
  case choice([String])
  /// Some words out of a list with commas between them; one that is written again counts once.
  case choices([String])
  /// Names of small letters and digits, with commas between them.
  case names
  /// Width and height, written as 640x480.
  case size
  /// A place in a video: frames, seconds or a time.
  case moment
  /// A part of the picture.
  case region
  /// true or false.
  case flag
  /// A whole number.
  case whole(ClosedRange<Int>)
  /// A number.
  case number(ClosedRange<Double>)
  /// Seconds, written as 90s, 10m, 2h or 7d; 0 is written off where that is allowed.
  case duration(ClosedRange<Int>, orOff: Bool = false)
  /// Bytes, written as 500K, 64M, 2G or 1T of 1024; 0 is written off where that is allowed.
  case bytes(ClosedRange<Int>, orOff: Bool = false)

  /// Whether any words, or all there are of two, will do.
  package var isOpen: Bool { self == .text || self == .flag }

  /// Whether files may write its values as a list.
  package var isList: Bool {
    switch self {
    case .names, .choices, .command: true
    default: false
    }
  }

  /// How a list in a file is written as one value.
  func text(ofList words: [String]) -> String {
    self == .command ? CommandWords.text(words) : words.joined(separator: ",")
  }

  private static let timeUnits = [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)]
  private static let byteUnits = [("T", 1 << 40), ("G", 1 << 30), ("M", 1 << 20), ("K", 1 << 10)]

  /// What may be written, for messages and the documentation.
  package var allowed: String {
    switch self {
    case .text: "words"
    case .command: "PROGRAM, or [\"PROGRAM\", \"ARGUMENT\"]"
    case .names: "names such as srt or srt,udplite"
    case .size: "1x1…99999x99999"
    case .moment: "HH:MM:SS.mmm, 12.5s, 250 (frames)"
    case .region: "x,y,w,h or x,y;x,y;x,y in whole pixels from 0, several with spaces between"
    case .choice(let words): words.joined(separator: ", ")
    case .choices(let words): "one or more of " + words.joined(separator: ", ")
    case .flag: "true, false"
    case .whole(let range): "\(range.lowerBound)…\(range.upperBound)"
    case .number(let range): "\(text(of: .number(range.lowerBound)))…\(text(of: .number(range.upperBound)))"
    case .duration(let range, let orOff), .bytes(let range, let orOff):
      (orOff ? "off, or " : "") + "\(text(of: .whole(range.lowerBound)))…\(text(of: .whole(range.upperBound)))"
    }
  }

  /// What a message asks for: the kind of value and its range.
  package var expected: String {
    switch self {
    case .text: "text that is not empty"
    case .names, .choice, .choices, .flag, .region, .command: allowed
    case .moment: "a place in the video, \(allowed)"
    case .size: "WIDTHxHEIGHT, \(allowed)"
    case .whole: "a whole number, \(allowed)"
    case .number: "a number, \(allowed)"
    case .duration: "a time such as 90s, 10m, 2h or 7d; \(allowed)"
    case .bytes: "a size such as 500K, 64M or 2G; \(allowed)"
    }
  }

  /// The name of the value in a usage line.
  package var placeholder: String {
    switch self {
    case .text: "text"
    case .command: "command"
    case .names: "names"
    case .size: "WxH"
    case .moment: "place"
    case .region: "region"
    case .choice(let words): words.joined(separator: "|")
    case .choices: "name"
    case .flag: "true|false"
    case .whole, .number: "n"
    case .duration: "time"
    case .bytes: "bytes"
    }
  }

  /// The value that `text` stands for; nil if it is of another kind or out of range.
  package func value(of text: String) -> SettingValue? {
    switch self {
    case .text: text.isEmpty ? nil : .text(text)
    case .command: CommandWords.words(text).map { .text(CommandWords.text($0)) }
    case .names: text.wholeMatch(of: /[a-z0-9+]+(,[a-z0-9+]+)*/) == nil ? nil : .text(text)
    case .size: text.wholeMatch(of: /[1-9][0-9]{0,4}x[1-9][0-9]{0,4}/) == nil ? nil : .text(text)
    case .moment: Moment(text) == nil ? nil : .text(text)
    case .region: PictureRegion(text) == nil ? nil : .text(text)
    case .choice(let words): words.contains(text) ? .text(text) : nil
    case .choices(let words): selection(text, words)
    case .flag: ["true": .flag(true), "false": .flag(false)][text]
    case .whole(let range): Int(text).flatMap { range.contains($0) ? .whole($0) : nil }
    case .number(let range): Double(text).flatMap { range.contains($0) ? .number($0) : nil }
    case .duration(let range, let orOff): measure(text, Self.timeUnits, range, orOff)
    case .bytes(let range, let orOff): measure(text, Self.byteUnits, range, orOff)
    }
  }

  /// How a value is written; the opposite of `value(of:)`.
  package func text(of value: SettingValue) -> String {
    switch (self, value) {
    case (.duration, .whole(let seconds)): written(seconds, Self.timeUnits)
    case (.bytes, .whole(let bytes)): written(bytes, Self.byteUnits)
    case (_, .whole(let number)): String(number)
    case (_, .number(let number)):
      abs(number) < 1e-3 ? String(format: "%.7f", number).trimmingSuffix("0") : String(format: "%.10g", number)
    case (_, .flag(let flag)): String(flag)
    case (_, .text(let text)): text
    }
  }

  private func selection(_ text: String, _ words: [String]) -> SettingValue? {
    var chosen: [String] = []
    for word in text.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
      guard words.contains(word) else { return nil }
      if !chosen.contains(word) { chosen.append(word) }
    }
    return .text(chosen.joined(separator: ","))
  }

  private func measure(
    _ text: String, _ units: [(name: String, size: Int)], _ range: ClosedRange<Int>, _ orOff: Bool
  ) -> SettingValue? {
    if orOff && (text == "off" || text == "0") { return .whole(0) }
    let unit = units.first { text.hasSuffix($0.name) }
    guard let count = Int(unit == nil ? text : String(text.dropLast())) else { return nil }
    let (total, overflow) = count.multipliedReportingOverflow(by: unit?.size ?? 1)
    return !overflow && range.contains(total) ? .whole(total) : nil
  }

  private func written(_ amount: Int, _ units: [(name: String, size: Int)]) -> String {
    if amount == 0 { return isSwitchable ? "off" : "0" }
    guard let unit = units.first(where: { amount % $0.size == 0 }) else { return String(amount) }
    return String(amount / unit.size) + unit.name
  }

  private var isSwitchable: Bool {
    switch self {
    case .duration(_, let orOff), .bytes(_, let orOff): orOff
    default: false
    }
  }
}

extension String {
  /// The text without what it ends in, as often as that is there.
  func trimmingSuffix(_ end: Character) -> String {
    String(reversed().drop { $0 == end }.reversed())
  }
}
