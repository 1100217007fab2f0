import Charts
import Foundation
import NEM
import VideoIO

/// curves.csv, curves.png and the chart of losses against the number of objects.
struct ExperimentCharts {
  let experiment: Experiment
  let plan: ExperimentPlan
  let seeds: Int
  let folder: ExperimentFolder

  init(_ experiment: Experiment, _ plan: ExperimentPlan, seeds: Int, folder: ExperimentFolder) {
    (self.experiment, self.plan, self.seeds, self.folder) = (experiment, plan, seeds, folder)
  }

  func write(scores: (Experiment.Score, _ seed: Int) throws -> SequenceScores?) throws {
    try writeCurves()
    guard !experiment.lossOverObjects.isEmpty else { return }
    var chart = LineChart(title: "NEXT-STEP BCE", across: "OBJECTS")
    for series in experiment.lossOverObjects {
      let points = try series.points.compactMap { objects, score -> (x: Double, y: Double)? in
        let values = try (1...seeds).compactMap { seed in try scores(score, seed).flatMap(score.measure.value) }
        return values.isEmpty ? nil : (Double(objects), values.reduce(0, +) / Double(values.count))
      }
      chart.add(series.name, points)
    }
    try PNGFile.write(chart.painted(), to: folder.figure("bce-over-objects"))
  }

  /// All stages of a run one after another; a line for each seed, a colour for each run.
  private func writeCurves() throws {
    var text = "run,seed,update,loss\n"
    var chart = LineChart(title: "\(experiment.name) loss", across: "UPDATES")
    for run in experiment.runs {
      for seed in 1...seeds {
        var points: [(x: Double, y: Double)] = []
        var before = 0
        for (index, stage) in run.stages.enumerated() {
          let path = folder.curve(run.stage(index, seed: seed))
          guard FileManager.default.fileExists(atPath: path) else { break }
          for point in try LearningCurve(path: path, upTo: .max).points {
            text += "\(run.name),\(seed),\(before + point.update),\(point.loss)\n"
            points.append((Double(before + point.update), point.loss))
          }
          before += plan.updates(stage)
        }
        chart.add(run.name, points)
      }
    }
    try AtomicFile.write(Array(text.utf8), to: folder.file("curves.csv"))
    try PNGFile.write(chart.painted(), to: folder.file("curves.png"))
  }
}
