import CKernels
import Kernels

/// Tells when most of the picture has become another that stays: a light was switched, the camera went over to infra-red,
/// or was turned. What was learned is of no use then.
///
/// A crowd, or an object right before the lens, covers as much, but comes slowly or does not keep still. A picture without
/// contrast shows no scene: the camera is blind, and what was learned will be of use again. When nearly all has become
/// another at once, what differs is in doubt for up to a second: it is no object.
struct SceneChange {
  /// Share of the picture that turns to foreground within `sudden` frames when a light is switched.
  private static let jump: Float = 0.35
  private static let sudden = 2
  /// Share of the picture that is too much for objects, however it came.
  private static let most: Float = 0.6
  /// Below this share there was no change after all.
  private static let least: Float = 0.2
  /// The picture is still when this share of its foreground differs by at most `noise` grey levels from the frame before.
  private static let still: Float = 0.7
  private static let noise = 12
  /// Standard deviation of the brightness, in grey levels, up to which there is no contrast.
  private static let flat: Float = 4
  /// Frames for which it must be still; the mode of one in `interval` of them is the new background.
  private static let patience = 13
  private static let interval = 3
  /// Frames after a jump to `most` in which it may become still.
  private static let doubt = 25
  /// Places in each direction that are looked at, about.
  private static let side = 120

  private let width: Int, height: Int
  private let places: [(x: Int, y: Int)]
  /// The brightness at the places in the last frame.
  private var last: [UInt8]
  /// Shares of foreground in the last frames, the oldest first.
  private var shares = [Float](repeating: 0, count: sudden)
  private var isSuspected = false
  /// Shares so far, up to `sudden`: those that a jump is told from.
  private var known = 0
  /// Frames for which a jump stays in doubt, and whether what is suspected has been in doubt.
  private var (doubtful, hasBeenDoubted) = (0, false)
  private var stillFrames = 0
  /// Pictures since it has been still, one below the other.
  private var pictures: [UInt8] = []

  /// For pictures of `width` × `height` pixels.
  init(width: Int, height: Int) {
    (self.width, self.height) = (width, height)
    let (columns, rows) = (max(1, width / Self.side), max(1, height / Self.side))
    places = stride(from: rows / 2, to: height, by: rows).flatMap { y in
      stride(from: columns / 2, to: width, by: columns).map { (x: $0, y: y) }
    }
    last = Array(repeating: 0, count: places.count)
  }

  /// Carries what the last frames were like.
  mutating func carry(_ archive: inout StateArchive) throws(StateFault) {
    try archive.carry(&last)
    try archive.carry(&shares, eachIn: 0...1)
    try archive.carry(&isSuspected)
    try archive.carry(&known, in: 0...Self.sudden)
    try archive.carry(&doubtful, in: 0...Self.doubt + 1)
    try archive.carry(&hasBeenDoubted)
    try archive.carry(&stillFrames, in: 0...Self.patience - 1)
    try archive.carry(list: &pictures)
    let count = (stillFrames + Self.interval - 1) / Self.interval
    try archive.check(pictures.count == count * width * height, "it holds a wrong size")
  }

  /// Whether the last frame's foreground may be that of another scene, and of no object.
  var isInDoubt: Bool { doubtful > 0 }

  /// Looks at the next frame. Returns the pictures whose mode is the new background, rows of `width` one picture after
  /// the other, when it must begin anew.
  ///
  /// - Parameters:
  ///   - mask: the frame's foreground, 255, rows of the picture's width.
  ///   - luma: its brightness, rows of `stride` bytes.
  mutating func observe(_ mask: UnsafePointer<UInt8>, _ luma: UnsafePointer<UInt8>, _ stride: Int) -> [UInt8]? {
    let (foreground, unchanged, hasContrast) = look(mask, luma, stride)
    let share = Float(foreground) / Float(places.count)
    let jumped = share - shares[0] >= Self.jump
    shares = shares.dropFirst() + [share]
    isSuspected = (isSuspected || jumped || share >= Self.most) && share >= Self.least
    observeDoubt(jumpedToMost: jumped && share >= Self.most, hasContrast)
    guard isSuspected, hasContrast, Float(unchanged) >= Self.still * Float(foreground) else {
      (stillFrames, pictures) = (0, [])
      return nil
    }
    return collect(luma, stride)
  }

  /// Doubt begins with what comes all at once, once in each suspicion, and not with what lies about in the first frames.
  /// While the camera is blind it does not pass.
  private mutating func observeDoubt(jumpedToMost: Bool, _ hasContrast: Bool) {
    if jumpedToMost && !hasBeenDoubted && known == Self.sudden { (doubtful, hasBeenDoubted) = (Self.doubt + 1, true) }
    if !isSuspected { (doubtful, hasBeenDoubted) = (0, false) } else if hasContrast { doubtful = max(0, doubtful - 1) }
    known = min(known + 1, Self.sudden)
  }

  /// Of the places, how many are foreground, how many of these are as they were in the last frame; and whether the picture
  /// shows anything.
  private mutating func look(
    _ mask: UnsafePointer<UInt8>, _ luma: UnsafePointer<UInt8>, _ stride: Int
  ) -> (foreground: Int, unchanged: Int, hasContrast: Bool) {
    var (foreground, unchanged, sum, squares) = (0, 0, 0, 0)
    for (i, place) in places.enumerated() {
      let value = luma[place.y * stride + place.x]
      if mask[place.y * width + place.x] == 255 {
        foreground += 1
        unchanged += abs(Int(value) - Int(last[i])) <= Self.noise ? 1 : 0
      }
      last[i] = value
      sum += Int(value)
      squares += Int(value) * Int(value)
    }
    let mean = Float(sum) / Float(places.count)
    return (foreground, unchanged, Float(squares) / Float(places.count) - mean * mean > Self.flat * Self.flat)
  }

  private mutating func collect(_ luma: UnsafePointer<UInt8>, _ stride: Int) -> [UInt8]? {
    if stillFrames % Self.interval == 0 {
      for y in 0..<height { pictures += UnsafeBufferPointer(start: luma + y * stride, count: width) }
    }
    stillFrames += 1
    guard stillFrames == Self.patience else { return nil }
    defer { (isSuspected, stillFrames, pictures) = (false, 0, []) }
    return pictures
  }
}
