import Foundation
import Kernels
import Masks
import NEM
import Pipeline
import VideoIO

/// A bright square that moves over a dark gray picture after some frames of rest, as gray Y4M.
enum SquareClip {
  static let width = 96
  static let height = 64
  static let rest = 30

  static func luma(_ frame: Int) -> Image<UInt8> {
    var image = Image<UInt8>(width: width, height: height, fill: 40)
    guard frame >= rest else { return image }
    for y in 20..<40 { for x in frame - rest..<frame - rest + 20 { image[x, y] = 200 } }
    return image
  }

  static func y4m(frames: Int, rate: String = "25:1") -> Data {
    var data = Data("YUV4MPEG2 W\(width) H\(height) F\(rate) Ip A1:1 Cmono\n".utf8)
    for frame in 0..<frames { data += Data("FRAME\n".utf8) + Data(luma(frame).pixels) }
    return data
  }
}

/// A reader of a pipe that `data` is written to; the pipe stays open until `close`.
final class PipeInput {
  let reader: VideoReader
  private let pipe = Pipe()

  init(
    _ data: Data, staysOpen: Bool = false, isLive: Bool = false, interrupt: InterruptFlag = InterruptFlag()
  ) throws {
    var source = SourceOptions()
    source.isLive = isLive
    let end = pipe.fileHandleForWriting
    Thread.detachNewThread {
      signal(SIGPIPE, SIG_IGN)
      try? end.write(contentsOf: data)
      if !staysOpen { try? end.close() }
    }
    reader = try VideoReader(
      descriptor: pipe.fileHandleForReading.fileDescriptor, name: "pipe",
      options: VideoReaderOptions(source: source, interrupt: interrupt))
  }
}

/// Keeps what it is given.
final class RecordingSink: FrameSink {
  private(set) var frames: [SegmentedFrame] = []
  private(set) var closings: [Manifest.Status] = []
  private(set) var decoded = 0
  private let failsAt: Int?
  private let delay: TimeInterval

  struct Failure: Error {}

  /// A sink that fails at a frame, or needs `delay` seconds for each.
  init(failsAt: Int? = nil, delay: TimeInterval = 0) { (self.failsAt, self.delay) = (failsAt, delay) }

  func write(_ segmented: SegmentedFrame, of frame: VideoFrame) throws {
    if segmented.index == failsAt { throw Failure() }
    if delay > 0 { Thread.sleep(forTimeInterval: delay) }
    frames.append(segmented)
  }

  func close(_ status: Manifest.Status, _ result: RunResult) throws {
    closings.append(status)
    decoded = result.decoded
  }
}

/// Finds nothing and keeps the frames that it was given.
final class SpySegmenter: Segmenter {
  private let grid: SegmenterGrid
  private(set) var frames: [GridFrame] = []

  init(_ grid: SegmenterGrid) { self.grid = grid }

  func grid(width: Int, height: Int) -> SegmenterGrid { grid }

  func segment(_ frame: GridFrame) -> GridSegmentation {
    frames.append(frame)
    return GridSegmentation(
      labels: Image(width: frame.width, height: frame.height, fill: 0), objects: [], ended: [], unassigned: 1)
  }

  func restart() {}

  func carry(_ archive: inout StateArchive, width: Int, height: Int) throws(StateFault) {}

  func skipIds(through id: Int32) {}
}
