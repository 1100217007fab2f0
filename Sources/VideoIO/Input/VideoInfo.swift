import Kernels
import Synchronization

/// A fraction as containers write it: a time base in seconds per tick, or a rate in frames per second.
public struct Rational: Sendable, Equatable, Codable {
  /// The upper number.
  public let numerator: Int
  /// The lower number, never 0.
  public let denominator: Int

  /// `numerator / denominator`; the denominator must not be 0.
  public init(numerator: Int, denominator: Int) {
    precondition(denominator != 0, "a fraction needs a denominator")
    self.numerator = numerator
    self.denominator = denominator
  }

  /// The fraction as a number.
  public var value: Double { Double(numerator) / Double(denominator) }
}

/// What is known about a video once its first frame is decoded.
public struct VideoInfo: Sendable, Equatable {
  /// What messages call the input; it holds no secret.
  public let name: String
  /// Whether frames come at their own pace, without an end, and may be dropped to keep up.
  public let isLive: Bool
  /// Width and height in pixels of the upright picture, before it was reduced.
  public let sourceWidth: Int, sourceHeight: Int
  /// Width in pixels of the frames as delivered, after rotation.
  public let width: Int
  /// Height in pixels of the frames as delivered, after rotation.
  public let height: Int
  /// Seconds per tick of `VideoFrame.timestamp`.
  public let timeBase: Rational
  /// Average frames per second as delivered; nil where the container does not say.
  public let frameRate: Rational?
  /// Number of frames that will be delivered; nil where the container declares none, or times choose among them.
  public let expectedFrames: Int?
  /// Length in seconds that the container declares or implies; nil for streams without one.
  public let duration: Double?
  /// FFmpeg's short name of the container, for example `matroska,webm`.
  public let container: String
  /// FFmpeg's name of the codec, for example `h264`.
  public let codec: String
  /// Clockwise rotation in degrees that was applied: 0, 90, 180 or 270.
  public let rotation: Int
  /// How delivered frames are to be shown; that of the first one.
  public let appearance: VideoAppearance
  /// What the user may want to know about how the input is read, one sentence each.
  public let notes: [String]
}

/// How reading ended.
public enum ReadOutcome: Sendable, Equatable {
  /// Frames are still to come.
  case reading
  /// Everything the container promised was decoded.
  case complete
  /// Something is missing or damaged; what could be decoded was delivered.
  case truncated(reason: String)
  /// A live source is gone, and did not come back as long as it was waited for.
  case lost(reason: String)
  /// The interrupt flag ended the reading.
  case interrupted
}

/// What was counted while reading.
public struct ReadCounters: Sendable, Equatable {
  /// Frames decoded so far.
  public internal(set) var decodedFrames = 0
  /// Frames the decoder refused or repaired.
  public internal(set) var corruptFrames = 0
  /// Packets the demuxer marked as damaged.
  public internal(set) var corruptPackets = 0
  /// What happened to the source meanwhile.
  public internal(set) var source = SourceCounters()

  /// Counters with given values.
  public init(decodedFrames: Int = 0, corruptFrames: Int = 0, corruptPackets: Int = 0) {
    self.decodedFrames = decodedFrames
    self.corruptFrames = corruptFrames
    self.corruptPackets = corruptPackets
  }
}

/// A flag that any thread, or a signal handler, may set to end a blocking read.
public final class InterruptFlag: Sendable {
  private let flag = Atomic<Bool>(false)

  /// A flag that is not set.
  public init() {}

  /// Whether the flag is set.
  public var isSet: Bool { flag.load(ordering: .relaxed) }

  /// Sets the flag; it stays set.
  public func set() { flag.store(true, ordering: .relaxed) }
}

/// How an input is read.
public struct VideoReaderOptions: Sendable {
  /// Layout of headerless frames; nil lets FFmpeg probe the container.
  public var rawVideo: RawVideoFormat?
  /// Most bytes of temporary space for a piped file whose index is at its end.
  public var spoolLimit: Int
  /// Decoder threads, each of which works on a frame of its own; at least 1.
  public var threads: Int
  /// How sources other than files are opened, watched and tried again.
  public var source: SourceOptions
  /// Which frames are read.
  public var selection = FrameSelection()
  /// Divides width and height of the frames; at least 1.
  public var downscale = 1
  /// Not 0 where nobody may see the picture: there the frames are gray. It must have the size of the upright picture.
  public var concealed: Image<UInt8>?
  /// Copies parts of what is read; nil where nobody asks for that.
  public var recorder: ClipRecorder?
  /// Is told what happens to the source.
  public var monitor: SourceMonitor
  /// Ends blocking reads when set.
  public var interrupt: InterruptFlag

  /// Options with their defaults: probed container, 4 GiB of spool, two threads, no retry.
  public init(
    rawVideo: RawVideoFormat? = nil, spoolLimit: Int = 4 << 30, threads: Int = 2,
    source: SourceOptions = SourceOptions(), monitor: SourceMonitor = SourceMonitor(),
    interrupt: InterruptFlag = InterruptFlag()
  ) {
    self.rawVideo = rawVideo
    self.spoolLimit = spoolLimit
    self.threads = threads
    self.source = source
    self.monitor = monitor
    self.interrupt = interrupt
  }
}
