import Charts
import Foundation
import VideoIO

/// The loss as training goes on, beside the model: NAME.loss.csv with a line for each point, and NAME.loss.png. Both are
/// replaced in one step, so that a kill leaves the last ones whole.
struct TrainingCurve {
  private struct Point {
    var update: Int
    var loss: Double?
    var heldOut: Double?
  }

  /// Points of the loss at most, more or less.
  private static let resolution = 400
  private static let head = "update,loss,held_out"
  private let stem: String
  private let interval: Int
  private var points: [Point] = []
  private var losses: [Double] = []
  private var isLost = false

  /// The curve of a model's training over `total` updates; of a run that goes on after `update`, with what is there.
  init(model: String, total: Int, resumedAt update: Int) {
    stem = model.hasSuffix(".safetensors") ? String(model.dropLast(".safetensors".count)) : model
    interval = max(1, total / Self.resolution)
    guard update > 0, let text = try? String(contentsOfFile: stem + ".loss.csv", encoding: .utf8) else { return }
    for line in text.split(separator: "\n").dropFirst() {
      let fields = line.split(separator: ",", omittingEmptySubsequences: false)
      guard fields.count == 3, let place = Int(fields[0]), place <= update else { continue }
      points.append(Point(update: place, loss: Double(fields[1]), heldOut: Double(fields[2])))
    }
  }

  /// Takes the loss of an update; a point is the mean since the last one.
  mutating func add(_ loss: Double, update: Int) {
    losses.append(loss)
    guard update % interval == 0 else { return }
    points.append(Point(update: update, loss: losses.reduce(0, +) / Double(losses.count)))
    losses.removeAll(keepingCapacity: true)
  }

  /// Takes the loss on held-out clips after an update.
  mutating func add(heldOut loss: Double, update: Int) {
    if points.last?.update == update {
      points[points.count - 1].heldOut = loss
    } else {
      points.append(Point(update: update, heldOut: loss))
    }
  }

  /// Writes both files. That they cannot be written is said once, and is no reason to end a training.
  mutating func write() {
    do throws(VideoError) {
      try writeFiles()
    } catch {
      if !isLost { Console.log.note(.warning, "curve", "\(error); training goes on without") }
      isLost = true
    }
  }

  private func writeFiles() throws(VideoError) {
    func field(_ value: Double?) -> String { value.map { String(format: "%.6g", $0) } ?? "" }
    let lines = [Self.head] + points.map { "\($0.update),\(field($0.loss)),\(field($0.heldOut))" }
    try AtomicFile.write(Array((lines.joined(separator: "\n") + "\n").utf8), to: stem + ".loss.csv")
    var chart = LineChart(title: "loss", across: "UPDATES")
    chart.add("training", points.compactMap { point in point.loss.map { (Double(point.update), $0) } })
    chart.add("held out", points.compactMap { point in point.heldOut.map { (Double(point.update), $0) } })
    try PNGFile.write(chart.painted(), to: stem + ".loss.png")
  }
}
