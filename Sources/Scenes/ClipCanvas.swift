/// A clip while objects are drawn into it: intensities combine by their maximum, and what several objects cover belongs
/// to nobody.
struct ClipCanvas {
  let format: SequenceFormat
  private var features: [Float]
  private var groups: [Int32]
  private var isCovered: [Bool]

  init(_ format: SequenceFormat) {
    self.format = format
    let count = format.frames * format.pixels
    features = Array(repeating: 0, count: count)
    groups = Array(repeating: 0, count: count)
    isCovered = Array(repeating: false, count: count)
  }

  /// Lays `value` of object number `object` (from 1) on pixel `place` of [T, H, W].
  mutating func lay(_ value: Float, at place: Int, object: Int) {
    features[place] = max(features[place], value)
    groups[place] = isCovered[place] ? 0 : Int32(object)
    isCovered[place] = true
  }

  /// Lights a pixel that is too faint to belong to anybody.
  mutating func glow(_ value: Float, at place: Int) { features[place] = max(features[place], value) }

  func clip(collisions: [UInt8] = []) -> LabelledSequence {
    LabelledSequence(format: format, features: features, groups: groups, collisions: collisions)
  }
}
