import CKernels

/// Tells whether a group of foreground is an object and the shadow that it casts, or one of them alone.
///
/// A shadow has an owner, which looks different. What would vanish nearly whole has none in sight; nor has what is hardly
/// anything but dark inside: an even object of the shadow's darkness, some parts of it a little darker or brighter.
struct ShadowOwner {
  /// The least share of its foreground that a group with an owner keeps.
  static let share = 0.25
  /// Tiles full of foreground that show what is inside of a group.
  static let tiles = 6
  /// The share of their pixels that are of about the shadow's darkness from which on there is nothing else.
  static let darkShare = 0.9
  /// Bins beside those of shadow that are of about its darkness.
  static let reach = 4

  private let kinds: [UInt8]
  private let width: Int
  private let dark: UInt32

  /// Looks at the kinds of a picture's pixels, rows of `width`; bit k of `shadows` says that kind k is shadow.
  init(kinds: [UInt8], width: Int, shadows: UInt32) {
    var dark = shadows
    for _ in 0..<Self.reach { dark |= dark << 1 | dark >> 1 }
    (self.kinds, self.width, self.dark) = (kinds, width, dark & ~1)
  }

  /// Whether a group that would keep some of its foreground has an owner; `whole` has the first pixels of its full tiles.
  func isSeen(keeping keeps: Int, of had: Int, whole: [Int]) -> Bool {
    if Double(keeps) < Self.share * Double(had) { return false }
    guard whole.count >= Self.tiles else { return true }
    let darkPixels = kinds.withUnsafeBufferPointer { kinds in
      whole.reduce(0) { $0 + Int(nem_shadow_count(kinds.baseAddress! + $1, Int32(width), dark)) }
    }
    return Double(darkPixels) <= Self.darkShare * Double(whole.count) * Double(NEM_SHADOW_TILE * NEM_SHADOW_TILE)
  }
}
