import Testing
import VideoIO

/// Clocks that wrap, leap and go back give time that goes forward, and true where it can be.
@Suite struct PresentationClockTests {
  private static let stream = StreamClock(
    timeBase: Rational(numerator: 1, denominator: 90_000), interval: 3600, period: 1 << 33)

  /// Seconds given for stamps in the stream's ticks; frames arrive 0.04 s apart unless told otherwise.
  private func seconds(_ clock: inout PresentationClock, _ stamps: [Int64?], arrivals: [Double]? = nil) -> [Double] {
    stamps.enumerated().map { index, stamp in
      let arrival = arrivals?[index] ?? 100 + 0.04 * Double(index)
      return clock.stamp(stamp, duration: 3600, arrival: arrival).seconds
    }
  }

  private func expect(
    _ found: [Double], _ expected: [Double], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(found.count == expected.count, sourceLocation: sourceLocation)
    for (a, b) in zip(found, expected) { #expect(abs(a - b) < 1e-4, "\(found)", sourceLocation: sourceLocation) }
  }

  @Test(arguments: [false, true]) func aWrapIsUndone(_ isLive: Bool) {
    var clock = PresentationClock(Self.stream, isLive: isLive)
    let start = Int64(1 << 33) - 7200
    let stamps = (0..<5).map { (start + 3600 * $0) & (1 << 33 - 1) }
    let first = isLive ? 0 : Double(start) / 90_000
    expect(seconds(&clock, stamps), (0..<5).map { first + 0.04 * Double($0) })
    #expect(clock.jumps == 1)
  }

  @Test(arguments: [false, true]) func aStepBackIsMapped(_ isLive: Bool) {
    var clock = PresentationClock(Self.stream, isLive: isLive)
    expect(
      seconds(&clock, [900_000, 903_600, 0, 3600, 7200]).map { $0 - (isLive ? 0 : 10) }, [0, 0.04, 0.08, 0.12, 0.16])
    #expect(clock.jumps == 1)
  }

  /// One wrong stamp does not move those after it.
  @Test func aSingleWrongStampPasses() {
    var clock = PresentationClock(Self.stream, isLive: false)
    expect(seconds(&clock, [900_000, 903_600, 5, 910_800, 914_400]), [10, 10.04, 10.08, 10.12, 10.16])
    #expect(clock.jumps == 1)
  }

  @Test func smallStepsBackStayInOrder() {
    var clock = PresentationClock(Self.stream, isLive: false)
    expect(seconds(&clock, [0, 7200, 3600, nil, 14_400]), [0, 0.08, 0.08 + 1 / 90_000, 0.12, 0.16])
    #expect(clock.jumps == 0)
  }

  /// A day that the computer's clock has not seen is no time; one that it has seen is.
  @Test func leapsForwardAreHeldAgainstRealTime() {
    let day: Int64 = 86_400 * 90_000
    var live = PresentationClock(Self.stream, isLive: true)
    expect(seconds(&live, [0, 3600, day, day + 3600, 7200]), [0, 0.04, 0.08, 0.12, 0.16])
    #expect(live.jumps == 2)
    var paused = PresentationClock(Self.stream, isLive: true)
    expect(seconds(&paused, [0, 900_000], arrivals: [100, 110]), [0, 10])
    #expect(paused.jumps == 0)
    var file = PresentationClock(Self.stream, isLive: false)
    expect(seconds(&file, [0, day]), [0, 86_400])
    #expect(file.jumps == 0)
  }

  /// FFmpeg adds the period to stamps that lie well before the first one.
  @Test func aFilesClockThatBeginsAgainIsNoLeapOfADay() {
    let period = Int64(1) << 33
    var clock = PresentationClock(Self.stream, isLive: false)
    expect(seconds(&clock, [450_000_000, 450_003_600, period, period + 3600]), [5000, 5000.04, 5000.08, 5000.12])
    #expect(clock.jumps == 1)
    var late = PresentationClock(Self.stream, isLive: false)
    expect(seconds(&late, [period - 3600, period + 90_000 * 3600]).map { $0 - 95_443.71769 }, [-0.04, 3600])
    #expect(late.jumps == 0)
  }

  @Test func aNewConnectionGoesOnAfterTheRealGap() {
    var clock = PresentationClock(Self.stream, isLive: true)
    _ = seconds(&clock, [500_000, 503_600])
    clock.begin(StreamClock(timeBase: Rational(numerator: 1, denominator: 1000), interval: 40))
    expect(seconds(&clock, [7, 47], arrivals: [107.04, 107.08]), [7.04, 7.08])
    #expect(clock.jumps == 0)
  }

  @Test(arguments: [(2, 1, 1), (1, 1_000_000_000, 40_000_000), (1001, 30_000, 1)])
  func anyTimeBase(_ numerator: Int, _ denominator: Int, _ step: Int64) {
    let base = Rational(numerator: numerator, denominator: denominator)
    var clock = PresentationClock(StreamClock(timeBase: base, interval: step), isLive: true)
    // A clock of nanoseconds since 1970 overflows 64 bits on its way to ticks.
    let start: Int64 = denominator == 1_000_000_000 ? 1_700_000_000_000_000_000 : 0
    let times = (0..<4).map { clock.stamp(start + step * $0, duration: 0, arrival: 0).seconds }
    expect(times, (0..<4).map { Double(step) * base.value * Double($0) })
  }

  @Test func inventedStampsGiveWayToArrivals() {
    var clock = PresentationClock(
      StreamClock(timeBase: Rational(numerator: 1, denominator: 25), interval: 1, isInvented: true), isLive: true)
    expect(seconds(&clock, [0, 1, 2], arrivals: [50, 50.5, 51.25]), [0, 0.5, 1.25])
  }

  /// Whatever comes, time goes forward and nothing overflows.
  @Test func anyStampsAtAll() {
    let bases = [(1, 90_000), (1, 1), (1001, 30_000), (1, 1_000_000_000)].map {
      Rational(numerator: $0.0, denominator: $0.1)
    }
    for round in 0..<400 {
      let base = bases[round % bases.count]
      var clock = PresentationClock(
        StreamClock(timeBase: base, interval: 1, period: round % 3 == 0 ? 1 << 33 : nil), isLive: round % 2 == 0)
      var last = Int64.min
      for frame in 0..<60 {
        let stamp: Int64? = [nil, .random(in: .min ... .max), .random(in: 0...(1 << 40)), Int64(frame)].randomElement()!
        let ticks = clock.stamp(stamp, duration: .random(in: 0...(.max)), arrival: Double(frame)).ticks
        #expect(ticks > last || last == .max)
        last = ticks
      }
    }
  }
}
