import ArgumentParser
import Foundation
import NEM
import Neural
import Scenes

/// The trainer's speed on the papers' flying-shapes network against this machine's oneDNN peak.
struct BenchTraining: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "training", abstract: "Measure training against this machine's peak.",
    usage: "nem-stream bench training [<options>]",
    discussion: """
      Example: nem-stream bench training --threads 2

      Useful work is three multiply-adds (forward, and backward to data and weights) for each of the network's.
      """)

  @Option(help: "CPU threads.") var threads = ProcessInfo.processInfo.activeProcessorCount
  @Option(help: "Updates to take the median of.") var updates = 5
  @Option(help: "Clips in each update.") var batch = 64
  @Option(help: "Unrolled steps.") var steps = 20
  @Flag(help: "Print one JSON object.") var json = false

  func validate() throws {
    for (name, value) in [("--threads", threads), ("--updates", updates), ("--batch", batch), ("--steps", steps)] {
      guard (1...10_000).contains(value) else { throw ValidationError("\(name) is \(value); it must be 1…10000") }
    }
  }

  func run() throws {
    setTensorThreads(1)
    var options = TrainingOptions()
    (options.batch, options.steps, options.updates) = (batch, steps, updates + 1)
    let network = NetworkDescription.flyingShapes
    let description = ModelDescription(
      kind: .fullFrame, network: network, observation: "bernoulli", slots: options.slots,
      command: TrainingFiles.command)
    let trainer = try Trainer(
      try Model(description, seed: 1), FlyingShapes(objects: 3...3, frames: steps + 1, seed: 1), options: options,
      threads: threads)
    _ = try trainer.step()
    let clock = ContinuousClock()
    let times = try (0..<updates).map { _ in try clock.measure { _ = try trainer.step() } / .seconds(1) }
    let median = times.sorted()[updates / 2]
    let work = 3.0 * Double(network.multiplyAdds * batch * steps * options.slots)
    let speed = TrainingSpeed(
      batch: batch, seconds: median, multiplyAdds: work,
      peak: try TensorPeak.multiplyAddsPerSecond(threads: threads))
    if json { try Console.printJSON(speed) } else { report(speed) }
  }

  private func report(_ speed: TrainingSpeed) {
    print(
      String(
        format: "%d clips of %d steps in %.2f s: %.1f clips/s, %.0f GFLOP/s of %.0f at peak (%.0f %%)", batch, steps,
        speed.secondsPerUpdate, speed.clipsPerSecond, 2e-9 * speed.multiplyAddsPerSecond,
        2e-9 * speed.peakMultiplyAddsPerSecond, 100 * speed.shareOfPeak))
  }
}

/// What `bench training` prints.
private struct TrainingSpeed: Encodable {
  let clipsPerSecond: Double
  let secondsPerUpdate: Double
  let multiplyAddsPerSecond: Double
  let peakMultiplyAddsPerSecond: Double
  let shareOfPeak: Double

  init(batch: Int, seconds: Double, multiplyAdds: Double, peak: Double) {
    clipsPerSecond = Double(batch) / seconds
    secondsPerUpdate = seconds
    multiplyAddsPerSecond = multiplyAdds / seconds
    peakMultiplyAddsPerSecond = peak
    shareOfPeak = multiplyAddsPerSecond / peak
  }

  enum CodingKeys: String, CodingKey {
    case clipsPerSecond = "clips_per_second"
    case secondsPerUpdate = "seconds_per_update"
    case multiplyAddsPerSecond = "multiply_adds_per_second"
    case peakMultiplyAddsPerSecond = "peak_multiply_adds_per_second"
    case shareOfPeak = "share_of_peak"
  }
}
