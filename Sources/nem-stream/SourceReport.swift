import Foundation
import Synchronization
import VideoIO

/// Tells the user in one line each what happens to a source.
enum SourceReport {
  /// A monitor that writes lines about `name`, of jumps of its clock only the first.
  static func monitor(name: String) -> SourceMonitor {
    let hasJumped = Atomic<Bool>(false)
    return SourceMonitor { event in
      if event == .clockJumped, hasJumped.exchange(true, ordering: .relaxed) { return }
      Console.log.note(event.isTrouble ? .warning : .info, "source", line(event, name))
    }
  }

  private static func line(_ event: SourceEvent, _ name: String) -> String {
    switch event {
    case .unreachable(let reason, let delay):
      "\(reason); trying again, next in \(seconds(delay))"
    case .lost(let reason):
      "\(name) is lost: \(reason)"
    case .silent:
      "\(name) is silent; waiting for it"
    case .returned(let gap):
      "\(name) is back, \(seconds(gap)) after its last frame"
    case .changed(let width, let height, let restarts):
      "the picture is now \(width)x\(height); it is scaled to the first size"
        + (restarts ? ", and tracking begins anew with new ids" : "")
    case .valuesNarrowed(let low, let high, let restarts):
      "\(name) has 16 bits and uses few of them: its values \(low) to \(high) are black to white"
        + (restarts ? " now, and tracking begins anew with new ids" : "")
    case .clockJumped:
      "the clock of \(name) wrapped, leapt or went backwards; time goes on from the last frame, the manifest counts"
    }
  }

  private static func seconds(_ value: Double) -> String { String(format: "%.1f s", value) }
}

extension SourceEvent {
  /// Whether the user may have to do something.
  fileprivate var isTrouble: Bool {
    if case .valuesNarrowed = self { return false }
    return true
  }
}
