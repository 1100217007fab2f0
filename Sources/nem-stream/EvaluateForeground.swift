import ArgumentParser
import Background
import Evaluation
import Foundation
import Pipeline
import VideoIO

/// Precision, recall and F of the background subtractor on picture folders with true masks.
struct EvaluateForeground: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "foreground", abstract: "Score the background subtractor on sequences with true masks.",
    usage: "nem-stream evaluate foreground <sequences> ... [<options>]",
    discussion: """
      A sequence is a folder as in CDnet-2014: input/ (or in/), groundtruth/, temporalROI.txt, ROI.bmp.
      Example: nem-stream evaluate foreground data/highway data/office
      """)

  @Argument(help: "Sequence folders.") var sequences: [String]
  @Option(help: "Fixed learning rate instead of a falling one.") var learningRate: Float?
  @Flag(inversion: .prefixedNo, help: "Take cast shadows, reflections and other light out of the masks.")
  var shadowRemoval = true
  @Flag(help: "Print one JSON object per sequence.") var json = false

  private struct Line: Encodable {
    var sequence: String
    var precision: Double
    var recall: Double
    var f: Double
  }

  func validate() throws {
    if let learningRate, !(0.000_01...1).contains(learningRate) {
      throw ValidationError("--learning-rate is \(learningRate); it must be 0.00001…1")
    }
  }

  func run() throws {
    var configuration = BackgroundConfiguration()
    configuration.learningRate = learningRate
    configuration.removeShadows = shadowRemoval
    configuration.compensateLight = shadowRemoval
    try configuration.validate()
    var total = 0.0
    for folder in sequences {
      let sequence = try ForegroundSequence(folder: folder)
      let score = try score(sequence, configuration)
      total += score.fMeasure
      try show(
        Line(sequence: sequence.name, precision: score.precision, recall: score.recall, f: score.fMeasure))
    }
    if !json { print(String(format: "mean F %.3f", total / Double(sequences.count))) }
  }

  private func score(
    _ sequence: ForegroundSequence, _ configuration: BackgroundConfiguration
  ) throws -> ForegroundScore {
    let frames = sequence.frames.map(\.input)
    let first = try ImageFile.readFrame(frames[0])
    func read(_ path: String) throws -> VideoFrame {
      let frame = try ImageFile.readFrame(path)
      guard (frame.width, frame.height) == (first.width, first.height) else {
        throw EvaluationError.mismatch(
          "\(path) is \(frame.width)x\(frame.height) and \(frames[0]) \(first.width)x\(first.height)")
      }
      return frame
    }
    var stage = try BackgroundStage(first, configuration, inFlight: 1)
    stage.prime(try frames.prefix(configuration.primingFrames).map(read))
    return try ForegroundBenchmark.score(sequence, readGray: ImageFile.readGray) {
      stage.observe(try read($0)).foreground
    }
  }

  private func show(_ line: Line) throws {
    if json {
      try Console.printJSON(line)
    } else {
      print(
        String(format: "P %.3f  R %.3f  F %.3f  ", line.precision, line.recall, line.f) + line.sequence)
    }
  }
}
