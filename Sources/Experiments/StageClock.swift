import Foundation

/// Adds up what the parts of an experiment cost, over all runs of the command, in timings.json. No two runs of it are
/// equal, so it is kept apart from the results.
struct StageClock {
  /// Time of one part.
  struct Time: Codable {
    /// Of all threads, in minutes.
    var cpuMinutes = 0.0
    /// By the clock on the wall, in minutes.
    var wallMinutes = 0.0

    enum CodingKeys: String, CodingKey {
      case cpuMinutes = "cpu_minutes"
      case wallMinutes = "wall_minutes"
    }
  }

  private let part: String
  private let folder: ExperimentFolder
  private var cpu = StageClock.cpuSeconds
  private var wall = ContinuousClock().now

  /// Starts now.
  init(_ part: String, _ folder: ExperimentFolder) { (self.part, self.folder) = (part, folder) }

  /// Adds the time since the start, or since the last call.
  mutating func save() throws {
    let path = folder.file("timings.json")
    var times = try folder.read([String: Time].self, path) ?? [:]
    let (cpuNow, wallNow) = (Self.cpuSeconds, ContinuousClock().now)
    times[part, default: Time()].cpuMinutes += (cpuNow - cpu) / 60
    times[part, default: Time()].wallMinutes += (wallNow - wall) / .seconds(60)
    (cpu, wall) = (cpuNow, wallNow)
    try folder.write(times, path)
  }

  private static var cpuSeconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
