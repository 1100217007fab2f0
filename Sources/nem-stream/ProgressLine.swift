import Daemon
import Foundation
import Pipeline
import VideoIO

/// Frames, speed and time left: on one line of a terminal, or as one JSON object a second.
struct ProgressLine {
  private let form: ProgressForm
  private let name: String?
  private let frameRate: Double?
  /// Frames in all, perhaps an estimate.
  private let expected: Int?
  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant
  private var last: ContinuousClock.Instant
  private var latest: RunProgress?

  /// Progress of reading a selection; `name` is shown in front.
  init(_ form: ProgressForm, name: String?, _ info: VideoInfo, _ selection: FrameSelection) {
    self.form = form == .line && isatty(STDERR_FILENO) != 1 ? .off : form
    self.name = name
    frameRate = info.frameRate?.value
    expected = info.expectedFrames ?? selection.estimatedFrames(info)
    start = clock.now
    last = start
  }

  /// Progress of a known number of frames at no speed of their own.
  init(_ form: ProgressForm) {
    self.form = form == .line && isatty(STDERR_FILENO) != 1 ? .off : form
    (name, frameRate, expected) = (nil, nil, nil)
    start = clock.now
    last = start
  }

  private var seconds: Double { (clock.now - start) / .seconds(1) }

  mutating func show(_ progress: RunProgress) {
    guard form != .off else { return }
    latest = progress
    guard clock.now - last > .milliseconds(form == .json ? 1000 : 200) else { return }
    last = clock.now
    form == .json ? writeJSON(progress, isLast: false) : writeLine(progress)
  }

  private func writeLine(_ progress: RunProgress) {
    let speed = Double(progress.frames) / seconds
    var line = "frame \(progress.frames)"
    let expected = expected ?? progress.expected
    if let expected { line += "/\(expected)" }
    line += String(format: "  %.0f fps", speed)
    if let frameRate { line += String(format: "  %.1f×", speed / frameRate) }
    line += "  \(progress.objects) objects"
    if let left = secondsLeft(progress, speed) { line += String(format: "  ETA %d:%02d", left / 60, left % 60) }
    // A line longer than the terminal would be left behind by the next.
    let columns = Console.terminalSize.map(\.columns).flatMap { $0 > 0 ? $0 : nil } ?? 80
    if let name { line = Self.shortened(name, to: columns - line.count - 3) + "  " + line }
    Console.write("\r\u{1B}[K" + line.prefix(max(columns - 1, 1)))
  }

  private static func shortened(_ name: String, to room: Int) -> String {
    name.count <= room ? name : name.prefix(max(room - 1, 0)) + "…"
  }

  private func secondsLeft(_ progress: RunProgress, _ speed: Double) -> Int? {
    guard let expected = expected ?? progress.expected, expected > progress.frames, speed > 0 else { return nil }
    return Int(Double(expected - progress.frames) / speed)
  }

  /// What a line of JSON says; what is not known is left out.
  private struct Line: Encodable {
    var input: String?
    var frame: Int
    var frames: Int?
    var fps: Double
    var speed: Double?
    var objects: Int
    var eta: Int?
    var done: Bool
  }

  private func writeJSON(_ progress: RunProgress, isLast: Bool) {
    let speed = Double(progress.frames) / max(seconds, 1e-6)
    func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }
    let line = Line(
      input: name, frame: progress.frames, frames: expected, fps: rounded(speed),
      speed: frameRate.map { rounded(speed / $0) }, objects: progress.objects, eta: secondsLeft(progress, speed),
      done: isLast)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if let data = try? encoder.encode(line) { Console.write(String(decoding: data, as: UTF8.self) + "\n") }
  }

  /// Clears the line, or writes the last object.
  func finish() {
    if form == .line { Console.write("\r\u{1B}[K") }
    if form == .json { writeJSON(latest ?? RunProgress(frames: 0, expected: nil, objects: 0), isLast: true) }
  }

  /// Frames per second and, where the video has a rate, the multiple of it.
  func speed(frames: Int) -> String {
    let speed = Double(frames) / max(seconds, 1e-6)
    let multiple = frameRate.map { String(format: " (%.1f× real time)", speed / $0) } ?? ""
    return String(format: "%.2f s, %.0f fps", seconds, speed) + multiple
  }
}
