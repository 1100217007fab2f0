import ArgumentParser

/// `nem-stream evaluate`: scores against the truth.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Score a model against the truth.",
    discussion: "Example: nem-stream evaluate video --truth data/schoolgirls --masks out/",
    subcommands: [
      EvaluateClips<ShapesSet>.self, EvaluateClips<FlyingShapesSet>.self, EvaluateClips<FlyingMNISTSet>.self,
      EvaluateClips<BallsSet>.self, EvaluateClips<PicturesSet>.self, EvaluateForeground.self, EvaluateVideo.self,
    ])
}
