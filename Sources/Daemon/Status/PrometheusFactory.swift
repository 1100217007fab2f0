import CoreMetrics
import Foundation

/// A backend of swift-metrics that keeps values in memory and prints them in Prometheus' text format. Timers become
/// histograms in seconds. Labels are the metrics' names; names and dimensions stay few, so nothing is ever dropped.
package final class PrometheusFactory: MetricsFactory, @unchecked Sendable {
  private let lock = NSLock()
  private var families: [String: (type: String, series: [String: Series])] = [:]

  /// An empty registry.
  package init() {}

  /// All values.
  package var text: String {
    let copy = lock.withLock { families }
    return copy.sorted { $0.key < $1.key }.map { name, family in
      "# TYPE \(name) \(family.type)\n"
        + family.series.sorted { $0.key < $1.key }.map { $1.text(name, labels: $0) }.joined()
    }.joined()
  }

  private func series(_ name: String, _ type: String, _ dimensions: [(String, String)]) -> Series {
    let labels = dimensions.map { "\($0)=\"\(Self.escaped($1))\"" }.joined(separator: ",")
    return lock.withLock {
      if let known = families[name]?.series[labels] { return known }
      let made = Series(isHistogram: type == "histogram")
      families[name, default: (type, [:])].series[labels] = made
      return made
    }
  }

  private static func escaped(_ value: String) -> String {
    value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
  }

  package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
    series(label, "counter", dimensions)
  }
  package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
    series(label, "gauge", dimensions)
  }
  package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
    series(label, aggregate ? "histogram" : "gauge", dimensions)
  }
  package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    series(label, "histogram", dimensions)
  }
  // Values stay for as long as the program runs.
  package func destroyCounter(_ handler: any CounterHandler) {}
  package func destroyMeter(_ handler: any MeterHandler) {}
  package func destroyRecorder(_ handler: any RecorderHandler) {}
  package func destroyTimer(_ handler: any TimerHandler) {}
}

/// The values of one name and one set of labels.
private final class Series: CounterHandler, MeterHandler, RecorderHandler, TimerHandler, @unchecked Sendable {
  /// Upper bounds in seconds of a histogram's buckets: from a fast stage to a frame that takes a second.
  private static let bounds = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5]
  private let lock = NSLock()
  private var value = 0.0
  private var sum = 0.0
  private var buckets: [Int]?

  init(isHistogram: Bool) { if isHistogram { buckets = [Int](repeating: 0, count: Self.bounds.count + 1) } }

  func increment(by amount: Int64) { lock.withLock { value += Double(amount) } }
  func increment(by amount: Double) { lock.withLock { value += amount } }
  func decrement(by amount: Double) { lock.withLock { value -= amount } }
  func reset() { lock.withLock { value = 0 } }
  func set(_ value: Int64) { set(Double(value)) }
  func set(_ value: Double) { lock.withLock { self.value = value } }
  func record(_ value: Int64) { record(Double(value)) }
  func recordNanoseconds(_ duration: Int64) { record(Double(duration) * 1e-9) }

  func record(_ value: Double) {
    lock.withLock {
      if buckets == nil { self.value = value }
      sum += value
      buckets?[Self.bounds.firstIndex { value <= $0 } ?? Self.bounds.count] += 1
    }
  }

  func text(_ name: String, labels: String) -> String {
    lock.withLock {
      guard let buckets else { return "\(name)\(braced(labels)) \(value)\n" }
      var lines = ""
      var count = 0
      for (index, amount) in buckets.enumerated() {
        count += amount
        let bound = index < Self.bounds.count ? "\(Self.bounds[index])" : "+Inf"
        lines += "\(name)_bucket\(braced(labels + (labels.isEmpty ? "" : ",") + "le=\"\(bound)\"")) \(count)\n"
      }
      return lines + "\(name)_sum\(braced(labels)) \(sum)\n\(name)_count\(braced(labels)) \(count)\n"
    }
  }

  private func braced(_ labels: String) -> String { labels.isEmpty ? "" : "{\(labels)}" }
}
