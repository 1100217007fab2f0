import Pipeline
import VideoIO
import Foundation

/// What `bench` prints of a clip.
struct BenchReport: Encodable {
  let clip: String
  let width: Int
  let height: Int
  let frames: Int
  /// The clip's frames per second; nil where it has no rate of its own.
  let rate: Double?
  /// Frames per second of decoding alone, and of the whole run.
  let decodeRate: Double
  let runRate: Double
  /// Working time of each stage, and time of the whole run, as multiples of decoding alone.
  let stages: [String: Double]
  let run: Double
  /// Objects in a frame, on average, and the slots that were free for them.
  let objects: Double
  let slots: Int
  /// The largest of the usual sizes, and about how many objects at a time, that keep up with the clip's rate.
  let realTimeSize: String?
  let realTimeObjects: Int?

  private static let sizes = [
    (7680, 4320), (3840, 2160), (2560, 1440), (1920, 1080), (1280, 720), (640, 360), (320, 180),
  ]

  init(clip: String, decodeSeconds: Double, _ measured: BenchedRun) {
    let frames = max(1, Double(measured.frames))
    (self.clip, width, height) = (clip, measured.info.width, measured.info.height)
    (self.frames, slots) = (measured.frames, measured.slots)
    rate = measured.info.frameRate?.value
    decodeRate = frames / decodeSeconds
    runRate = frames / measured.seconds
    stages = Dictionary(uniqueKeysWithValues: measured.stages.map { ($0.key.rawValue, $0.value / decodeSeconds) })
    run = measured.seconds / decodeSeconds
    objects = Double(measured.objectFrames) / frames
    // All of the run is taken to grow with the picture, which the segmenter's part does not: a careful guess.
    let pixels = Double(measured.info.width * measured.info.height) * runRate / (rate ?? .infinity)
    // What is smaller than all of them says nothing of larger ones.
    let own = runRate >= rate ?? .infinity ? (width, height) : nil
    realTimeSize = (Self.sizes.first { Double($0.0 * $0.1) <= pixels } ?? own).map { "\($0.0)x\($0.1)" }
    let segmentTime = (measured.stages[.segment] ?? 0) / frames
    let capacity = objects / (segmentTime * (rate ?? .infinity))
    realTimeObjects = capacity.isFinite && capacity >= 1 ? min(256, Int(capacity)) : nil
  }

  /// The report in words.
  var lines: [String] {
    var lines = [
      "\(clip): \(width)×\(height), \(frames) frames" + (rate.map { String(format: ", %.5g fps", $0) } ?? ""),
      String(format: "decoding alone  %8.0f fps   1.00", decodeRate),
    ]
    for stage in RunStage.allCases {
      guard let ratio = stages[stage.rawValue] else { continue }
      let name = stage.rawValue.padding(toLength: 12, withPad: " ", startingAt: 0)
      lines.append("  \(name)  " + String(format: "%8.0f fps  %5.2f", decodeRate / max(ratio, 1e-9), ratio))
    }
    lines.append(String(format: "whole run       %8.0f fps  %5.2f", runRate, run))
    lines.append(String(format: "objects: %.1f at a time, of at most %d", objects, slots))
    if let rate {
      let size = realTimeSize.map { $0 + " with so many objects" } ?? "no usual size"
      let objects = realTimeObjects.map { ", or this size with about \($0) objects at a time" } ?? ""
      lines.append(String(format: "keeps up with %.5g fps at ", rate) + size + objects)
    }
    return lines
  }

  enum CodingKeys: String, CodingKey {
    case clip, width, height, frames, rate, stages, run, objects, slots
    case decodeRate = "decode_fps"
    case runRate = "run_fps"
    case realTimeSize = "real_time_size"
    case realTimeObjects = "real_time_objects"
  }
}
