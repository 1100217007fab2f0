import ArgumentParser

/// `nem-stream train`: networks from footage and from generated data.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Train a network, on your own footage or on generated scenes.",
    discussion: "Example: nem-stream train footage.mp4 --model mine.safetensors",
    subcommands: [
      TrainFootage.self, TrainSilhouettes.self, TrainClips<ShapesSet>.self, TrainClips<FlyingShapesSet>.self,
      TrainClips<FlyingMNISTSet>.self, TrainClips<BallsSet>.self, TrainClips<PicturesSet>.self,
    ],
    defaultSubcommand: TrainFootage.self)
}
