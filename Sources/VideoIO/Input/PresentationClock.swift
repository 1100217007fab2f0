import CFFmpeg

/// Gives every frame a time stamp of its own: the decoder's best estimate where there is one, and always later than the
/// frame before.
struct PresentationClock {
  let timeBase: Rational
  /// Ticks from frame to frame where nothing else is known, at least 1.
  private let interval: Int64
  private var last: Int64?
  private var lastDuration: Int64 = 0

  init(_ stream: UnsafePointer<AVStream>) {
    let base = stream.pointee.time_base
    timeBase = Rational(numerator: Int(base.num), denominator: Int(base.den))
    let rate = stream.pointee.avg_frame_rate
    interval =
      rate.num > 0 && rate.den > 0 ? max(1, av_rescale_q(1, AVRational(num: rate.den, den: rate.num), base)) : 1
  }

  /// The time stamp of the next frame in ticks and in seconds.
  mutating func stamp(_ frame: AVFrame) -> (ticks: Int64, seconds: Double) {
    var ticks = frame.best_effort_timestamp
    if ticks == NEM_AV_NOPTS_VALUE { ticks = last.map { $0 + max(lastDuration, 1) } ?? 0 }
    if let last, ticks <= last { ticks = last + 1 }
    last = ticks
    lastDuration = frame.pkt_duration > 0 ? frame.pkt_duration : interval
    return (ticks, Double(ticks) * Double(timeBase.numerator) / Double(timeBase.denominator))
  }
}
