import Foundation

/// A line on standard error now and then: update, loss, speed, time left.
struct TrainingProgress {
  private let total: Int
  private let clipsPerUpdate: Int
  private let clock = ContinuousClock()
  private var reported: ContinuousClock.Instant
  private var losses: [Double] = []

  init(total: Int, clipsPerUpdate: Int) {
    self.total = total
    self.clipsPerUpdate = clipsPerUpdate
    reported = clock.now
  }

  mutating func add(_ loss: Double, update: Int) {
    losses.append(loss)
    let elapsed = clock.now - reported
    guard elapsed > .seconds(10) || update == total else { return }
    let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
    let perUpdate = seconds / Double(losses.count)
    let mean = losses.reduce(0, +) / Double(losses.count)
    let line = String(
      format: "update %d/%d  loss %.4g  %.1f clips/s  %.0f min left\n", update, total, mean,
      Double(clipsPerUpdate) / perUpdate, perUpdate * Double(total - update) / 60)
    FileHandle.standardError.write(Data(line.utf8))
    losses.removeAll(keepingCapacity: true)
    reported = clock.now
  }
}
