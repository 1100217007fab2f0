/// Chooses the frames a player may jump to. Each costs the muxer memory until the file is closed, so they thin out as a
/// stream grows: every half second at first, then every 1/512 of its age, some 4,000 in a week.
package struct SeekPoints {
  private var first: Int64?
  private var next = Int64.min

  package init() {}

  /// Whether the frame at `time` milliseconds becomes a seek point; times rise from call to call.
  package mutating func isDue(at time: Int64) -> Bool {
    guard time >= next else { return false }
    let start = first ?? time
    first = start
    next = time + max(500, (time - start) / 512)
    return true
  }
}
