import Foundation
import Masks
import VideoIO

/// Starts a program at each event, one after the other, on a thread of its own: the run never waits for it, except for a
/// while at its end. What the program is to know stands in its environment.
public final class EventHook: EventWatcher, @unchecked Sendable {
  /// Events that wait at most; further ones are dropped and counted.
  private static let capacity = 1000
  /// Seconds between two starts at least.
  private static let interval = 0.05
  /// Seconds that waiting events get at the end of a run, and where the user stops it.
  private static let patience = (atEnd: 30.0, stopped: 3.0)
  /// What the service manager tells its own child.
  private static let privateVariables = ["NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC"]

  private let command: [String]
  private let timeout: Double
  private let input: String
  private let clip: ((TrackRecord) -> String?)?
  private let isStopped: @Sendable () -> Bool
  private let warn: @Sendable (String) -> Void
  private let environment: [String: String]
  private let condition = NSCondition()
  private var waiting: [[String: String]] = []
  private var dropped = 0
  /// When waiting events are given up; nil while the run goes on.
  private var giveUp: Double?
  private var hasEnded = false

  /// A hook.
  ///
  /// - Parameters:
  ///   - command: the program, looked for on the path, and its arguments.
  ///   - timeout: seconds after which it is killed.
  ///   - input: what the program is told of the source; no secret.
  ///   - clip: the clip of an object that has ended, if clips are made.
  ///   - isStopped: whether the user has stopped the run.
  ///   - warn: takes a sentence on a program that failed; called from a thread of its own.
  public init(
    _ command: [String], timeout: Double, input: String, clip: ((TrackRecord) -> String?)? = nil,
    isStopped: @escaping @Sendable () -> Bool = { false }, warn: @escaping @Sendable (String) -> Void
  ) {
    (self.command, self.timeout, self.input, self.clip) = (command, timeout, input, clip)
    (self.isStopped, self.warn) = (isStopped, warn)
    environment = ProcessInfo.processInfo.environment.filter { !Self.privateVariables.contains($0.key) }
    let thread = Thread { [self] in work() }
    thread.name = "exec"
    thread.start()
  }

  /// Finds out before anything starts whether there is such a program. Throws `unsuitable` where there is none.
  public static func check(_ command: [String]) throws(VideoError) {
    let program = command[0]
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    let places = program.contains("/") ? [program] : path.split(separator: ":").map { $0 + "/" + program }
    guard !places.contains(where: { access($0, X_OK) == 0 }) else { return }
    if let found = places.first(where: { access($0, F_OK) == 0 }) {
      throw .unsuitable("exec", reason: "\(found) is not executable")
    }
    throw .unsuitable(
      "exec", reason: "there is no program \(program); arguments are given as a list: [\"PROGRAM\", \"ARGUMENT\"]")
  }

  /// Has the program started for the event, when its turn comes.
  public func note(_ event: Event) throws(VideoError) {
    let variables = variables(event)
    condition.lock()
    defer { condition.unlock() }
    if waiting.count < Self.capacity { waiting.append(variables) } else { dropped += 1 }
    condition.signal()
  }

  /// What the program is told.
  private func variables(_ event: Event) -> [String: String] {
    let (track, box) = (event.track, event.bounds)
    var variables = [
      "EVENT": event.kind.rawValue, "OBJECT": String(track.id), "START": Timecode.text(track.firstPTS),
      "BOX": "\(box.x),\(box.y),\(box.width),\(box.height)", "INPUT": input,
    ]
    if event.kind == .end {
      variables["END"] = Timecode.text(track.lastPTS)
      variables["DURATION"] = String(format: "%.3f", track.lastPTS - track.firstPTS)
      variables["ENDED"] = track.ended.rawValue
      if let path = clip?(track) { variables["CLIP"] = path }
    }
    return Dictionary(uniqueKeysWithValues: variables.map { ("NEM_STREAM_" + $0, $1) })
  }

  /// Waits for the events that wait, but not for ever.
  public func close() throws(VideoError) {
    condition.lock()
    giveUp = Self.now + (isStopped() ? Self.patience.stopped : Self.patience.atEnd)
    condition.signal()
    while !hasEnded { condition.wait() }
    let lost = dropped + waiting.count
    condition.unlock()
    if lost > 0 { warn("\(lost) events came faster than the program \(command[0]) took them, and were not told to it") }
  }

  private static var now: Double { Double(DispatchTime.now().uptimeNanoseconds) * 1e-9 }

  private func work() {
    var last = -Double.infinity
    while let variables = next() {
      usleep(UInt32(max(0, last + Self.interval - Self.now) * 1e6))
      last = Self.now
      start(variables, at: last)
    }
    condition.lock()
    hasEnded = true
    condition.signal()
    condition.unlock()
  }

  private func next() -> [String: String]? {
    condition.lock()
    defer { condition.unlock() }
    while waiting.isEmpty && giveUp == nil { condition.wait() }
    if waiting.isEmpty || Self.now >= giveUp ?? .infinity { return nil }
    return waiting.removeFirst()
  }

  /// Whether waiting has no more sense.
  private var isLate: Bool { condition.withLock { Self.now >= giveUp ?? .infinity } }

  private func start(_ variables: [String: String], at begin: Double) {
    let event = "\(variables["NEM_STREAM_EVENT"]!) of object \(variables["NEM_STREAM_OBJECT"]!)"
    var failure: Int32 = 0
    guard let process = HookProcess(command, environment: environment.merging(variables) { $1 }, failure: &failure)
    else { return warn("cannot start \(command[0]) at the \(event): \(String(cString: strerror(failure)))") }
    switch process.wait(until: { Self.now >= begin + timeout || isLate }) {
    case .exited(0): break
    case .exited(let code): warn("\(command[0]) ended with \(code) at the \(event)")
    case .signalled(let signal): warn("\(command[0]) was ended by signal \(signal) at the \(event)")
    case .killed: warn("\(command[0]) took too long at the \(event), and was killed")
    }
  }
}
