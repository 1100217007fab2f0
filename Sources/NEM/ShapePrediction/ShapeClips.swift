import Kernels

/// One step of one slot as the predictor's trainer needs it; see `SlotTransition`.
package struct ShapeStep: Sendable {
  /// Index of the frame that the inputs are of; the target is of the next one.
  package var frame: Int
  var inputs: [Float]
  var base: [Float]
  var target: [Float]
  var weight: [Float]
}

/// What slots saw over successive frames, cut into clips of equal length, as training material.
///
/// Targets are taken where the object was found, not where it was predicted: position is the motion search's business.
/// A clip of 12 steps takes 166 kB, and no more than `limit` are kept.
package struct ShapeClips {
  /// Steps in each clip.
  package let steps: Int
  /// Clips: successive steps of one slot.
  package private(set) var clips: [[ShapeStep]] = []
  /// Clips seen, kept or not.
  package private(set) var seen = 0
  private let limit: Int
  private var sampling: RandomSource?
  private var open: [Int: [ShapeStep]] = [:]
  private var frame = 0

  /// Clips of `steps` steps: the first `limit` ones or, with a seed, as many drawn from all with equal chances
  /// (reservoir sampling, Vitter's algorithm R).
  package init(steps: Int, limit: Int, samplingSeed: UInt64? = nil) {
    self.steps = steps
    self.limit = limit
    sampling = samplingSeed.map { RandomSource(seed: $0) }
  }

  /// Whether further transitions change nothing.
  package var isFull: Bool { sampling == nil && clips.count == limit }

  /// Adds one transition; frames must not go back. A slot that skips a frame begins a new clip.
  package mutating func add(_ transition: SlotTransition) {
    if transition.frame > frame {
      frame = transition.frame
      open = open.filter { $0.value.last.map { $0.frame + 1 == frame } ?? false }
    }
    var clip = open.removeValue(forKey: transition.serial) ?? []
    clip.append(
      ShapeStep(
        frame: transition.frame, inputs: transition.inputs, base: transition.base, target: transition.alignedTarget,
        weight: transition.alignedWeight))
    if clip.count == steps {
      keep(clip)
    } else {
      open[transition.serial] = clip
    }
  }

  private mutating func keep(_ clip: [ShapeStep]) {
    seen += 1
    if clips.count < limit {
      clips.append(clip)
    } else if let place = sampling?.integer(below: seen), place < limit {
      clips[place] = clip
    }
  }

  /// The clips before and after a point in time, such that the later ones are about `share` of all. No frame is seen or
  /// predicted on both sides: clips across the border are left out.
  package func split(later share: Double) -> (earlier: [[ShapeStep]], later: [[ShapeStep]]) {
    let starts = clips.map { $0[0].frame }.sorted()
    let count = Int((Double(starts.count) * share).rounded())
    guard count > 0 else { return (clips, []) }
    let border = starts[starts.count - count]
    return (
      clips.filter { $0[steps - 1].frame + 1 < border },
      clips.filter { $0[0].frame >= border }
    )
  }
}
