import ArgumentParser
import Foundation

/// `nem-stream generate`: material with known truth.
struct GenerateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate", abstract: "Make videos and data sets whose objects are known.",
    discussion: "Example: nem-stream generate silhouettes --objects 3..8 --count 20 --out scenes",
    subcommands: [
      GenerateSilhouettes.self, GenerateComposite.self, GenerateClips<ShapesSet>.self,
      GenerateClips<FlyingShapesSet>.self, GenerateClips<FlyingMNISTSet>.self, GenerateClips<BallsSet>.self,
    ])
}

/// How many of something: a whole number, or the bounds of a range from which it is drawn, as 3..8.
struct CountRange: ExpressibleByArgument {
  let range: ClosedRange<Int>

  init(_ range: ClosedRange<Int>) { self.range = range }

  init?(argument: String) {
    let bounds = argument.components(separatedBy: "..").map { Int($0) }
    guard 1...2 ~= bounds.count, let low = bounds[0], let high = bounds[bounds.count - 1], low <= high else {
      return nil
    }
    range = low...high
  }

  var defaultValueDescription: String {
    range.lowerBound == range.upperBound ? "\(range.lowerBound)" : "\(range.lowerBound)..\(range.upperBound)"
  }
}
