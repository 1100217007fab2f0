import Evaluation
import Foundation
import Kernels
import Masks
import VideoIO

/// Where the masks to be scored come from: the output of a run, or anybody's numbered pictures.
enum FoundMasks {
  case run(MaskDirectoryReader, baseline: Bool)
  case pictures([String?])

  /// Opens a folder and makes sure that it has a mask for each frame that is scored.
  init(_ folder: String, for truth: TruthSequence, baseline: Bool) throws {
    if MaskDirectoryReader.isOutput(folder) {
      let reader = try MaskDirectoryReader(path: folder)
      guard reader.frameCount == truth.frames.count else {
        throw EvaluationError.mismatch(
          "\(folder) has \(reader.frameCount) frames and \(truth.name) has \(truth.frames.count); "
            + "score the output of a run over just these frames")
      }
      self = .run(reader, baseline: baseline)
      return
    }
    guard !baseline else {
      throw CommandFault(
        description: "\(folder) has no manifest.json; --baseline takes the output folder of a run", exitCode: 66)
    }
    let pictures = Self.pictures(in: folder)
    guard !pictures.isEmpty else {
      throw CommandFault(
        description: "no masks in \(folder); give the output of a run, or numbered PNG files there or in Annotations/",
        exitCode: 66)
    }
    self = .pictures(try truth.matching(pictures, in: folder))
  }

  /// Numbered pictures in the folder, or in its `Annotations/`, or in the only folder there.
  private static func pictures(in folder: String) -> [Int: String] {
    let pictures = NumberedFiles.list(folder, suffix: ".png") ?? [:]
    return pictures.isEmpty ? NumberedFiles.annotations(in: folder) : pictures
  }

  /// The ids of frame `index`, 0 where nothing was found; ask for all frames in turn. Nil for a frame without picture,
  /// which is one that is not scored.
  func labels(_ index: Int) throws -> Image<Int32>? {
    switch self {
    case .run(let reader, baseline: false): return try reader.nextLabels()
    case .run(let reader, baseline: true):
      guard let mask = try reader.nextForeground() else { return nil }
      return Image(width: mask.width, height: mask.height, pixels: mask.pixels.map { $0 == 255 ? 1 : 0 })
    case .pictures(let paths):
      guard let path = paths[index] else { return nil }
      let values = try ImageFile.readGray16(path)
      return Image(width: values.width, height: values.height, pixels: values.pixels.map { Int32($0) })
    }
  }
}
