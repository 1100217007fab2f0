/// A place in a video, or a length of it: a number of frames, or a time.
public enum Moment: Sendable, Equatable {
  /// So many frames.
  case frames(Int)
  /// So many seconds.
  case seconds(Double)

  /// Reads `250` (frames), `12.5s`, or `HH:MM:SS.mmm`, whose hours may be left out. Nil for anything else.
  public init?(_ text: String) {
    if let match = text.wholeMatch(of: /([0-9]{1,12})/), let count = Int(match.1) {
      self = .frames(count)
    } else if let match = text.wholeMatch(of: /([0-9]{1,9}(\.[0-9]{1,9})?)s/), let value = Double(match.1) {
      self = .seconds(value)
    } else if let match = text.wholeMatch(of: /(?:([0-9]{1,5}):)?([0-9]{1,2}):([0-9]{1,2}(?:\.[0-9]{1,9})?)/),
      let minutes = Int(match.2), let seconds = Double(match.3), minutes < 60, seconds < 60
    {
      self = .seconds(Double(match.1.flatMap { Int($0) } ?? 0) * 3600 + Double(minutes) * 60 + seconds)
    } else {
      return nil
    }
  }
}

extension Moment {
  /// Whether it comes before another one; true where only the video can tell.
  package func isBefore(_ other: Moment) -> Bool {
    switch (self, other) {
    case (.frames(let one), .frames(let other)): one < other
    case (.seconds(let one), .seconds(let other)): one < other
    default: true
    }
  }
}

/// Which frames of a video are read. Times count from the video's first frame, frames from 0.
public struct FrameSelection: Sendable, Equatable {
  /// The first frame, or the time from which on frames are read.
  public var start = Moment.frames(0)
  /// How much is read from the first chosen frame's place on; nil for all there is.
  public var length: Moment?
  /// The frame, or the time, that is no longer read; nil for the end.
  public var end: Moment?
  /// Of the chosen frames, the first and each that many after it; at least 1.
  public var every = 1

  /// Everything.
  public init() {}

  /// Whether it leaves out anything before the first frame.
  var skipsBeginning: Bool { start != .frames(0) && start != .seconds(0) }

  /// The time to which a reader may leap: nil where frames have to be counted from the first one on.
  var leap: Double? {
    guard case .seconds(let seconds) = start, seconds > 0 else { return nil }
    if case .frames = end { return nil }
    return seconds
  }

  /// Frames that it leaves of `total`; nil where times decide.
  func count(of total: Int) -> Int? {
    guard case .frames(let first) = start else { return nil }
    var last = total
    if let end {
      guard case .frames(let number) = end else { return nil }
      last = min(last, number)
    }
    if let length {
      guard case .frames(let number) = length else { return nil }
      last = min(last, first + number)
    }
    return whole(max(0, last - first))
  }

  private func whole(_ frames: Int) -> Int { (frames + every - 1) / every }
}

/// Goes along with the frames of a video and says which are chosen.
struct FrameSelector {
  enum Verdict: Equatable { case skip, take, end }

  private let selection: FrameSelection
  /// Seconds at which the first frame is shown.
  private let origin: Double
  private var seen = 0
  private var taken = 0
  /// Where the length is measured from: the chosen start where that is a time, otherwise the first chosen frame.
  private var lengthOrigin: Double?
  /// Half a microsecond: time stamps in ticks are rounded.
  private static let rounding = 5e-7

  init(_ selection: FrameSelection, origin: Double) { (self.selection, self.origin) = (selection, origin) }

  /// The verdict on the next frame, which is shown at `seconds`.
  mutating func judge(seconds: Double) -> Verdict {
    let time = seconds - origin + Self.rounding
    defer { seen += 1 }
    if isBefore(selection.start, time) { return .skip }
    if let end = selection.end, !isBefore(end, time) { return .end }
    if let length = selection.length, isOver(length, time) { return .end }
    defer { taken += 1 }
    return taken % selection.every == 0 ? .take : .skip
  }

  private func isBefore(_ moment: Moment, _ time: Double) -> Bool {
    switch moment {
    case .frames(let number): seen < number
    case .seconds(let seconds): time < seconds
    }
  }

  private mutating func isOver(_ length: Moment, _ time: Double) -> Bool {
    switch length {
    case .frames(let number): return taken >= number
    case .seconds(let seconds):
      let from = lengthOrigin ?? measuredStart(time)
      lengthOrigin = from
      return time >= from + seconds
    }
  }

  private func measuredStart(_ time: Double) -> Double {
    if case .seconds(let start) = selection.start { return start }
    return time - Self.rounding
  }
}

extension FrameSelection {
  /// About how many frames it leaves of a video; nil where the video does not say how long it is, or has no end.
  package func estimatedFrames(_ info: VideoInfo) -> Int? {
    guard !info.isLive, let rate = info.frameRate?.value, let duration = info.duration else { return nil }
    let sourceRate = rate * Double(every)
    func seconds(_ moment: Moment) -> Double {
      switch moment {
      case .frames(let count): Double(count) / sourceRate
      case .seconds(let seconds): seconds
      }
    }
    let first = seconds(start)
    let last = min(duration, end.map(seconds) ?? duration, length.map { first + seconds($0) } ?? duration)
    return max(0, Int(((last - first) * rate).rounded()))
  }
}
