import CFFmpeg

/// Gives decoded frames what the rest of the program relies on, however often the source is lost or changes: one size
/// and form, numbers from 0, and time that goes forward.
final class FrameDelivery {
  /// Frames delivered so far.
  private(set) var delivered = 0
  /// Frames that could not be converted.
  private(set) var unconvertible = 0
  private(set) var clock: PresentationClock
  /// Whether all frames that are wanted have been there.
  private(set) var isOver = false
  /// Whether no frame has been wanted yet.
  private(set) var isBeforeSelection = true
  private var selector: FrameSelector
  let orientation: Orientation
  private let converter: FrameConverter
  private var width: Int32, height: Int32
  private var isFullRange: Bool?
  private var scene = 0
  private let monitor: SourceMonitor
  private let recorder: ClipRecorder?
  /// Where key frames lie; empty where the container has an index, or the source cannot be read again.
  let places = KeyPlaces()
  private let notesPlaces: Bool
  /// Seconds of a tick of the stream.
  private var tick: Double
  /// Pictures whose proportions differ by more than this show something else.
  private static let stretch = 0.02

  init(_ session: any FrameSession, options: VideoReaderOptions) {
    clock = PresentationClock(session.clock, isLive: session.isLive)
    orientation = session.orientation
    (width, height) = (session.width, session.height)
    converter = FrameConverter(
      orientation: orientation, width: width, height: height, format: session.pixelFormat,
      concealed: options.concealed, reduction: options.downscale)
    (monitor, recorder, tick) = (options.monitor, options.recorder, session.clock.timeBase.value)
    notesPlaces = !session.isLive && session.containerName == KeyPlaces.container
    let origin = session.isLive ? 0 : Double(session.firstStamp ?? 0) * session.clock.timeBase.value
    selector = FrameSelector(options.selection, origin: origin)
  }

  /// Width and height of every frame.
  var size: (width: Int, height: Int) { converter.deliveredSize }

  /// Whether values of 16 bits are spread over 8 as the first frame had them.
  var spreadsValues: Bool { converter.values != nil && converter.values != .whole }

  /// Goes over to a new connection.
  func begin(_ session: any FrameSession) {
    clock.begin(session.clock)
    tick = session.clock.timeBase.value
  }

  /// A frame as it is delivered; nil where it is not wanted or cannot be converted.
  func deliver(_ frame: consuming FrameHandle, arrival: Double) -> VideoFrame? {
    let picture = frame.pointer.pointee
    let jumps = clock.jumps
    let stamp = picture.best_effort_timestamp
    let time = clock.stamp(
      stamp == NEM_AV_NOPTS_VALUE ? nil : stamp, duration: picture.pkt_duration, arrival: arrival)
    if clock.jumps > jumps { monitor.note(.clockJumped) }
    if notesPlaces {
      places.note(
        position: picture.pkt_pos, isKey: picture.key_frame != 0, seconds: time.seconds, shift: clock.shift)
    } else if clock.jumps > jumps {
      places.lose()
    }
    recorder?.note(
      stamp: stamp == NEM_AV_NOPTS_VALUE ? nil : stamp, tick: tick, seconds: time.seconds,
      size: (picture.width, picture.height))
    switch selector.judge(seconds: time.seconds) {
    case .take: isBeforeSelection = false
    case .skip: return nil
    case .end:
      isOver = true
      return nil
    }
    let valuesMoved = converter.follow(frame)
    if valuesMoved { noteValues() }
    guard let upright = converter.convert(frame) else {
      unconvertible += 1
      return nil
    }
    let isFull = upright.pointer.pointee.color_range == AVCOL_RANGE_JPEG || PixelLayout(upright.format).isFullRange
    noteChange(picture.width, picture.height, isFullRange: isFull)
    delivered += 1
    return VideoFrame(upright, index: delivered - 1, timestamp: time.ticks, pts: time.seconds, scene: scene)
  }

  /// Values that lie elsewhere than before begin a new scene.
  private func noteValues() {
    let restarts = delivered > 0
    if restarts { scene += 1 }
    guard let values = converter.values, restarts || values != .whole else { return }
    monitor.note(.valuesNarrowed(low: values.low, high: values.high, restarts: restarts))
  }

  /// A picture of other proportions or another range of values begins a new scene.
  private func noteChange(_ width: Int32, _ height: Int32, isFullRange: Bool) {
    defer { (self.width, self.height, self.isFullRange) = (width, height, isFullRange) }
    let rangeChanged = self.isFullRange.map { $0 != isFullRange } ?? false
    guard width != self.width || height != self.height || rangeChanged else { return }
    let ratio = Double(width) * Double(self.height) / (Double(height) * Double(self.width))
    let restarts = rangeChanged || abs(ratio - 1) > Self.stretch
    if restarts { scene += 1 }
    monitor.note(.changed(width: Int(width), height: Int(height), restarts: restarts))
  }
}
