import Foundation
import NEM
import Neural
import Scenes

/// One stage of training of one run, from its checkpoint if there is one.
struct StageTraining {
  let model: Model
  let source: any SequenceSource
  let options: TrainingOptions
  let folder: ExperimentFolder
  /// Names the stage's files.
  let name: String
  let environment: ExperimentEnvironment

  private var checkpoint: String { folder.model(name) + ".checkpoint" }

  /// Trains to the end and writes the model. At each point of the curve, first the curve and then the checkpoint is
  /// written: a kill loses what came since, and the next run does that again.
  func run() throws {
    var clock = StageClock(name, folder)
    let trainer = try Trainer(model, source, options: options, threads: environment.threads)
    var curve = LearningCurve()
    if FileManager.default.fileExists(atPath: checkpoint) {
      try trainer.resume(from: checkpoint)
      curve = try LearningCurve(path: folder.curve(name), upTo: trainer.update)
    }
    let interval = LearningCurve.interval(options.updates)
    var losses: [Double] = []
    var reported = ContinuousClock().now
    while trainer.update < options.updates {
      losses.append(try trainer.step())
      if trainer.update % interval == 0 || trainer.update == options.updates {
        let loss = losses.reduce(0, +) / Double(losses.count)
        losses.removeAll()
        curve.add(loss, at: trainer.update)
        try curve.write(folder.curve(name))
        try trainer.checkpoint(to: checkpoint)
        try clock.save()
        if ContinuousClock().now - reported > .seconds(10) || trainer.update == options.updates {
          reported = ContinuousClock().now
          environment.report(
            String(format: "%@: update %d/%d  loss %.4g", name, trainer.update, options.updates, loss))
        }
      }
      if environment.isStopped() { throw ExperimentError.stopped }
    }
    try model.write(to: folder.model(name))
    unlink(checkpoint)
  }

  /// Removes a checkpoint that a kill left beside the finished model.
  func tidy() { unlink(checkpoint) }
}

/// What an experiment needs of the program around it.
package struct ExperimentEnvironment: Sendable {
  /// CPU threads.
  package let threads: Int
  /// Folder with MNIST's files.
  package let mnist: String?
  /// Whether the user wants to stop.
  package let isStopped: @Sendable () -> Bool
  /// Tells how far it is.
  package let report: @Sendable (String) -> Void

  package init(
    threads: Int, mnist: String?, isStopped: @escaping @Sendable () -> Bool,
    report: @escaping @Sendable (String) -> Void
  ) {
    (self.threads, self.mnist, self.isStopped, self.report) = (threads, mnist, isStopped, report)
  }
}
