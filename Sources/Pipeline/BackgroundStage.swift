import Background
import Kernels
import VideoIO

/// From a frame to its foreground mask.
package struct BackgroundStage {
  /// Most memory for frames held to start from.
  private static let primingBytes = 32 << 20
  private let subtractor: BackgroundSubtractor
  /// Masks in turn, as many as can be on their way: a new one each time would cost more than it takes to fill it.
  private var masks: [Image<UInt8>]
  private var turn = 0
  /// 255 where something may move; nil for everywhere.
  private let watched: Image<UInt8>?

  /// A model for frames like the first, whose masks are kept until the next `inFlight` frames at most.
  package init(
    _ first: VideoFrame, _ configuration: BackgroundConfiguration, watched: Image<UInt8>? = nil, inFlight: Int
  ) throws {
    self.watched = watched
    let (width, height) = (first.width, first.height)
    var configuration = configuration
    configuration.brightness = first.isFullRange ? .full : .limited
    let colours = first.isGray ? nil : ColourLayout(shiftX: first.chromaShiftX, shiftY: first.chromaShiftY)
    subtractor = try BackgroundSubtractor(
      width: width, height: height, colours: colours, configuration: configuration)
    masks = (0..<inFlight).map { _ in Image(width: width, height: height, fill: 0) }
  }

  /// Starts from the first frames.
  package func prime(_ first: [VideoFrame]) {
    subtractor.prime(frames: first.count) { frame, plane, body in first[frame].withPlane(plane, body) }
  }

  /// Carries what was learned, in place of what a new stage has.
  func carry(_ archive: inout StateArchive) throws(StateFault) { try subtractor.carry(&archive) }

  /// Takes the frames to start from, `first` and those after it; fewer if they are large, if there are no more, or if
  /// they last `seconds`.
  static func firstFrames(
    _ first: VideoFrame, _ configuration: BackgroundConfiguration, seconds: Double = .infinity,
    next: () throws -> VideoFrame?
  ) rethrows -> [VideoFrame] {
    let most = min(configuration.primingFrames, primingBytes / first.byteCount)
    var frames = [first]
    while frames.count < most, frames.last!.pts - first.pts < seconds, let frame = try next() { frames.append(frame) }
    return frames
  }

  /// Learns from a frame, except what stands before the background, and returns its mask, 255 where something moves.
  package mutating func observe(_ frame: VideoFrame, standing: StandingObjects? = nil) -> EvidentFrame {
    turn = (turn + 1) % masks.count
    frame.withPlane(0) { luma, stride in
      Self.withColours(of: frame) { colours in
        subtractor.apply(luma: luma, stride: stride, colours: colours, into: &masks[turn], standing: standing)
      }
    }
    if let watched { Self.confine(&masks[turn], to: watched) }
    return EvidentFrame(frame: frame, foreground: masks[turn], isBlind: subtractor.isInDoubt)
  }

  /// Lends the colours of a frame, nil if it has none.
  private static func withColours(of frame: VideoFrame, _ body: (ColourPlanes?) -> Void) {
    guard !frame.isGray else { return body(nil) }
    frame.withPlane(1) { cb, cbStride in
      frame.withPlane(2) { cr, crStride in
        body(ColourPlanes(cb: cb, cbStride: cbStride, cr: cr, crStride: crStride))
      }
    }
  }

  private static func confine(_ mask: inout Image<UInt8>, to watched: Image<UInt8>) {
    mask.pixels.withUnsafeMutableBufferPointer { pixels in
      watched.pixels.withUnsafeBufferPointer { allowed in
        for index in 0..<pixels.count { pixels[index] &= allowed[index] }
      }
    }
  }
}
