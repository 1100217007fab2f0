import NEM
import Neural

/// One of the papers' experiments as data: what is trained, on what it is scored, and what was published.
package struct Experiment: Sendable {
  /// The command's name for it.
  package let name: String
  /// The network of all its runs, with RNN-EM's cell.
  package let network: NetworkDescription
  /// `bernoulli`, `grey-bernoulli` or `gaussian`.
  package let observation: String
  /// What is trained, in this order.
  package let runs: [Run]
  /// The table that comes out.
  package let rows: [Row]
  /// The next-step loss against the number of objects, where the paper draws it.
  package var lossOverObjects: [LossSeries] = []

  /// A system that is trained in stages and scored.
  package struct Run: Sendable, Encodable {
    /// Also names its files.
    package let name: String
    package var system = PublishedSystem.rnnEM
    /// The network where it is not the experiment's.
    package var network: NetworkDescription?
    /// K in training.
    package let slots: Int
    /// The run, earlier in the list, whose last model is the start; nil for fresh weights.
    package var start: String?
    package let stages: [Stage]
    package let trials: [Trial]
    /// Whether a picture shows it going on alone for 30 steps after 20 seen.
    package var hasRollout = false
  }

  /// A stage of training: its clips and settings. The seed is the run's.
  package struct Stage: Sendable, Encodable {
    package let clips: ClipRecipe
    package var options: TrainingOptions
    /// K where it is not the run's.
    package var slots: Int?
  }

  /// A test on held-out clips.
  package struct Trial: Sendable, Encodable {
    /// Also names its files.
    package let name: String
    package let clips: ClipRecipe
    package let slots: Int
    package let steps: Int
    /// The steps whose scores count.
    package var counted = LossSteps.all
  }

  /// A line of the table.
  package struct Row: Sendable {
    package let label: String
    package let value: Value
    /// What the papers say.
    package var published: Double?
    /// What this project aims at: the mean is to reach it.
    package var target: Double?
  }

  /// What a line shows, for each seed.
  package enum Value: Sendable {
    case score(Score)
    case ratio(Score, over: Score)
    case margin(Score, above: Score)

    package var scores: [Score] {
      switch self {
      case .score(let score): [score]
      case .ratio(let one, let other), .margin(let one, let other): [one, other]
      }
    }
  }

  /// One number of one trial.
  package struct Score: Sendable {
    package let run: String
    package let trial: String
    package let measure: Measure
  }

  /// Which number of a trial.
  package enum Measure: Sendable {
    case ami, bce, collisionBCE

    package func value(_ scores: SequenceScores) -> Double? {
      switch self {
      case .ami: scores.ami
      case .bce: scores.bce
      case .collisionBCE: scores.collisionBCE
      }
    }
  }

  /// A line of the chart of losses.
  package struct LossSeries: Sendable {
    package let name: String
    package let points: [(objects: Int, score: Score)]
  }
}

extension Experiment.Value {
  /// A score by the names of its run and trial.
  package static func of(_ run: String, _ trial: String, _ measure: Experiment.Measure) -> Self {
    .score(Experiment.Score(run: run, trial: trial, measure: measure))
  }

  /// How one run's score compares with another's.
  package static func ratio(
    _ run: String, over other: String, _ trial: String, _ measure: Experiment.Measure
  ) -> Self {
    .ratio(
      Experiment.Score(run: run, trial: trial, measure: measure),
      over: Experiment.Score(run: other, trial: trial, measure: measure))
  }
}

extension Experiment {
  /// What models and scores follow from, beside seeds, budget and the code.
  struct Recipe: Encodable {
    let network: NetworkDescription
    let observation: String
    let runs: [Run]
  }

  var recipe: Recipe { Recipe(network: network, observation: observation, runs: runs) }
}
