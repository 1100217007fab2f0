import CFFmpeg

/// Reads a video frame by frame in presentation order. One thread at a time may use it; the frames may go anywhere.
///
/// Damage never ends the reading: what decodes is delivered, and `outcome` says afterwards what was missing.
public final class VideoReader {
  /// What is known of the video.
  public let info: VideoInfo
  /// How the reading ended; `.reading` until `next()` has returned nil.
  public private(set) var outcome = ReadOutcome.reading
  /// Set it from any thread to end the reading; the same flag as in the options.
  public let interrupt: InterruptFlag
  private let decoder: FrameDecoder
  private let completeness: Completeness
  private let converter: FrameConverter
  private var clock: PresentationClock
  private var pending: FrameHandle?
  private var delivered = 0
  private var unconvertible = 0

  /// Opens a path, a `file:` URL, or `-` for standard input, and decodes the first frame. Throws `notFound`,
  /// `cannotRead`, `cannotOpen`, or, for a piped file with its index at the end, `spoolLimit` and write errors.
  public convenience init(
    _ input: String, options: VideoReaderOptions = VideoReaderOptions()
  ) throws(VideoError) {
    let (bytes, notes) = try InputSource.open(input, options: options)
    try self.init(bytes, notes: notes, options: options)
  }

  /// Reads an open file or pipe that stays the caller's to close; `name` is what messages call it.
  public convenience init(
    descriptor: Int32, name: String, options: VideoReaderOptions = VideoReaderOptions()
  ) throws(VideoError) {
    let (bytes, notes) = try InputSource.open(descriptor: descriptor, name: name, options: options)
    try self.init(bytes, notes: notes, options: options)
  }

  private init(_ bytes: ByteSource, notes: [String], options: VideoReaderOptions) throws(VideoError) {
    let decoder = try FrameDecoder(bytes, options: options)
    let completeness = Completeness(decoder.input, stream: decoder.stream)
    guard let first = decoder.next() else {
      if options.interrupt.isSet { throw .cannotRead(bytes.name, reason: "interrupted") }
      if bytes.failure != 0 { throw .cannotRead(bytes.name, reason: systemMessage(bytes.failure)) }
      throw .cannotOpen(bytes.name, reason: "no frame of its \(decoder.codecName) stream can be decoded")
    }
    let orientation = Orientation(frame: first.pointer, stream: decoder.stream)
    converter = FrameConverter(
      orientation: orientation, width: first.pointer.pointee.width, height: first.pointer.pointee.height)
    info = VideoInfo(decoder, completeness, size: converter.deliveredSize, orientation: orientation, notes: notes)
    clock = PresentationClock(decoder.stream)
    self.decoder = decoder
    self.completeness = completeness
    interrupt = options.interrupt
    pending = consume first
  }

  /// The next frame; nil at the end, from when on `outcome` is final. Throws `damaged` where frames decode but none can
  /// be brought into 8-bit planar form.
  public func next() throws(VideoError) -> VideoFrame? {
    while let frame = takeRawFrame() {
      let (ticks, seconds) = clock.stamp(frame.pointer.pointee)
      guard let upright = converter.convert(frame) else {
        unconvertible += 1
        continue
      }
      delivered += 1
      return VideoFrame(upright, index: delivered - 1, timestamp: ticks, pts: seconds)
    }
    if outcome == .reading { conclude() }
    if delivered == 0 && unconvertible > 0 {
      throw .damaged(decoder.input.bytes.name, reason: "its pixel format cannot be converted")
    }
    return nil
  }

  /// What was counted so far.
  public var counters: ReadCounters {
    ReadCounters(
      decodedFrames: delivered, corruptFrames: decoder.ledger.corruptFrames + unconvertible,
      corruptPackets: decoder.ledger.corruptPackets)
  }

  private func takeRawFrame() -> FrameHandle? {
    if interrupt.isSet { return decoder.next() }
    return pending.take() ?? decoder.next()
  }

  private func conclude() {
    var ledger = decoder.ledger
    ledger.corruptFrames += unconvertible
    outcome = completeness.outcome(
      of: ledger, indexed: Int(avformat_index_get_entries_count(decoder.stream)))
  }
}

extension VideoInfo {
  init(
    _ decoder: FrameDecoder, _ completeness: Completeness, size: (width: Int, height: Int), orientation: Orientation,
    notes: [String]
  ) {
    let stream = decoder.stream.pointee
    // Of headerless frames FFmpeg knows the rate it was told, and no average.
    let rate = decoder.input.containerName == "rawvideo" ? stream.r_frame_rate : stream.avg_frame_rate
    let base = stream.time_base
    width = size.width
    height = size.height
    timeBase = Rational(numerator: Int(base.num), denominator: Int(base.den))
    frameRate =
      rate.num > 0 && rate.den > 0 ? Rational(numerator: Int(rate.num), denominator: Int(rate.den)) : nil
    expectedFrames = completeness.expectedFrames
    duration = completeness.duration
    container = decoder.input.containerName
    codec = decoder.codecName
    rotation = orientation.degrees
    self.notes = notes + decoder.notes
  }
}
