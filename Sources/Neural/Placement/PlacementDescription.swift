import CKernels

/// How a network draws its object as a small window at a place of which it carries a belief, as data.
///
/// What moves is then drawn and seen alike wherever it is, and a velocity is learned once instead of at every place. The
/// belief is a histogram for each axis: every step moves it by a learned kernel and weighs it by learned evidence, as in
/// a Bayes filter on a grid (Thrun, Burgard & Fox 2005, section 4.1).
public struct PlacementDescription: Codable, Sendable, Equatable {
  /// Side in pixels of the window in which an object is drawn.
  public var side: Int
  /// Pixels around that window which its encoder sees too.
  public var margin: Int
  /// The farthest an object moves in a step, in pixels on each axis.
  public var reach: Int
  /// Layers from what is seen in the window to the cell.
  public var encoder: [LayerDescription]

  /// A placement.
  public init(side: Int, margin: Int, reach: Int, encoder: [LayerDescription]) {
    (self.side, self.margin, self.reach, self.encoder) = (side, margin, reach, encoder)
  }

  /// The fault of a placement in pictures of [height, width, channels], or nil.
  func fault(in input: [Int]) -> String? {
    guard (2...256).contains(side), side <= min(input[0], input[1]) else {
      return "a placement's side must be 2 to 256 and within the picture"
    }
    guard (0...side).contains(margin), (1...16).contains(reach) else {
      return "a placement's margin may be 0 to its side, its reach 1 to 16"
    }
    guard PlacementGeometry(self, input: input, seen: input).places.allSatisfy({ $0 >= reach }) else {
      return "a placement's reach is more than the places there are"
    }
    return encoder.isEmpty ? "a placement needs an encoder of its window" : nil
  }
}

/// The sizes that a placement has in pictures of one size.
struct PlacementGeometry {
  let height: Int
  let width: Int
  let channels: Int
  /// Values of each pixel that the encoders see.
  let seen: Int
  let description: PlacementDescription

  init(_ description: PlacementDescription, input: [Int], seen: [Int]) {
    (height, width, channels) = (input[0], input[1], input[2])
    self.seen = seen[2]
    self.description = description
  }

  /// Pixels by which a drawn window may stick out of the picture, so that an object smaller than it can be anywhere.
  var overhang: Int { description.side / 2 - 1 }
  /// Taps of the kernel that moves a belief along one axis.
  var taps: Int { 2 * description.reach + 1 }
  /// Places along x, then along y.
  var places: [Int] { [width, height].map { $0 - description.side + 1 + 2 * overhang } }
  /// Places of both axes.
  var beliefCount: Int { places[0] + places[1] }
  /// Values of a drawn window.
  var windowCount: Int { description.side * description.side * channels }
  /// [height, width, values] of what the window's encoder sees.
  var view: [Int] {
    let side = description.side + 2 * description.margin
    return [side, side, seen]
  }
  /// Values of what the window's encoder sees.
  var viewCount: Int { view.reduce(1, *) }
  /// Values of the rows that what is seen is cut from, and of those that the drawn window is put in.
  var viewStripCount: Int { view[0] * width * seen }
  var windowStripCount: Int { description.side * width * channels }
  /// What the decoder gives for a row: a kernel for x and one for y, evidence for each place, presence, the window.
  var headCount: Int { 2 * taps + beliefCount + 1 + windowCount }

  /// The kernels' shape for drawing.
  func drawing(rows: Int) -> nem_placement {
    nem_placement(
      rows: rows, height: height, width: width, channels: channels, side: description.side, pad: overhang)
  }

  /// The kernels' shape for looking.
  func looking(rows: Int) -> nem_placement {
    nem_placement(
      rows: rows, height: height, width: width, channels: seen, side: view[0], pad: overhang + description.margin)
  }
}
