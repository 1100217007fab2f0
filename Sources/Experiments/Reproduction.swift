import Dispatch
import Foundation
import Kernels
import NEM
import Neural
import Synchronization

/// Runs an experiment: every run for every seed is trained, scored and pictured; what is done already stays.
///
/// All that is written but timings.json follows from the plan, byte for byte, however often the program was killed.
package struct Reproduction {
  /// Of the held-out clips: another than all training seeds.
  private static let testSeed: UInt64 = 1_000_000
  private let experiment: Experiment
  private let plan: ExperimentPlan
  private let seeds: Int
  private let folder: ExperimentFolder
  private let environment: ExperimentEnvironment

  /// Makes or finds the folder and the plan in it; with a budget in seconds, this measures how fast training is.
  package init(
    _ experiment: Experiment, seeds: Int, budget: Double?, folder path: String, _ environment: ExperimentEnvironment
  ) throws {
    (self.experiment, self.seeds, self.environment) = (experiment, seeds, environment)
    // The clips of every run can be made, before hours are spent on the first.
    for run in experiment.runs {
      for stage in run.stages { _ = try stage.clips.source(.training, frames: 2, seed: 1, mnist: environment.mnist) }
      for trial in run.trials { _ = try trial.clips.source(.test, frames: 2, seed: 1, mnist: environment.mnist) }
    }
    folder = try ExperimentFolder(path)
    plan = try ExperimentPlan.make(
      experiment, budget: budget, seeds: seeds, in: folder,
      speed: SpeedMeasurement(threads: environment.threads, mnist: environment.mnist))
    let recipe = folder.file("recipe.json")
    guard try folder.follows(experiment.recipe, recipe) else { throw ExperimentError.otherRecipe(recipe) }
    if let cut = plan.cut { environment.report("cut " + cut) }
  }

  /// Does all that is not done yet, and returns the table, one line a row.
  package func run() throws -> [String] {
    for seed in 1...seeds {
      for run in experiment.runs {
        try train(run, seed: seed)
        try score(run, seed: seed)
        if seed == 1 { try picture(run) }
      }
      // A table after each seed: the first one is what most wait for.
      try summarize()
    }
    return try summarize()
  }

  private func train(_ run: Experiment.Run, seed: Int) throws {
    for index in run.stages.indices {
      let name = run.stage(index, seed: seed)
      let options = plan.options(run, index, seed: seed)
      let description = experiment.description(
        of: run, command: "nem-stream reproduce \(experiment.name): \(name)")
      let source = try run.stages[index].clips.source(
        .training, frames: options.frames(of: description.network), seed: options.seed, mnist: environment.mnist)
      let model = try Model(description, seed: UInt64(seed))
      let training = StageTraining(
        model: model, source: source, options: options, folder: folder, name: name, environment: environment)
      guard !FileManager.default.fileExists(atPath: folder.model(name)) else {
        training.tidy()
        continue
      }
      if let before = start(of: run, index, seed: seed) { try model.loadWeights(from: folder.model(before)) }
      try training.run()
    }
  }

  /// The stage whose weights a stage starts from.
  private func start(of run: Experiment.Run, _ index: Int, seed: Int) -> String? {
    if index > 0 { return run.stage(index - 1, seed: seed) }
    return experiment.runs.first { $0.name == run.start }?.last(seed: seed)
  }

  /// Scores the trials that have no score yet, several at a time, each on one thread.
  private func score(_ run: Experiment.Run, seed: Int) throws {
    let open = run.trials.filter {
      !FileManager.default.fileExists(atPath: folder.scores(run.trial($0, seed: seed)))
    }
    guard !open.isEmpty else { return }
    var clock = StageClock("\(run.name)-seed\(seed)-scores", folder)
    let failures = Mutex<[any Error]>([])
    let stride = min(environment.threads, open.count)
    DispatchQueue.concurrentPerform(iterations: stride) { place in
      setTensorThreads(1)
      for index in Swift.stride(from: place, to: open.count, by: stride) {
        do {
          try score(run, open[index], seed: seed)
        } catch {
          failures.withLock { $0.append(error) }
        }
      }
    }
    if let failure = failures.withLock({ $0.first }) { throw failure }
    try clock.save()
  }

  private func score(_ run: Experiment.Run, _ trial: Experiment.Trial, seed: Int) throws {
    guard !environment.isStopped() else { throw ExperimentError.stopped }
    let model = try Model(path: folder.model(run.last(seed: seed)))
    let source = try trial.clips.source(
      .test, frames: trial.steps + 1, seed: Self.testSeed, mnist: environment.mnist)
    let scores = try SequenceEvaluation(model, slots: trial.slots, steps: trial.steps, counted: trial.counted)
      .run(source, count: plan.clips, seed: Self.testSeed, dataset: trial.name, name: run.last(seed: seed))
    let name = run.trial(trial, seed: seed)
    try folder.write(scores, folder.scores(name))
    environment.report(String(format: "%@: AMI %.4f", name, scores.ami ?? .nan))
  }

  /// Pictures of the first held-out clip, by the first seed's model.
  private func picture(_ run: Experiment.Run) throws {
    setTensorThreads(1)
    let model = try Model(path: folder.model(run.last(seed: 1)))
    for trial in run.trials {
      let steps = trial.steps
      try picture(run, trial, model, "\(run.name)-\(trial.name)", steps: steps, observed: steps + 1)
    }
    if run.hasRollout, let trial = run.trials.first {
      try picture(run, trial, model, "\(run.name)-rollout", steps: 50, observed: 20)
    }
  }

  private func picture(
    _ run: Experiment.Run, _ trial: Experiment.Trial, _ model: Model, _ name: String, steps: Int, observed: Int
  ) throws {
    let path = folder.figure(name)
    guard !FileManager.default.fileExists(atPath: path) else { return }
    let source = try trial.clips.source(.test, frames: steps + 1, seed: Self.testSeed, mnist: environment.mnist)
    let trace = try SequenceTrace(
      model, try source.sequence(0), slots: trial.slots, observed: observed, seed: Self.testSeed)
    try SlotFigure(trace).write(path)
  }

  /// Writes the table and the charts from the files of scores and curves.
  @discardableResult private func summarize() throws -> [String] {
    func scores(_ score: Experiment.Score, seed: Int) throws -> SequenceScores? {
      try folder.read(SequenceScores.self, folder.scores("\(score.run)-seed\(seed)-\(score.trial)"))
    }
    let results = try ExperimentResults(experiment, plan, seeds: seeds, scores: scores)
    try folder.write(results, folder.file("results.json"))
    try ExperimentCharts(experiment, plan, seeds: seeds, folder: folder).write(scores: scores)
    return results.lines
  }
}

extension ExperimentPlan {
  /// A stage's settings for a seed; each stage has clips and noise of its own.
  func options(_ run: Experiment.Run, _ index: Int, seed: Int) -> TrainingOptions {
    let stage = run.stages[index]
    var options = stage.options
    (options.slots, options.updates) = (stage.slots ?? run.slots, updates(stage))
    var random = RandomSource(seed: UInt64(seed), index: UInt64(index))
    options.seed = random.next() >> 32
    return options
  }
}
