import ArgumentParser
import ClipFiles
import Foundation
import NEM
import Neural
import Scenes

/// One of the papers' data sets as the commands offer it: its own options, and the papers' settings for it.
protocol ClipSet: ParsableArguments {
  /// The subcommand's name.
  static var name: String { get }
  /// What is to be seen, for the help.
  static var summary: String { get }
  /// Whether features are 0 or 1, and their model is Bernoulli's; else Gaussian.
  static var isBinary: Bool { get }
  /// Frames in a generated clip.
  static var frames: Int { get }
  static var network: NetworkDescription { get }
  /// Pixels of the largest object, and the farthest that one moves on each axis between frames; nil where objects are no
  /// lit figures on a dark ground.
  static var object: (side: Int, reach: Int)? { get }
  /// The papers' settings.
  static var training: TrainingOptions { get }

  /// What the clips are made of, beside split and seed.
  var words: String { get }

  /// Generated clips; `split` decides of what they are made where that is limited.
  func source(_ split: DataSplit, frames: Int, seed: UInt64) throws -> any SequenceSource
}

extension ClipSet {
  /// Throws a usage fault if an option is out of its range.
  static func check(_ values: [(name: String, value: Int)], _ range: ClosedRange<Int>) throws {
    for (name, value) in values where !range.contains(value) {
      throw ValidationError("\(name) is \(value); it must be \(range.lowerBound)…\(range.upperBound)")
    }
  }

  /// Throws a usage fault if a bound of the number of objects is out of its range.
  static func check(objects: ClosedRange<Int>, _ range: ClosedRange<Int>) throws {
    try check([("--objects", objects.lowerBound), ("--objects", objects.upperBound)], range)
  }

  /// Throws a usage fault where clips of a file are to be made in some way.
  static func check(_ file: String?, _ options: Self) throws {
    guard let file, let left = try? Self.parse([]), options.words != left.words else { return }
    throw ValidationError("\(file) holds its clips as they are: leave out what says how generated ones are to be")
  }

  /// One part of a file of clips. Throws if its pictures do not have the network's size.
  static func file(_ path: String, _ split: DataSplit, steps: Int) throws -> ClipFile {
    let file = try ClipFile(path, split, frames: steps + 1)
    let found = [file.format.height, file.format.width, file.format.channels]
    guard found == network.input else {
      func shown(_ sizes: [Int]) -> String { sizes.map(String.init).joined(separator: "×") }
      throw ClipFileError.malformed(
        path, reason: "its pictures are \(shown(found)); the network for \(name) needs \(shown(network.input))")
    }
    return file
  }
}

extension String {
  /// A subcommand's name as words.
  var dashless: String { replacingOccurrences(of: "-", with: " ") }
}

struct ShapesSet: ClipSet {
  static let name = "shapes"
  static let summary = "three still shapes, 28×28"
  static let isBinary = true
  static let frames = 1
  static let network = NetworkDescription.shapes
  static let object: (side: Int, reach: Int)? = (side: 12, reach: 1)
  static let training = TrainingOptions.shapes

  @Option(help: "Shapes in each picture.") var objects = 3
  var words: String { "\(objects)" }

  func validate() throws { try Self.check([("--objects", objects)], 1...ClipFileWriter.mostGroups) }

  func source(_ split: DataSplit, frames: Int, seed: UInt64) -> any SequenceSource {
    Shapes(objects: objects, frames: frames, seed: seed)
  }
}

struct FlyingShapesSet: ClipSet {
  static let name = "flying-shapes"
  static let summary = "shapes that move, 28×28"
  static let isBinary = true
  static let frames = 21
  static let network = NetworkDescription.flyingShapes
  static let object: (side: Int, reach: Int)? = (side: 12, reach: 2)
  static let training = TrainingOptions()

  @Option(help: "Shapes in each clip, or the bounds of their number, as 2..3.") var objects = CountRange(3...3)
  var words: String { "\(objects.range)" }

  func validate() throws { try Self.check(objects: objects.range, 1...ClipFileWriter.mostGroups) }

  func source(_ split: DataSplit, frames: Int, seed: UInt64) -> any SequenceSource {
    FlyingShapes(objects: objects.range, frames: frames, seed: seed)
  }
}

struct FlyingMNISTSet: ClipSet {
  static let name = "flying-mnist"
  static let summary = "grey digits that move, 24×24"
  static let isBinary = false
  static let frames = 21
  static let network = NetworkDescription.flyingMNIST
  static let object: (side: Int, reach: Int)? = (side: 14, reach: 2)
  static let training = TrainingOptions.flyingMNIST

  @Option(help: "Digits in each clip.") var objects = 2
  @Option(help: ArgumentHelp("Folder with MNIST's idx files, packed or not.", valueName: "dir")) var mnist: String?
  @Option(help: "Only so many pictures of MNIST (the papers: 20, 500).")
  var digits: Int?
  var words: String { "\(objects) of \(digits.map(String.init) ?? "all") in \(mnist ?? "")" }

  func validate() throws {
    try Self.check([("--objects", objects)], 1...ClipFileWriter.mostGroups)
    try Self.check([("--digits", digits ?? 1)], 1...60_000)
  }

  func source(_ split: DataSplit, frames: Int, seed: UInt64) throws -> any SequenceSource {
    guard let mnist else {
      throw CommandFault(description: "--mnist is missing; it names the folder with MNIST's idx files", exitCode: 64)
    }
    let set = try DigitFile.read(split, in: mnist, digits: digits)
    return FlyingDigits(set, objects: objects, frames: frames, seed: seed)
  }
}

struct BallsSet: ClipSet {
  static let name = "balls"
  static let summary = "balls of two masses that collide, 64×64"
  static let isBinary = true
  static let frames = 51
  static let network = NetworkDescription.balls
  static let object: (side: Int, reach: Int)? = (side: 15, reach: 3)
  static let training = TrainingOptions.balls

  @Option(help: "Balls in each clip, or the bounds of their number, as 6..8 (default: 4, behind a curtain 3).")
  var objects: CountRange?
  @Flag(help: "Hide a strip of the picture.") var curtain = false
  var words: String { "\(numbers)" + (curtain ? " behind a curtain" : "") }
  private var numbers: ClosedRange<Int> { objects?.range ?? (curtain ? 3...3 : 4...4) }

  func validate() throws {
    if let objects { try Self.check(objects: objects.range, 1...BouncingBalls.mostBalls) }
  }

  func source(_ split: DataSplit, frames: Int, seed: UInt64) -> any SequenceSource {
    BouncingBalls(objects: numbers, hasCurtain: curtain, frames: frames, seed: seed)
  }
}
