import Kernels
import NEM

/// Holds answers back until it is known which of their candidates become objects, so that an object's masks begin with
/// its first frame and not with its confirmation.
package struct ConfirmationDelay<Companion> {
  private let frames: Int
  private var held: [(segmentation: GridSegmentation, companion: Companion)] = []

  /// A delay by a number of frames.
  package init(frames: Int) { self.frames = frames }

  /// Takes a frame's answer and what belongs to it; returns those of the frame that is decided now, if there is one.
  package mutating func push(
    _ segmentation: GridSegmentation, _ companion: Companion
  ) -> (GridSegmentation, Companion)? {
    let ids = Dictionary(uniqueKeysWithValues: segmentation.confirmed.map { ($0.candidate, $0.id) })
    for candidate in ids.keys { dropUnshown(candidate) }
    if !ids.isEmpty { for index in held.indices { held[index].segmentation.rename(ids) } }
    held.append((segmentation, companion))
    return held.count > frames ? popFirst() : nil
  }

  /// An object begins with a frame in which it is shown.
  private mutating func dropUnshown(_ candidate: Int32) {
    for index in held.indices {
      if held[index].segmentation.labels.pixels.contains(candidate) { return }
      held[index].segmentation.objects.removeAll { $0.id == candidate }
    }
  }

  /// Frames held at present.
  package var count: Int { held.count }

  /// Carries the frames held, with answers on a grid of `width` × `height` cells. `companions` are to be read into, one
  /// for each.
  mutating func carry(
    _ archive: inout StateArchive, width: Int, height: Int, companions: [Companion],
    _ carryCompanion: (inout Companion, inout StateArchive) throws(StateFault) -> Void
  ) throws(StateFault) {
    if archive.isReading {
      guard companions.count <= frames else { throw StateFault("it holds back too many frames") }
      held = companions.map { (.blank(width: width, height: height), $0) }
    }
    for index in held.indices {
      try held[index].segmentation.carry(&archive)
      try carryCompanion(&held[index].companion, &archive)
    }
  }

  /// The oldest frame held, after the last one: what was not confirmed never will be.
  package mutating func popFirst() -> (GridSegmentation, Companion)? {
    if held.isEmpty { return nil }
    var (segmentation, companion) = held.removeFirst()
    segmentation.dropCandidates()
    return (segmentation, companion)
  }
}

extension GridSegmentation {
  fileprivate mutating func rename(_ ids: [Int32: Int32]) {
    guard objects.contains(where: { ids[$0.id] != nil }) else { return }
    for index in objects.indices { objects[index].id = ids[objects[index].id] ?? objects[index].id }
    objects.sort { $0.id < $1.id }
    for index in labels.pixels.indices where labels.pixels[index] < 0 {
      labels.pixels[index] = ids[labels.pixels[index]] ?? labels.pixels[index]
    }
  }

  fileprivate mutating func dropCandidates() {
    guard objects.contains(where: { $0.id < 0 }) else { return }
    objects.removeAll { $0.id < 0 }
    for index in labels.pixels.indices where labels.pixels[index] < 0 { labels.pixels[index] = 0 }
  }
}
