import Background
import Kernels
import NEM
import VideoIO

/// What the tracker sees of a video, without tracking it: material for training.
public enum GridFootage {
  /// Decodes a video, subtracts its background, and hands each frame on the tracker's grid to `body`.
  public static func forEachFrame(
    of reader: VideoReader, background: BackgroundConfiguration = BackgroundConfiguration(),
    body: (GridFrame) throws -> Void
  ) throws {
    guard let first = try reader.next() else { return }
    var stage = try BackgroundStage(first, background, inFlight: 1)
    var held = try BackgroundStage.firstFrames(first, background, next: reader.next)
    stage.prime(held)
    var preprocessor = Preprocessor(for: first, width: ObjectSizes.usualColumns)
    held.reverse()
    while let frame = try held.popLast() ?? reader.next() {
      let mask = stage.observe(frame).foreground
      try body(mask.pixels.withUnsafeBufferPointer { preprocessor.sample(frame, foreground: $0) })
    }
  }
}
