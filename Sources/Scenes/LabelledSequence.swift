/// Sizes of a clip: frames of `height` rows and `width` columns with `channels` values at each pixel.
public struct SequenceFormat: Sendable, Equatable {
  /// Number of frames T.
  public var frames: Int
  /// Rows H.
  public var height: Int
  /// Columns W.
  public var width: Int
  /// Values per pixel C.
  public var channels: Int

  /// A format from its sizes.
  public init(frames: Int, height: Int, width: Int, channels: Int = 1) {
    (self.frames, self.height, self.width, self.channels) = (frames, height, width, channels)
  }

  /// Pixels of one frame, H · W.
  public var pixels: Int { height * width }
}

/// A short clip with the truth about which object owns each pixel.
public struct LabelledSequence: Sendable, Equatable {
  /// The clip's sizes.
  public let format: SequenceFormat
  /// [T, H, W, C], values 0…1.
  public var features: [Float]
  /// [T, H, W]: 0 for background and for pixels that several objects cover, else the object's number from 1.
  public var groups: [Int32]
  /// [T, H, W], or empty where the data set has no collisions: at t the pixels of frame t+1 that belong to objects which
  /// hit each other on the way from frame t to frame t+1 are 1. So it weighs the loss of the step that predicts t+1.
  public var collisions: [UInt8]

  /// A clip from its values, whose counts must fit the format.
  public init(format: SequenceFormat, features: [Float], groups: [Int32], collisions: [UInt8] = []) {
    let places = format.frames * format.pixels
    precondition(features.count == places * format.channels && groups.count == places, "values do not fit the format")
    precondition(collisions.isEmpty || collisions.count == places, "collisions do not fit the format")
    self.format = format
    self.features = features
    self.groups = groups
    self.collisions = collisions
  }

  /// Whether objects hit each other between frames t and t+1.
  public func hasCollision(after t: Int) -> Bool {
    !collisions.isEmpty && collisions[t * format.pixels..<(t + 1) * format.pixels].contains(1)
  }
}

/// Labelled clips by number, generated or read from a file: what training and evaluation draw their batches from.
public protocol SequenceSource: Sendable {
  /// The sizes of every clip.
  var format: SequenceFormat { get }

  /// Clip number `index` ≥ 0, the same whenever it is asked for and whichever clips were asked for before. A source
  /// without end has one for every number, a finite one begins anew after its last. Generators do not throw.
  func sequence(_ index: Int) throws -> LabelledSequence
}
