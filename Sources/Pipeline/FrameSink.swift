import Foundation
import Kernels
import Masks
import VideoIO

/// What becomes of segmented frames. Called from one thread, in order of presentation.
public protocol FrameSink: AnyObject {
  /// Takes the next frame and the picture that it came from.
  func write(_ segmented: SegmentedFrame, of frame: VideoFrame) throws
  /// Ends all files; `status` and `result` say how the run ended.
  func close(_ status: Manifest.Status, _ result: RunResult) throws
  /// Adds what the sink needs to go on after the frames written so far.
  func save(_ archive: inout StateArchive)
}

extension FrameSink {
  /// Most need nothing.
  public func save(_ archive: inout StateArchive) {}
}

/// The folder of mask streams.
public final class MaskFolderSink: FrameSink {
  private let directory: MaskDirectory

  /// Writes into an open folder.
  public init(_ directory: MaskDirectory) { self.directory = directory }

  /// Writes the frame's masks and lines.
  public func write(_ segmented: SegmentedFrame, of frame: VideoFrame) throws { try directory.write(segmented) }

  /// Adds the state of the folder.
  public func save(_ archive: inout StateArchive) { directory.save(&archive) }

  /// Ends the streams and writes the final manifest.
  public func close(_ status: Manifest.Status, _ result: RunResult) throws {
    directory.manifest.frames.decoded = result.decoded
    directory.manifest.frames.dropped = result.dropped
    directory.manifest.unassigned = result.unassigned
    if result.isLive || result.source != SourceCounters() { directory.manifest.source = result.source }
    try directory.close(status)
  }
}

/// Lines of JSON for another program.
public final class MaskLineSink: FrameSink {
  private let lines: MaskLines

  /// Writes to an open file.
  public init(_ lines: MaskLines) { self.lines = lines }

  /// Writes the frame's line.
  public func write(_ segmented: SegmentedFrame, of frame: VideoFrame) throws { try lines.write(segmented) }

  /// Has nothing left to write.
  public func close(_ status: Manifest.Status, _ result: RunResult) throws { try lines.close(status) }
}
