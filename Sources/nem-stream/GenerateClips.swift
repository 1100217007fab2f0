import ArgumentParser
import ClipFiles
import Kernels

/// A data set of the papers as one HDF5 file.
struct GenerateClips<Clips: ClipSet>: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: Clips.name, abstract: "Make the papers' data set of \(Clips.summary), as HDF5.",
      usage: "nem-stream generate \(Clips.name) --out <file> [<options>]",
      discussion: """
        Groups training, validation and test, each with features and groups (0: background and overlaps) of shape \
        (T, N, H, W, C); balls also have collisions: at t, the pixels of frame t+1 of balls that hit each other before it.
        Example: nem-stream generate \(Clips.name)\(Clips.isBinary ? "" : " --mnist DIR") --count 50000 --out FILE.h5
        """)
  }

  @Option(help: ArgumentHelp("File to write.", valueName: "file")) var out: String
  @Option(help: "Clips to train on.") var count = 1000
  @Option(help: "Clips to validate on (default: a fifth of --count).") var validation: Int?
  @Option(help: "Clips to test on (default: a fifth of --count).") var test: Int?
  @Option(help: "Frames in each clip.") var frames = Clips.frames
  @Option(help: "Seed; equal seeds give equal files.") var seed: UInt64 = 1
  @Flag(help: "Replace an existing file.") var overwrite = false
  @OptionGroup var clips: Clips

  func validate() throws {
    try Clips.check(
      [("--count", count), ("--validation", validation ?? 1), ("--test", test ?? 1)], 1...10_000_000)
    try Clips.check([("--frames", frames)], 1...10_000)
    guard !out.isEmpty else { throw ValidationError("--out is empty; it must name a file") }
  }

  func run() throws {
    let sources = try DataSplit.allCases.map { try clips.source($0, frames: frames, seed: seed(of: $0)) }
    let writer = try ClipFileWriter(out, overwrite: overwrite)
    Interruption.install()
    let fifth = max(count / 5, 1)
    for (index, split) in DataSplit.allCases.enumerated() {
      let clipCount = [count, validation ?? fifth, test ?? fifth][index]
      try writer.write(split, sources[index], count: clipCount, isBinary: Clips.isBinary) {
        if Interruption.flag.isSet { throw CommandFault.interrupted("\(out) is not written") }
      }
    }
    try writer.close()
  }

  /// The training clips are those that `train` generates with this seed; the other parts have seeds of their own.
  private func seed(of split: DataSplit) -> UInt64 {
    guard split != .training else { return seed }
    var random = RandomSource(seed: seed, index: split == .validation ? .max - 1 : .max - 2)
    return random.next()
  }
}
