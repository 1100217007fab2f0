import ArgumentParser
import Background
import Evaluation
import Foundation
import Kernels
import VideoIO

/// Precision, recall and F of the background subtractor on picture folders with true masks.
struct EvaluateForeground: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "foreground", abstract: "Score the background subtractor on sequences with true masks.",
    discussion: """
      A sequence is a folder as in CDnet-2014: input/ (or in/), groundtruth/, temporalROI.txt, ROI.bmp.
      Example: nem-stream evaluate foreground data/highway data/office
      """)

  @Argument(help: "Sequence folders.") var sequences: [String]
  @Option(help: "Fixed learning rate instead of a falling one.") var learningRate: Float?
  @Flag(help: "Call cast shadows static where brightness alone tells them.") var shadows = false
  @Flag(help: "Print one JSON object per sequence.") var json = false

  private struct Line: Encodable {
    var sequence: String
    var precision: Double
    var recall: Double
    var f: Double
  }

  func run() throws {
    var configuration = BackgroundConfiguration()
    configuration.learningRate = learningRate
    configuration.detectShadows = shadows
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
    var subtractor: BackgroundSubtractor?
    return try ForegroundBenchmark.score(sequence, readGray: ImageFile.readGray) { path in
      let luma = try ImageFile.readGray(path)
      let model =
        try subtractor
        ?? BackgroundSubtractor(width: luma.width, height: luma.height, configuration: configuration)
      subtractor = model
      var mask = Image<UInt8>(width: luma.width, height: luma.height, fill: 0)
      luma.pixels.withUnsafeBufferPointer { model.apply(luma: $0, stride: luma.width, into: &mask) }
      return mask
    }
  }

  private func show(_ line: Line) throws {
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      print(String(decoding: try encoder.encode(line), as: UTF8.self))
    } else {
      print(
        String(format: "P %.3f  R %.3f  F %.3f  ", line.precision, line.recall, line.f) + line.sequence)
    }
  }
}
