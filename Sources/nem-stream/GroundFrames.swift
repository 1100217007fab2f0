import Daemon
import VideoIO

extension VideoRun {
  /// Most memory for the frames that show the ground.
  private static let groundBytes = 128 << 20

  /// Frames spread over the part of the source that `learn` names, at most so many; none where it names none. Throws as
  /// `VideoReader` does.
  func groundFrames(_ options: VideoReaderOptions, atMost count: Int) throws -> [VideoFrame] {
    guard let length = settings.learn.flatMap({ Moment($0) }) else { return [] }
    var options = options
    (options.recorder, options.monitor) = (nil, SourceMonitor())
    options.selection.length = length
    options.selection.end = nil
    let again = options
    let reader = try Interruption.reading("no frame was read") { try VideoReader(address, options: again) }
    var (frames, stride, seen): ([VideoFrame], Int, Int) = ([], 1, 0)
    while let frame = try reader.next(), frame.scene == 0 {
      if seen % stride == 0 { frames.append(frame) }
      seen += 1
      // Every other one of twice as many are as many.
      guard frames.count >= min(2 * count, max(2, Self.groundBytes / frame.byteCount)) else { continue }
      frames = frames.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
      stride *= 2
    }
    let step = Double(frames.count) / Double(count)
    return step <= 1 ? frames : (0..<count).map { frames[Int(Double($0) * step)] }
  }
}
