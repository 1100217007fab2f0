/// What a stream says of its time stamps.
package struct StreamClock: Sendable, Equatable {
  /// Seconds per tick.
  package var timeBase: Rational
  /// Ticks from frame to frame where nothing else is known, at least 1.
  package var interval: Int64
  /// After this many ticks the stamps begin again at 0; nil if they do not.
  package var period: Int64?
  /// Whether the stamps are made up by FFmpeg, because the stream has none.
  package var isInvented = false

  package init(timeBase: Rational, interval: Int64, period: Int64? = nil, isInvented: Bool = false) {
    (self.timeBase, self.interval, self.period, self.isInvented) = (timeBase, interval, period, isInvented)
  }
}

/// Gives every frame a time stamp of its own: the decoder's best estimate where there is one, and always later than the
/// frame before. Where the stamps wrap or go backwards by more than half a second, time goes on from the last frame.
///
/// A live source begins at 0, and what passes while it is lost is measured by the computer's clock, which also tells a
/// leap forward from a real pause. A file's leaps forward are believed, but for those that a clock makes which begins again.
package struct PresentationClock {
  /// Seconds per tick of the stamps given out.
  package let timeBase: Rational
  /// Seconds by which frames are later than the stream says.
  package var shift: Double { Double(offset) * timeBase.value }
  /// How often time had to be mapped.
  package private(set) var jumps = 0
  private let isLive: Bool
  private var stream: StreamClock
  private var last: Int64?
  private var lastDuration: Int64
  private var lastArrival = 0.0
  /// Added to the stream's stamps, and what was added before the last jump.
  private var offset: Int64 = 0
  private var formerOffset: Int64?
  private var isNewStream = true
  private static let liveBase = Rational(numerator: 1, denominator: 90_000)
  /// Seconds by which stamps may go back without a jump, and by which those of a live source may lead real time: a server
  /// sends what it has kept as fast as it can.
  private static let (backward, lead) = (0.5, 5.0)
  /// Seconds that a wrap may be away from the frame before.
  private static let wrapReach = 10.0
  /// Stamps beyond this are taken for damage, as are frames of more than a day.
  private static let limit = Int64(1) << 62
  private static let longest = 86_400.0

  package init(_ stream: StreamClock, isLive: Bool) {
    self.isLive = isLive
    self.stream = stream
    timeBase = isLive ? Self.liveBase : stream.timeBase
    lastDuration = 1
    lastDuration = max(1, ticks(stream.interval))
  }

  /// Goes over to a new connection to the same source.
  package mutating func begin(_ stream: StreamClock) {
    self.stream = stream
    isNewStream = true
    formerOffset = nil
  }

  /// The time stamp of the next frame, from its stamp and length in the stream's ticks and the seconds of its arrival.
  package mutating func stamp(_ stamp: Int64?, duration: Int64, arrival: Double) -> (ticks: Int64, seconds: Double) {
    let passed = isLive ? self.ticks(seconds: arrival - lastArrival) : 0
    let next = last.map { $0 &+ max(lastDuration, passed) } ?? 0
    var ticks: Int64
    if let stamp, !(isLive && stream.isInvented) {
      ticks = place(min(max(self.ticks(stamp), -Self.limit / 4), Self.limit / 4), next: next, passed: passed)
    } else {
      ticks = isLive ? last.map { $0 &+ passed } ?? 0 : next
    }
    if let last, ticks <= last { ticks = last &+ 1 }
    last = ticks
    lastArrival = arrival
    lastDuration = duration > 0 ? self.ticks(duration) : self.ticks(stream.interval)
    lastDuration = min(max(1, lastDuration), max(1, self.ticks(seconds: Self.longest)))
    return (ticks, Double(ticks) * timeBase.value)
  }

  /// A stamp of the stream on our time.
  private mutating func place(_ stamp: Int64, next: Int64, passed: Int64) -> Int64 {
    defer { isNewStream = false }
    guard let last else {
      offset = isLive ? 0 &- stamp : 0
      return stamp &+ offset
    }
    let earliest = last &- ticks(seconds: Self.backward)
    let latest = isLive ? last &+ passed &+ ticks(seconds: Self.lead) : believable(stamp, after: last)
    if isNewStream && isLive {
      offset = next &- stamp
    } else if !(earliest...max(earliest, latest)).contains(stamp &+ offset) {
      jump(stamp, next: next, earliest: earliest)
    } else if let formerOffset, distance(stamp &+ formerOffset, next) < ticks(seconds: Self.backward),
      distance(stamp &+ offset, next) > ticks(seconds: Self.backward)
    {
      // A single stamp was wrong, and those after it are right again.
      offset = formerOffset
      self.formerOffset = nil
    }
    return stamp &+ offset
  }

  /// The latest time up to which a file may leap. FFmpeg takes a clock that begins again for one that has wrapped.
  private func believable(_ stamp: Int64, after last: Int64) -> Int64 {
    guard let period = stream.period.map({ ticks($0) }), stamp >= period else { return Self.limit }
    return last &+ period / 2
  }

  private mutating func jump(_ stamp: Int64, next: Int64, earliest: Int64) {
    jumps += 1
    if let period = stream.period.map({ ticks($0) }),
      (earliest...(next &+ ticks(seconds: Self.wrapReach))).contains(stamp &+ offset &+ period)
    {
      offset &+= period
      formerOffset = nil
    } else {
      formerOffset = offset
      offset = next &- stamp
    }
  }

  private func distance(_ a: Int64, _ b: Int64) -> Int64 { Int64(clamping: (a &- b).magnitude) }

  private func ticks(seconds: Double) -> Int64 { Int64(min(max(seconds / timeBase.value, -9e18), 9e18)) }

  /// The stream's ticks in ours.
  private func ticks(_ ticks: Int64) -> Int64 {
    if timeBase == stream.timeBase { return ticks }
    let scale = Int64(timeBase.denominator) * Int64(stream.timeBase.numerator)
    let divisor = Int64(timeBase.numerator) * Int64(stream.timeBase.denominator)
    let (product, isTooLarge) = ticks.multipliedReportingOverflow(by: scale)
    if !isTooLarge { return product / divisor }
    return Int64(min(max(Double(ticks) * Double(scale) / Double(divisor), -9e18), 9e18))
  }
}
