/// The waits between tries: 1 s, then twice as long each time up to 30 s, each shortened by chance by up to a half so
/// that many clients of one server do not come back at once, but never below 1 s.
package struct BackOff {
  private var tries = 0

  package init() {}

  /// Seconds until the next try.
  package mutating func next() -> Double {
    let longest = Double(min(1 << min(tries, 5), 30))
    tries += 1
    return max(1, longest * Double.random(in: 0.5...1))
  }

  /// The source is there again.
  package mutating func reset() { tries = 0 }
}
