import Foundation
import VideoIO

/// The loss against updates, as mean values between points at equal distances.
package struct LearningCurve {
  /// Points of one stage at most, more or less.
  static let points = 200
  /// Updates and the mean loss of those since the point before.
  package private(set) var points: [(update: Int, loss: Double)] = []

  /// Updates between points.
  static func interval(_ updates: Int) -> Int { max(1, updates / points) }

  package init() {}

  /// Reads the points up to an update; a killed run may have left one more. Throws `ExperimentError.damaged`.
  package init(path: String, upTo update: Int) throws {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { throw ExperimentError.damaged(path) }
    for line in text.split(separator: "\n") {
      let fields = line.split(separator: ",")
      guard fields.count == 2, let place = Int(fields[0]), let loss = Double(fields[1]) else {
        throw ExperimentError.damaged(path)
      }
      if place <= update { points.append((place, loss)) }
    }
  }

  package mutating func add(_ loss: Double, at update: Int) { points.append((update, loss)) }

  /// One line per point, without a head.
  package func write(_ path: String) throws {
    try AtomicFile.write(Array(points.map { "\($0.update),\($0.loss)\n" }.joined().utf8), to: path)
  }
}
