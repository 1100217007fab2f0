import Foundation
import Pipeline

/// Frames, speed and time left on one line of a terminal; silent in a pipe.
struct ProgressLine {
  private let frameRate: Double?
  private let isShown: Bool
  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant
  private var last: ContinuousClock.Instant

  init(frameRate: Double?, isShown: Bool) {
    self.frameRate = frameRate
    self.isShown = isShown && isatty(STDERR_FILENO) == 1
    start = clock.now
    last = start
  }

  private var seconds: Double { (clock.now - start) / .seconds(1) }

  mutating func show(_ progress: RunProgress) {
    guard isShown, clock.now - last > .milliseconds(200) else { return }
    last = clock.now
    let speed = Double(progress.frames) / seconds
    var line = "frame \(progress.frames)"
    if let expected = progress.expected { line += "/\(expected)" }
    line += String(format: "  %.0f fps  %d objects", speed, progress.objects)
    if let expected = progress.expected, expected > progress.frames {
      let left = Int(Double(expected - progress.frames) / speed)
      line += String(format: "  ETA %d:%02d", left / 60, left % 60)
    }
    Console.write("\r\u{1B}[K" + line)
  }

  /// Clears the line.
  func finish() {
    if isShown { Console.write("\r\u{1B}[K") }
  }

  /// Frames per second and, where the video has a rate, the multiple of it.
  func speed(frames: Int) -> String {
    let speed = Double(frames) / max(seconds, 1e-6)
    let multiple = frameRate.map { String(format: " (%.1f× real time)", speed / $0) } ?? ""
    return String(format: "%.2f s, %.0f fps", seconds, speed) + multiple
  }
}
