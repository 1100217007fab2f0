import Foundation
import VideoIO

/// Where an experiment's files lie. Each appears whole or not at all, so that a killed run leaves only finished ones.
struct ExperimentFolder {
  let path: String

  /// Makes the folder and those in it. Throws `VideoError`.
  init(_ path: String) throws {
    self.path = path
    for folder in ["models", "curves", "scores", "figures"].map({ path + "/" + $0 }) {
      do {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      } catch {
        throw VideoError.cannotCreate(folder, reason: "its folder does not exist and cannot be made")
      }
      guard access(folder, W_OK) == 0 else {
        throw VideoError.cannotCreate(folder, reason: String(cString: strerror(errno)))
      }
    }
  }

  /// The weights at the end of a stage, counted from 1.
  func model(_ stage: String) -> String { "\(path)/models/\(stage).safetensors" }
  func curve(_ stage: String) -> String { "\(path)/curves/\(stage).csv" }
  func scores(_ trial: String) -> String { "\(path)/scores/\(trial).json" }
  func figure(_ name: String) -> String { "\(path)/figures/\(name).png" }
  func file(_ name: String) -> String { "\(path)/\(name)" }

  /// What `write` wrote, or nil if there is no such file. Throws `ExperimentError.damaged`.
  func read<Value: Decodable>(_ type: Value.Type, _ path: String) throws -> Value? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    guard let data = FileManager.default.contents(atPath: path),
      let value = try? JSONDecoder().decode(type, from: data)
    else { throw ExperimentError.damaged(path) }
    return value
  }

  /// Equal values give equal bytes.
  func write(_ value: some Encodable, _ path: String) throws {
    try AtomicFile.write(encoded(value), to: path)
  }

  /// Whether what is in the folder follows from the recipe, which is written where nothing has been trained.
  func follows(_ recipe: some Encodable, _ path: String) throws -> Bool {
    if let found = FileManager.default.contents(atPath: path) { return Array(found) == (try encoded(recipe)) }
    guard try FileManager.default.contentsOfDirectory(atPath: self.path + "/models").isEmpty else { return false }
    try write(recipe, path)
    return true
  }

  private func encoded(_ value: some Encodable) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    return Array(try encoder.encode(value)) + [UInt8(ascii: "\n")]
  }
}

extension Experiment.Run {
  /// The name of a stage's files; stages and seeds count from 1.
  func stage(_ index: Int, seed: Int) -> String { "\(name)-seed\(seed)-stage\(index + 1)" }

  /// The name of the finished model's files.
  func last(seed: Int) -> String { stage(stages.count - 1, seed: seed) }

  func trial(_ trial: Experiment.Trial, seed: Int) -> String { "\(name)-seed\(seed)-\(trial.name)" }
}
