import Foundation
import NEM
import Neural

/// How much of an experiment is done. It is measured once, then kept: a run that goes on does the same as one that was
/// never stopped.
package struct ExperimentPlan: Codable, Equatable {
  /// Test clips without a budget, and at the least.
  static let testClips = (full: 1000, least: 20)
  let experiment: String
  /// The time that was given, in seconds of this machine; nil for the whole experiment.
  var budget: Double?
  /// Number of seeds that share the budget; without one there may be more later.
  var seeds: Int?
  /// Updates of each stage over those in the table.
  var factor: Double
  /// Clips of each test.
  var clips = testClips.full
  /// What the factor comes from: training clips per second of each run, at the steps of its first stage.
  var clipsPerSecond: [String: Double]?

  enum CodingKeys: String, CodingKey {
    case experiment, budget, seeds, factor, clips
    case clipsPerSecond = "clips_per_second"
  }

  /// A whole experiment, or a part of it.
  package init(experiment: String, budget: Double? = nil, seeds: Int? = nil, factor: Double = 1) {
    (self.experiment, self.budget, self.seeds, self.factor) = (experiment, budget, seeds, factor)
  }

  func updates(_ stage: Experiment.Stage) -> Int {
    max(1, Int((Double(stage.options.updates) * factor).rounded()))
  }

  /// What is missing of the whole experiment, in words; nil if nothing is.
  var cut: String? {
    guard let budget, factor < 1 else { return nil }
    return String(
      format: "for %.0f s: updates of every stage × %.4g, %d test clips of %d", budget, factor, clips,
      Self.testClips.full)
  }

  /// The plan in the folder, or a new one. Throws `ExperimentError.otherPlan` if the folder's is for something else.
  static func make(
    _ experiment: Experiment, budget: Double?, seeds: Int, in folder: ExperimentFolder, speed: SpeedMeasurement
  ) throws -> ExperimentPlan {
    let path = folder.file("plan.json")
    var plan = ExperimentPlan(experiment: experiment.name, budget: budget, seeds: budget == nil ? nil : seeds)
    if let found = try folder.read(ExperimentPlan.self, path) {
      guard (found.experiment, found.budget, found.seeds) == (plan.experiment, plan.budget, plan.seeds) else {
        throw ExperimentError.otherPlan(path)
      }
      return found
    }
    if let budget { try plan.fit(experiment, budget / Double(seeds), speed) }
    try folder.write(plan, path)
    return plan
  }

  /// Chooses the factor for `seconds` of one seed.
  private mutating func fit(_ experiment: Experiment, _ seconds: Double, _ speed: SpeedMeasurement) throws {
    var (training, test) = (0.0, 0.0)
    var rates: [String: Double] = [:]
    for run in experiment.runs {
      let perStep = try speed.secondsPerStep(experiment, run)
      rates[run.name] = 1 / (perStep * Double(run.stages[0].options.steps))
      for stage in run.stages {
        let (options, share) = (stage.options, Double(stage.slots ?? run.slots) / Double(run.slots))
        training += perStep * share * Double(options.updates * options.batch * options.steps)
      }
      let atOnce = Double(max(1, min(speed.threads, run.trials.count)))
      for trial in run.trials { test += try speed.secondsPerTestClip(experiment, run, trial) / atOnce }
    }
    factor = min(1, seconds / (training + Double(Self.testClips.full) * test))
    clips = max(Self.testClips.least, Int(Double(Self.testClips.full) * factor))
    let left = max(seconds - Double(clips) * test, 0.1 * seconds)
    factor = min(1, left / training)
    clipsPerSecond = rates
  }
}

/// Times what a run does, on few clips.
struct SpeedMeasurement {
  let threads: Int
  let mnist: String?

  /// Seconds for one training clip and step. The work is linear in both, but for a memory, whose steps are left as they are.
  func secondsPerStep(_ experiment: Experiment, _ run: Experiment.Run) throws -> Double {
    var options = run.stages[0].options
    (options.slots, options.batch) = (run.slots, min(options.batch, 8))
    if experiment.network(of: run).memory == nil { options.steps = min(options.steps, 4) }
    let source = try run.stages[0].clips.source(.training, frames: options.steps + 1, seed: 1, mnist: mnist)
    let model = try Model(experiment.description(of: run, command: ""), seed: 1)
    let trainer = try Trainer(model, source, options: options, threads: threads)
    // The first update sets up oneDNN.
    _ = try trainer.step()
    let clock = ContinuousClock()
    let start = clock.now
    _ = try trainer.step()
    return (clock.now - start) / .seconds(1) / Double(options.batch * options.steps)
  }

  /// Seconds for one clip of a trial, on one thread.
  func secondsPerTestClip(
    _ experiment: Experiment, _ run: Experiment.Run, _ trial: Experiment.Trial
  ) throws -> Double {
    let clips = 2
    setTensorThreads(1)
    let source = try trial.clips.source(.test, frames: trial.steps + 1, seed: 1, mnist: mnist)
    let evaluation = SequenceEvaluation(
      try Model(experiment.description(of: run, command: ""), seed: 1), slots: trial.slots, steps: trial.steps,
      batch: clips)
    let clock = ContinuousClock()
    var start = clock.now
    // The first run sets up oneDNN.
    for _ in 1...2 {
      start = clock.now
      _ = try evaluation.run(source, count: clips, seed: 1, dataset: trial.name, name: run.name)
    }
    return (clock.now - start) / .seconds(1) / Double(clips)
  }
}

extension Experiment {
  /// The network that a run trains.
  func network(of run: Run) -> NetworkDescription { (run.network ?? network).with(run.system) }

  /// What a run's model files say.
  func description(of run: Run, command: String) -> ModelDescription {
    ModelDescription(
      kind: .fullFrame, network: network(of: run), observation: observation,
      slots: run.slots, command: command)
  }
}
