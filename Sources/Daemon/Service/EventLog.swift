import Foundation
import Masks

/// How much an event matters, by the numbers of syslog and the journal.
package enum EventPriority: Int, Sendable {
  /// Something is lost until somebody acts; said at any level of the log.
  case alert = 1
  /// What ends the program.
  case error = 3
  /// Something was refused or put right.
  case warning = 4
  /// What happens.
  case info = 6
  /// What is read and used.
  case debug = 7

  fileprivate func isShown(at level: LogLevel) -> Bool {
    switch level {
    case .error: rawValue <= Self.error.rawValue
    case .info: rawValue <= Self.info.rawValue
    case .debug: true
    }
  }

  fileprivate var word: String { "\(self)" }
}

/// Lines about what happens: text or JSON, with the journal's priorities where the journal reads them. Of one kind of
/// event at most twenty lines a minute come through; those left out are counted.
package final class EventLog: @unchecked Sendable {
  private static let linesPerPeriod = 20
  private static let period = 60.0
  private let lock = NSLock()
  private let write: @Sendable (String) -> Void
  private let now: @Sendable () -> Date
  private let isJournal: Bool
  private var level = LogLevel.info
  private var format = LogFormat.text
  private var periods: [String: (start: Date, lines: Int)] = [:]

  /// A log.
  ///
  /// - Parameters:
  ///   - isJournal: whether lines carry priorities.
  ///   - now: the clock, replaced in tests.
  ///   - write: takes whole lines.
  package init(
    isJournal: Bool, now: @escaping @Sendable () -> Date = { Date() }, write: @escaping @Sendable (String) -> Void
  ) {
    self.isJournal = isJournal
    self.now = now
    self.write = write
  }

  /// Whether the journal reads a descriptor: $JOURNAL_STREAM names its device and inode.
  package static func isJournal(_ descriptor: Int32, environment: [String: String]) -> Bool {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return false }
    return environment["JOURNAL_STREAM"] == "\(status.st_dev):\(status.st_ino)"
  }

  /// Sets how much is said, and how.
  package func configure(_ level: LogLevel, _ format: LogFormat) {
    lock.withLock { (self.level, self.format) = (level, format) }
  }

  /// Says that something happened.
  ///
  /// - Parameters:
  ///   - event: what kind of thing, one word; limits count by it. Nil for what is said once, which has no limit.
  ///   - message: a sentence for people.
  ///   - fields: the same for programs.
  package func note(
    _ priority: EventPriority, _ event: String?, _ message: String, _ fields: [String: Manifest.Setting] = [:]
  ) {
    lock.withLock {
      guard priority.isShown(at: level), let left = admit(event) else { return }
      let message = left > 0 ? "\(message) (\(left) more like this were left out)" : message
      let body = format == .json ? json(priority, event, message, fields) : text(priority, message)
      write((isJournal ? "<\(priority.rawValue)>" : "") + body + "\n")
    }
  }

  /// Whether one more line of this kind may pass: nil if not, else how many were left out before it.
  private func admit(_ event: String?) -> Int? {
    guard let event else { return 0 }
    var current = periods[event] ?? (now(), 0)
    var left = 0
    let age = now().timeIntervalSince(current.start)
    // A clock that was put back begins a new period too.
    if age >= Self.period || age < 0 {
      left = max(0, current.lines - Self.linesPerPeriod)
      current = (now(), 0)
    }
    current.lines += 1
    periods[event] = current
    return current.lines <= Self.linesPerPeriod ? left : nil
  }

  private func text(_ priority: EventPriority, _ message: String) -> String {
    let line = message.replacing("\n", with: " ")
    return priority.rawValue <= EventPriority.warning.rawValue ? "nem-stream: \(line)" : line
  }

  private func json(
    _ priority: EventPriority, _ event: String?, _ message: String, _ fields: [String: Manifest.Setting]
  ) -> String {
    var record = fields
    record["time"] = .text(now().ISO8601Format(Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
    record["level"] = .text(priority.word)
    record["event"] = event.map { .text($0) }
    record["message"] = .text(message)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return (try? encoder.encode(record)).map { String(decoding: $0, as: UTF8.self) } ?? message
  }
}
