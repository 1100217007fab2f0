import Foundation
import NEM
import Neural
import VideoIO

/// A training run as the commands drive it: update by update, with checkpoints between.
protocol ResumableTraining: AnyObject {
  /// Updates made so far.
  var update: Int { get }
  var isFinished: Bool { get }
  /// One update; returns its loss.
  func step() throws -> Double
  func checkpoint(to path: String) throws
  /// The last loss on held-out clips, and the update it was measured after; nil where there is none.
  var lastLook: (update: Int, loss: Double)? { get }
}

extension ResumableTraining {
  var lastLook: (update: Int, loss: Double)? { nil }
}

/// The model file that a training run writes, and the checkpoint beside it.
struct TrainingFiles {
  let model: String
  var checkpoint: String { model + ".checkpoint" }

  /// The command line for the model's metadata; a resumed run must give the file that an uninterrupted one gives.
  static var command: String {
    let words = CommandLine.arguments.dropFirst().filter { $0 != "--resume" }
    return (["nem-stream"] + words.map(quoted)).joined(separator: " ")
  }

  /// A word as a shell takes it.
  private static func quoted(_ word: String) -> String {
    word.wholeMatch(of: /[A-Za-z0-9_.,:=+@%\/-]+/) != nil ? word : "'" + word.replacing("'", with: #"'\''"#) + "'"
  }

  /// Finds out before hours of training whether their result can be written.
  func check(resume: Bool = false) throws {
    if resume {
      _ = try ModelLocator.readable(checkpoint)
    } else if FileManager.default.fileExists(atPath: checkpoint) {
      throw VideoError.cannotCreate(
        model, reason: "\(checkpoint) of a stopped training is there; go on with --resume, or remove it")
    }
    let folder = URL(fileURLWithPath: model).deletingLastPathComponent().path
    guard access(folder, W_OK) == 0 else {
      throw VideoError.cannotCreate(model, reason: String(cString: strerror(errno)))
    }
    var isFolder: ObjCBool = false
    guard !FileManager.default.fileExists(atPath: model, isDirectory: &isFolder) || !isFolder.boolValue else {
      throw VideoError.cannotCreate(model, reason: "it is a directory")
    }
    guard AtomicFile.isReplaceable(model) else {
      throw VideoError.cannotCreate(model, reason: "it is not a regular file")
    }
    // A kill between the model and the end of its checkpoint leaves both.
    guard resume || !FileManager.default.fileExists(atPath: model) else {
      throw VideoError.cannotCreate(model, reason: "it exists; remove it, or give the new model another name")
    }
  }

  /// Trains to the end or to the user's stop, with a checkpoint and the curve at each `interval` and at both ends;
  /// `validate` gives the loss on held-out clips, which is told then. Of several processes the first tells and writes.
  func run(
    _ training: any ResumableTraining, total: Int, clipsPerUpdate: Int, interval: Int,
    validate: (() throws -> Double)? = nil, group: ProcessGroup = .alone
  ) throws {
    var progress = TrainingProgress(total: total, clipsPerUpdate: clipsPerUpdate)
    var curve = TrainingCurve(model: model, total: total, resumedAt: training.update)
    if let start = training.lastLook, training.update == 0 { curve.add(heldOut: start.loss, update: 0) }
    while !training.isFinished {
      let loss = try training.step()
      let isStopped = group.decision(Interruption.flag.isSet)
      if group.isFirst { progress.add(loss, update: training.update) }
      curve.add(loss, update: training.update)
      if let look = training.lastLook, look.update == training.update {
        curve.add(heldOut: look.loss, update: look.update)
      }
      if group.isFirst, training.update % interval == 0 || training.isFinished || isStopped {
        if let validate, !isStopped {
          let loss = try validate()
          Console.note(String(format: "update %d  validation loss %.4g", training.update, loss))
          curve.add(heldOut: loss, update: training.update)
        }
        // What it holds beyond the checkpoint is dropped by whoever goes on from there.
        curve.write()
        try training.checkpoint(to: checkpoint)
      }
      if isStopped {
        group.finish()
        throw CommandFault.interrupted("--resume goes on after update \(training.update) of \(total)")
      }
    }
  }

  /// Writes the model; the checkpoint is of no more use.
  func finish(_ writeModel: (String) throws -> Void) throws {
    try writeModel(model)
    unlink(checkpoint)
  }
}
