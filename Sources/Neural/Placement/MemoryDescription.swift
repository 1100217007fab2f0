import CKernels

/// How slots remember their objects in frames that are the maximum of what slots draw, as data.
///
/// θ_k is a memory of a window, for each of its pixels how much light the slot has seen there and how often it could look,
/// and a belief about the window's place. The network does not carry θ: it says what the window holds, given the memory.
public struct MemoryDescription: Codable, Sendable, Equatable {
  /// Values of each of the window's pixels that the network sees.
  package static let views = 3
  /// Side in pixels of the window.
  public var side: Int
  /// Pixels by which the window may stick out of the picture.
  public var overhang: Int
  /// The farthest an object moves between frames, in pixels on each axis.
  public var reach: Int

  /// A memory.
  public init(side: Int, overhang: Int, reach: Int) {
    (self.side, self.overhang, self.reach) = (side, overhang, reach)
  }

  /// The fault of a memory in pictures of [height, width, channels], or nil.
  func fault(in input: [Int]) -> String? {
    guard (2...256).contains(side), side <= min(input[0], input[1]), input[2] == 1 else {
      return "a memory's side must be 2 to 256 and within a picture of one channel"
    }
    guard (0...side / 2).contains(overhang), (0...16).contains(reach) else {
      return "a memory's overhang may be 0 to half its side, its reach 0 to 16"
    }
    guard min(input[0], input[1]) - side + 1 + 2 * overhang >= reach else {
      return "a memory's reach is more than the places there are"
    }
    return nil
  }

  /// The kernels' shape for so many windows in pictures of [height, width, 1].
  package func placement(in input: [Int], rows: Int) -> nem_placement {
    nem_placement(rows: rows, height: input[0], width: input[1], channels: 1, side: side, pad: overhang)
  }
}
