import Foundation
import Masks
import NEM
import Pipeline
import VideoIO

/// A run of some frames with its output and its state, which fuzzed files are put in the place of.
struct SavedRun {
  /// The one of this process. Its files are read, and its network runs, on one thread at a time.
  nonisolated(unsafe) static let shared: SavedRun = {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fuzz-run-\(getpid())").path
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      return try SavedRun(in: folder, model: "../../Models/default.safetensors")
    } catch { fatalError("\(error)") }
  }()

  private static let width = 48, height = 32, frameCount = 120, savedFrame = 64
  /// Frames that a state is gone on with.
  private static let framesAfter = 4
  private static let identity = RunIdentity(
    program: "fuzz", input: "fuzz", width: width, height: height, settings: [:], model: nil)
  /// The state's digest of itself.
  private static let digestBytes = 32
  private let folder: String
  /// Its kernels are compiled once.
  private let predictor: ShapeNetwork

  /// The output of the run.
  private var output: String { folder + "/out" }
  private var clip: String { folder + "/clip.y4m" }
  /// The state after most of the frames.
  var statePath: String { folder + "/state.nem" }

  /// Makes clip, output and state below `folder`.
  init(in folder: String, model: String) throws {
    (self.folder, predictor) = (folder, try ShapeNetwork(Model(path: model)))
    try Self.frames().write(to: URL(fileURLWithPath: clip))
    let reader = try reader()
    let request = CheckpointRequest()
    let sink = MaskFolderSink(
      try MaskDirectory(
        path: output, manifest: Manifest(input: "fuzz", width: Self.width, height: Self.height),
        timeBase: reader.info.timeBase, frameRate: reader.info.frameRate))
    let checkpoints = Checkpoints(path: statePath, identity: Self.identity, interval: 0, request: request) { error in
      fatalError("no state: \(error)")
    }
    // It is stopped long before its end, where it would remove the state.
    let run = SegmentationRun(
      reader: reader, segmenter: segmenter(), background: .init(), sinks: [sink], checkpoints: checkpoints)
    _ = try run.run { if $0.frames == Self.savedFrame { reader.interrupt.set() } }
  }

  /// A bright square that crosses a dark picture, and one too small for an object that follows when the state is saved.
  private static func frames() -> Data {
    var data = Data("YUV4MPEG2 W\(width) H\(height) F25:1 Ip A1:1 Cmono\n".utf8)
    for frame in 0..<frameCount {
      var picture = [UInt8](repeating: 40, count: width * height)
      let left = (frame - 30) / 2
      if frame >= 30 { for y in 8..<22 { for x in left..<min(left + 12, width) { picture[y * width + x] = 200 } } }
      let small = frame - savedFrame + 6
      if 0..<width - 3 ~= small { for y in 26..<29 { for x in small..<small + 3 { picture[y * width + x] = 200 } } }
      data += Data("FRAME\n".utf8) + Data(picture)
    }
    return data
  }

  private func reader() throws -> VideoReader { try VideoReader(clip, options: VideoReaderOptions(threads: 1)) }

  private func segmenter() -> any Segmenter {
    var configuration = TrackerConfiguration()
    configuration.slots = 4
    return Segmenters.objectCentred(configuration, predictor: predictor, seed: 1)
  }

  /// Goes on from a state, under a checksum that fits, as a file does.
  func resume(_ bytes: Data) throws {
    let signed = Array(bytes.dropLast(Self.digestBytes))
    let state = try RunState(signed + FileDigest.sha256(signed), of: Self.identity)
    let (reader, segmenter) = (try reader(), segmenter())
    let resumed = try ResumedRun(continuing: state, reader, segmenter, .init())
    var archive = state.output
    _ = try? MaskDirectory(
      continuing: &archive, path: output,
      manifest: Manifest(input: "fuzz", width: Self.width, height: Self.height), timeBase: reader.info.timeBase,
      frameRate: reader.info.frameRate)
    var rest = Self.framesAfter
    _ = try SegmentationRun(
      reader: reader, segmenter: segmenter, background: .init(), sinks: [], resumed: resumed
    ).run { _ in
      rest -= 1
      if rest == 0 { reader.interrupt.set() }
    }
  }

  /// Reads the output with `bytes` in the place of one of its files.
  func read(_ bytes: Data, as name: String) throws {
    let path = output + "/" + name
    let kept = try Data(contentsOf: URL(fileURLWithPath: path))
    try bytes.write(to: URL(fileURLWithPath: path))
    defer { try? kept.write(to: URL(fileURLWithPath: path)) }
    let reader = try MaskDirectoryReader(path: output)
    for _ in 0..<3 { _ = try reader.nextLabels() }
    _ = try reader.nextForeground()
  }
}
