/// Colour pictures of one size, each seen again and again; nobody knows what is in them.
public struct StillPictures: SequenceSource {
  /// Number of pictures.
  public let count: Int
  /// Colour clips; every frame is the same picture.
  public let format: SequenceFormat
  private let pictures: [[UInt8]]

  /// Clips of `frames` frames.
  /// - Parameter pictures: at least one; each is [side, side, 3], 0…255.
  public init(_ pictures: [[UInt8]], side: Int, frames: Int) {
    precondition(!pictures.isEmpty && pictures.allSatisfy { $0.count == side * side * 3 }, "pictures of one size")
    (self.pictures, count) = (pictures, pictures.count)
    format = SequenceFormat(frames: frames, height: side, width: side, channels: 3)
  }

  /// Picture number `index` modulo their number, with values 0…1 and no groups.
  public func sequence(_ index: Int) -> LabelledSequence {
    let values = pictures[index % count].map { Float($0) / 255 }
    return LabelledSequence(
      format: format, features: (0..<format.frames).flatMap { _ in values },
      groups: [Int32](repeating: 0, count: format.frames * format.pixels))
  }
}
