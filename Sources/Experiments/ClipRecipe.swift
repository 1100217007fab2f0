import ClipFiles
import Scenes

/// Clips of one of the papers' data sets.
package enum ClipRecipe: Sendable, Encodable {
  case shapes(Int)
  case flyingShapes(ClosedRange<Int>)
  /// Digits of MNIST, drawn from all that the split has.
  case digits(Int)
  case balls(ClosedRange<Int>)

  /// Clips without end; `mnist` is the folder with MNIST's files. Throws `ClipFileError` or `ExperimentError`.
  func source(_ split: DataSplit, frames: Int, seed: UInt64, mnist: String?) throws -> any SequenceSource {
    switch self {
    case .shapes(let objects): return Shapes(objects: objects, frames: frames, seed: seed)
    case .flyingShapes(let objects): return FlyingShapes(objects: objects, frames: frames, seed: seed)
    case .digits(let objects):
      guard let mnist else { throw ExperimentError.noDigits }
      let digits = try DigitFile.read(split, in: mnist, digits: nil)
      return FlyingDigits(digits, objects: objects, frames: frames, seed: seed)
    case .balls(let objects): return BouncingBalls(objects: objects, hasCurtain: false, frames: frames, seed: seed)
    }
  }

  /// In words, for the record.
  var summary: String {
    switch self {
    case .shapes(let objects): "\(objects) still shapes"
    case .flyingShapes(let objects): "\(Self.words(objects)) flying shapes"
    case .digits(let objects): "\(objects) digits of all"
    case .balls(let objects): "\(Self.words(objects)) balls"
    }
  }

  private static func words(_ range: ClosedRange<Int>) -> String {
    range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
  }
}
