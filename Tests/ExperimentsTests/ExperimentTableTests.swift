import Experiments
import Foundation
import NEM
import Neural
import Testing

@Suite struct ExperimentTableTests {
  /// Every name that a row, a series or a run uses is one of a run and a trial before it; no two files share a name.
  @Test(arguments: Experiment.all) func namesAreThere(_ experiment: Experiment) {
    let scores = experiment.rows.flatMap(\.value.scores) + experiment.lossOverObjects.flatMap { $0.points.map(\.score) }
    #expect(!scores.isEmpty)
    for score in scores {
      let run = experiment.runs.first { $0.name == score.run }
      #expect(run?.trials.contains { $0.name == score.trial } == true, "\(score)")
    }
    #expect(Set(experiment.runs.map(\.name)).count == experiment.runs.count)
    for (index, run) in experiment.runs.enumerated() {
      #expect(Set(run.trials.map(\.name)).count == run.trials.count && !run.stages.isEmpty)
      if let start = run.start { #expect(experiment.runs[..<index].contains { $0.name == start }) }
      #expect((run.network ?? experiment.network).with(run.system).fullFrameFault == nil)
    }
  }

  /// What the issue asks for, beside what was published.
  @Test func publishedFigures() {
    let rows = Experiment.all.flatMap(\.rows)
    #expect(rows.compactMap(\.published) == [0.83, 0.41, 0.970, 0.972, 0.997, 0.914, 0.878, 0.981, 0.917, 0.838])
    #expect(rows.compactMap(\.target).prefix(3) == [0.45, 0, 0.90])
  }
}

@Suite struct ExperimentResultsTests {
  private func scores(ami: Double) throws -> SequenceScores {
    let json = #"{"dataset": "", "model": "", "sequences": 1, "ami": \#(ami), "ami_arithmetic": 0, "fg_ari": 0}"#
    return try JSONDecoder().decode(SequenceScores.self, from: Data(json.utf8))
  }

  /// RNN-EM .8 and .9, N-EM .4 and missing.
  @Test func meanSpreadAndMargin() throws {
    let plan = ExperimentPlan(experiment: "shapes", factor: 0.01)
    let table: [String: [Double?]] = ["rnn-em": [0.8, 0.9], "n-em": [0.4, nil], "placed": [nil, nil]]
    let results = try ExperimentResults(.shapes, plan, seeds: 2) { score, seed in
      try table[score.run]![seed - 1].map(scores)
    }
    #expect(results.seeds == 2 && results.rows.map(\.ours.count) == [2, 1, 1, 0])
    #expect(abs(results.rows[0].mean! - 0.85) < 1e-12 && abs(results.rows[0].std! - 0.0707106781) < 1e-9)
    #expect(results.rows[1].std == nil && abs(results.rows[2].mean! - 0.4) < 1e-12)
    #expect(results.rows[0].sequencesSeen == 40 * 32 + 60 * 16)
    let stages = results.runs[0].stages
    #expect(stages.map(\.options.updates) == [40, 60] && stages.map(\.fullUpdates) == [4000, 6000])
    #expect(stages.map(\.options.slots) == [1, 3])
    #expect(results.lines[0] == "AMI, RNN-EM: published 0.83, ours 0.85 ± 0.071 (2 seeds)")
  }

  @Test func ratiosDivide() throws {
    let plan = ExperimentPlan(experiment: "balls")
    let results = try ExperimentResults(.balls, plan, seeds: 1) { score, _ in
      var scores = try scores(ami: 0)
      (scores.bce, scores.collisionBCE) = score.run == "rnn-em" ? (150, nil) : (100, 120)
      return scores
    }
    let ratio = try #require(results.rows.first { $0.label == "BCE, rnn-em over r-nem, 4-balls" })
    #expect(ratio.ours == [1.5] && ratio.target == 1)
    #expect(results.rows.first { $0.label == "BCE at collisions, r-nem, 6-to-8-balls" }?.ours == [120])
    #expect(results.rows.first { $0.label == "BCE at collisions, rnn-em over r-nem, 4-balls" }?.mean == nil)
  }

  /// Several shapes start from one shape's model, and five from that of three: their clips count.
  @Test func clipsOfTheStartCount() throws {
    let results = try ExperimentResults(.flyingShapes, ExperimentPlan(experiment: "flying-shapes"), seeds: 1) { _, _ in
      try scores(ami: 0.5)
    }
    let one = 1500 * 32
    let seen = [3, 3, 5, 5].map { slots in one + 500 * slots * 32 } + [Int](repeating: one + 2800 * 32, count: 2)
    #expect(results.rows.prefix(6).map(\.sequencesSeen) == seen)
  }

  @Test func aCurveEndsAtTheCheckpoint() throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("curve-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    var curve = LearningCurve()
    for (update, loss) in [(5, 0.1), (10, 1.0 / 3), (15, 2e-9)] { curve.add(loss, at: update) }
    try curve.write(path)
    let read = try LearningCurve(path: path, upTo: 10)
    #expect(read.points.map(\.update) == [5, 10] && read.points.map(\.loss) == [0.1, 1.0 / 3])
    try Data("5,x\n".utf8).write(to: URL(fileURLWithPath: path))
    #expect(throws: ExperimentError.damaged(path)) { try LearningCurve(path: path, upTo: 10) }
  }
}
