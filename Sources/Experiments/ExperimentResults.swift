import NEM
import Neural

/// What results.json holds; it follows from the plan and the files of scores alone.
package struct ExperimentResults: Codable {
  package let experiment: String
  /// Seeds with at least one score.
  package let seeds: Int
  /// What the budget took away; nil where nothing was.
  package let cut: String?
  /// Held-out clips of each test.
  package let testClips: Int
  package let rows: [Row]
  package let runs: [Run]

  /// A line of the table.
  package struct Row: Codable {
    package let label: String
    package let published: Double?
    package let target: Double?
    /// For each seed that has been scored, the first first.
    package let ours: [Double]
    package let mean: Double?
    /// Of the sample, n − 1 in the denominator; nil for one seed.
    package let std: Double?
    /// In training, with those of the models it started from.
    package let sequencesSeen: Int

    enum CodingKeys: String, CodingKey {
      case label, published, target, ours, mean, std
      case sequencesSeen = "sequences_seen"
    }
  }

  /// What was trained.
  package struct Run: Codable {
    package let name: String
    package let system: String
    package let network: NetworkDescription
    package let slots: Int
    package let start: String?
    package let stages: [Stage]
  }

  /// One stage's settings.
  package struct Stage: Codable {
    package let clips: String
    /// Its options for the first seed; `updates` are those made.
    package let options: TrainingOptions
    /// Updates without a budget.
    package let fullUpdates: Int

    enum CodingKeys: String, CodingKey {
      case clips, options
      case fullUpdates = "full_updates"
    }
  }

  enum CodingKeys: String, CodingKey {
    case experiment, seeds, cut, rows, runs
    case testClips = "test_clips"
  }
}

extension ExperimentResults {
  /// - Parameter scores: those of a run's trial with a seed from 1, where there are any.
  package init(
    _ experiment: Experiment, _ plan: ExperimentPlan, seeds: Int,
    scores: (Experiment.Score, _ seed: Int) throws -> SequenceScores?
  ) throws {
    self.experiment = experiment.name
    (cut, testClips) = (plan.cut, plan.clips)
    rows = try experiment.rows.map { row in
      let values = try (1...seeds).compactMap { seed in
        try row.value.number { score in try scores(score, seed).flatMap(score.measure.value) }
      }
      return Row(row, values, sequencesSeen: experiment.sequencesSeen(row.value.scores[0].run, plan))
    }
    self.seeds = rows.map(\.ours.count).max() ?? 0
    runs = experiment.runs.map { run in
      Run(
        name: run.name, system: run.system.rawValue, network: experiment.network(of: run), slots: run.slots,
        start: run.start,
        stages: run.stages.enumerated().map { index, stage in
          Stage(
            clips: stage.clips.summary, options: plan.options(run, index, seed: 1),
            fullUpdates: stage.options.updates)
        })
    }
  }

  /// The table, one line a row.
  package var lines: [String] {
    func shown(_ value: Double?) -> String {
      guard let value else { return "–" }
      let unit = value.magnitude < 10 ? 1000.0 : 10
      return String((value * unit).rounded() / unit)
    }
    return rows.map { row in
      let spread = row.std.map { " ± " + shown($0) } ?? ""
      return
        "\(row.label): published \(shown(row.published)), ours \(shown(row.mean))\(spread) (\(row.ours.count) seeds)"
    } + (cut.map { ["cut " + $0] } ?? [])
  }
}

extension ExperimentResults.Row {
  fileprivate init(_ row: Experiment.Row, _ values: [Double], sequencesSeen: Int) {
    (label, published, target, ours) = (row.label, row.published, row.target, values)
    self.sequencesSeen = sequencesSeen
    let count = Double(values.count)
    let mean = values.isEmpty ? nil : values.reduce(0, +) / count
    self.mean = mean
    std = mean.flatMap { mean in
      guard count > 1 else { return nil }
      return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)).squareRoot()
    }
  }
}

extension Experiment.Value {
  /// The number, if all that it needs is there and is finite.
  fileprivate func number(_ score: (Experiment.Score) throws -> Double?) rethrows -> Double? {
    let values = try scores.compactMap(score)
    guard values.count == scores.count else { return nil }
    let number =
      switch self {
      case .score: values[0]
      case .ratio: values[0] / values[1]
      case .margin: values[0] - values[1]
      }
    return number.isFinite ? number : nil
  }
}

extension Experiment {
  /// Training clips of a run and of those before it that it starts from.
  fileprivate func sequencesSeen(_ name: String, _ plan: ExperimentPlan) -> Int {
    guard let run = runs.first(where: { $0.name == name }) else { return 0 }
    let own = run.stages.reduce(0) { $0 + plan.updates($1) * $1.options.batch }
    return own + (run.start.map { sequencesSeen($0, plan) } ?? 0)
  }
}
