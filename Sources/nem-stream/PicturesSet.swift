import ArgumentParser
import Charts
import ClipFiles
import Foundation
import Kernels
import NEM
import Neural
import Scenes
import VideoIO

/// Natural pictures (Greff et al. 2016, appendix B.2, on Pascal VOC): colours, a Gaussian with a linear output, and
/// several EM steps on one still picture.
struct PicturesSet: ClipSet {
  static let name = "pictures"
  static let summary = "natural pictures, 32×32 in colour"
  static let isBinary = false
  static let frames = 1
  static let network = NetworkDescription.pictures
  static let object: (side: Int, reach: Int)? = nil
  static let training = TrainingOptions.pictures

  @Option(
    help: ArgumentHelp(
      """
      Folder of pictures; the square in the middle of each is taken at 32×32. Of ten in the order of their names, the \
      first is for tests and the second for validation.
      """, valueName: "dir"))
  var pictures: String?
  var words: String { pictures ?? "" }

  func source(_ split: DataSplit, frames: Int, seed: UInt64) throws -> any SequenceSource {
    guard let pictures else {
      throw CommandFault(description: "--pictures is missing; it names a folder of pictures", exitCode: 64)
    }
    let files = try Self.files(in: pictures).enumerated().filter { Self.split($0.offset) == split }
    guard !files.isEmpty else {
      throw CommandFault(description: "\(pictures): too few pictures; at least 3 are needed", exitCode: 65)
    }
    let read = try files.map { try Self.read($0.element) }
    let stills = StillPictures(read, side: Self.network.input[0], frames: frames)
    return split == .training ? ShuffledSequences(stills, count: stills.count, seed: seed) : stills
  }

  private static func split(_ place: Int) -> DataSplit {
    switch place % 10 {
    case 0: .test
    case 1: .validation
    default: .training
    }
  }

  private static func files(in folder: String) throws -> [String] {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
      throw CommandFault(description: "\(folder): no such folder, or it cannot be read", exitCode: 66)
    }
    let kinds = ["png", "jpg", "jpeg", "bmp", "tif", "tiff", "webp"]
    return names.filter { kinds.contains(($0 as NSString).pathExtension.lowercased()) }.sorted()
      .map { folder + "/" + $0 }
  }

  /// The square in the middle, each value the mean of the pixels that it stands for: [side, side, 3].
  private static func read(_ path: String) throws -> [UInt8] {
    let (frame, side) = (try ImageFile.readFrame(path), network.input[0])
    let width = min(frame.width, frame.height)
    let box = PixelRect(x: (frame.width - width) / 2, y: (frame.height - width) / 2, width: width, height: width)
    let square = frame.colours(in: box)
    return (0..<side * side).flatMap { place in
      func part(_ index: Int) -> Range<Int> {
        let first = index * width / side
        return first..<max((index + 1) * width / side, first + 1)
      }
      let mean = square.mean(part(place % side), part(place / side))
      return [mean.red, mean.green, mean.blue]
    }
  }
}
