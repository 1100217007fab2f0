import Foundation
import Masks

/// What the status server shows of a run.
package struct StatusPages: Sendable {
  /// Seconds without a frame after which a run that does not wait for its source counts as ill.
  private static let patience = 30.0
  private let health: RunHealth
  private let metrics: RunMetrics
  private let registry: PrometheusFactory
  private let root: String?

  /// Pages about a run; `root` is the folder of its output.
  package init(health: RunHealth, metrics: RunMetrics, registry: PrometheusFactory, root: String?) {
    (self.health, self.metrics, self.registry, self.root) = (health, metrics, registry, root)
  }

  /// The page of a path; nil if there is none.
  package func page(_ path: String) -> StatusAnswer? {
    let now = health.snapshot
    switch path {
    case "/healthz":
      let isWell = now.isWaiting || now.idleSeconds < Self.patience
      return StatusAnswer(isWell ? "200 OK" : "503 Service Unavailable", body: Supervisor.status(now) + "\n")
    case "/readyz":
      let isReady = now.frames > 0 && now.outputFault == nil
      return StatusAnswer(isReady ? "200 OK" : "503 Service Unavailable", body: Supervisor.status(now) + "\n")
    case "/metrics":
      metrics.refresh(now, root: root)
      return StatusAnswer(type: "text/plain; version=0.0.4; charset=utf-8", body: registry.text)
    case "/tracks": return StatusAnswer(type: "application/json", body: Self.tracks(now))
    default: return nil
    }
  }

  /// The last frame's line as in frames.jsonl; an empty object before the first.
  private static func tracks(_ now: RunHealth.Snapshot) -> String {
    guard let frame = now.lastFrame else { return "{}\n" }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return (try? encoder.encode(frame)).map { String(decoding: $0, as: UTF8.self) + "\n" } ?? "{}\n"
  }
}
