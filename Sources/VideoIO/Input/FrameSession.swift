import CFFmpeg

/// One reading of a source: its frames as a decoder made them, and what became of it.
protocol FrameSession: AnyObject {
  /// What messages call the source.
  var name: String { get }
  /// FFmpeg's short name of the container.
  var containerName: String { get }
  var codecName: String { get }
  /// What the user may want to know about how it is read.
  var notes: [String] { get }
  var orientation: Orientation { get }
  /// Stored size and pixel format of the first frame.
  var width: Int32 { get }
  var height: Int32 { get }
  var pixelFormat: AVPixelFormat { get }
  /// How its frames are to be shown once they are upright.
  var appearance: VideoAppearance { get }
  /// Time stamps as the stream describes them.
  var clock: StreamClock { get }
  /// The first frame's stamp in the stream's ticks, if it has one.
  var firstStamp: Int64? { get }
  var frameRate: Rational? { get }
  /// Number of frames that are announced, and their length in seconds.
  var expectedFrames: Int? { get }
  var duration: Double? { get }
  /// Whether the source goes on for ever, so that frames may be dropped to keep up.
  var isLive: Bool { get }
  var corruptFrames: Int { get }
  var corruptPackets: Int { get }

  /// The next frame; nil at the end.
  func next() -> FrameHandle?
  /// Goes on at a frame not later than `seconds` on the stream's clock, as near as is certain; stays where that is not
  /// possible.
  func leap(to seconds: Double)
  /// The frames so far were not wanted: that they were damaged does not count.
  func forgetDamage()
  /// How the session ended, `unconvertible` of its frames not having been delivered. `isPart` says that the rest of the
  /// source was not wanted.
  func outcome(unconvertible: Int, isPart: Bool) -> ReadOutcome
  /// Why its end, `idle` seconds after the last frame, is the loss of a live source; nil if it is the end of the video.
  /// `canReturn` says that the source can be opened again.
  func lossReason(idle: Double, canReturn: Bool) -> String?
}
