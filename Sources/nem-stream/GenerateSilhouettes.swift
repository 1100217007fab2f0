import ArgumentParser
import Kernels
import Masks
import Scenes
import VideoIO

/// Videos of generated silhouettes that cross and hide each other.
struct GenerateSilhouettes: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "silhouettes", abstract: "Make gray videos of silhouettes that enter, cross, stop, hide and leave.",
    usage: "nem-stream generate silhouettes --out <dir> [<options>]",
    discussion: """
      DIR/000/video.mkv, DIR/000/Annotations/00000.png (16-bit gray, object id, 0 for none) and DIR/000/scene.json \
      (crossings, and who is hidden when), then DIR/001. An object keeps its id while it is hidden; 25 frames a second.
      Example: nem-stream generate silhouettes --objects 3..8 --count 20 --out scenes
      """)

  @Option(help: ArgumentHelp("Folder for the scenes.", valueName: "dir")) var out: String
  @Option(help: "Number of scenes.") var count = 1
  @Option(help: "Frames in each scene, warm-up included.") var frames = 300
  @Option(help: "Frames without objects at the beginning.") var warmUp = 50
  @Option(help: "Most objects at a time, drawn for each scene.") var objects = CountRange(3...8)
  @Option(help: "Seed; equal seeds give equal files.") var seed: UInt64 = 1

  private struct Record: Encodable {
    var seed: UInt64
    var index: Int
    var frames: Int
    var warmUp: Int
    var objects: Int
    var crossings: Int
    var occlusions: [SceneFacts.Occlusion]
  }

  func validate() throws {
    guard (1...100_000).contains(count) else { throw ValidationError("--count is \(count); it must be 1…100000") }
    guard (1...10_000).contains(frames) else { throw ValidationError("--frames is \(frames); it must be 1…10000") }
    guard (0...frames).contains(warmUp) else {
      throw ValidationError("--warm-up is \(warmUp); it must be 0…\(frames), the number of frames")
    }
    guard objects.range.lowerBound >= 0, objects.range.upperBound <= 32 else {
      throw ValidationError("--objects is \(objects.defaultValueDescription); it must lie in 0..32")
    }
    guard !out.isEmpty else { throw ValidationError("--out is empty; it must name a folder") }
  }

  func run() throws {
    for index in 0..<count { try generate(index) }
  }

  private func generate(_ index: Int) throws {
    var configuration = SilhouetteVideoConfiguration()
    (configuration.frames, configuration.warmUp) = (frames, warmUp)
    var random = RandomSource(seed: seed, index: UInt64(index))
    configuration.scene.maximumObjects = objects.range.lowerBound + random.integer(below: objects.range.count)
    let (width, height) = (configuration.scene.width, configuration.scene.height)
    let folder = try SceneFolder(
      out + "/" + OutputLayout.digits(index, 3), width: width, height: height, isGray: true, isFullRange: true,
      frameRate: Rational(numerator: 25, denominator: 1))
    let video = SilhouetteVideo(configuration: configuration, seed: random.next())
    for frame in 0..<frames {
      let (picture, truth) = video.frame(frame)
      try folder.write([picture], truth: truth)
    }
    try folder.close(
      Record(
        seed: seed, index: index, frames: frames, warmUp: warmUp, objects: video.facts.objects,
        crossings: video.facts.crossings, occlusions: video.facts.occlusions))
  }
}
