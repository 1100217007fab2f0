import Background
import Kernels
import VideoIO

/// From a frame to its foreground mask.
struct BackgroundStage {
  private let subtractor: BackgroundSubtractor
  /// Masks in turn, as many as can be on their way: a new one each time would cost more than it takes to fill it.
  private var masks: [Image<UInt8>]
  private var turn = 0

  /// A model of the frame's size, whose masks are kept until the next `inFlight` frames at most.
  init(_ first: VideoFrame, _ configuration: BackgroundConfiguration, inFlight: Int) throws {
    subtractor = try BackgroundSubtractor(width: first.width, height: first.height, configuration: configuration)
    masks = (0..<inFlight).map { _ in Image(width: first.width, height: first.height, fill: 0) }
  }

  /// Learns from a frame and returns its mask, 255 where something moves.
  mutating func observe(_ frame: VideoFrame) -> EvidentFrame {
    turn = (turn + 1) % masks.count
    frame.withPlane(0) { luma, stride in subtractor.apply(luma: luma, stride: stride, into: &masks[turn]) }
    return EvidentFrame(frame: frame, foreground: masks[turn])
  }
}
