import Kernels
import NEM
import Scenes

/// A hand-made frame: ellipses on an empty grid, later ones in front.
struct TrackerScene {
  var frame: GridFrame
  var truth: Image<Int32>

  init(width: Int = 96, height: Int = 54) {
    let cells = width * height
    frame = GridFrame(
      width: width, height: height, foreground: [Float](repeating: 0, count: cells),
      luma: [Float](repeating: 0.4, count: cells))
    truth = Image(width: width, height: height, fill: 0)
  }

  mutating func ellipse(id: Int32, x: Float, y: Float, radiusX: Float, radiusY: Float, luma: Float) {
    for row in 0..<frame.height {
      for column in 0..<frame.width {
        let (u, v) = ((Float(column) - x) / radiusX, (Float(row) - y) / radiusY)
        let coverage = min(max((1 - (u * u + v * v).squareRoot()) * min(radiusX, radiusY) + 0.5, 0), 1)
        guard coverage > 0 else { continue }
        let i = row * frame.width + column
        frame.foreground[i] = max(frame.foreground[i], coverage)
        frame.luma[i] += coverage * (luma - frame.luma[i])
        if coverage >= 0.5 { truth.pixels[i] = id }
      }
    }
  }

  func with(_ id: Int32, at x: Float, _ y: Float, luma: Float) -> TrackerScene {
    var copy = self
    copy.ellipse(id: id, x: x, y: y, radiusX: 5, radiusY: 9, luma: luma)
    return copy
  }
}

extension GridFrame {
  init(_ frame: SilhouetteFrame) {
    self.init(
      width: frame.width, height: frame.height, foreground: frame.foreground, luma: frame.luma, cb: frame.cb,
      cr: frame.cr)
  }
}

extension GridSegmentation {
  /// The id that owns most cells of a truth id's cells, 0 if none does.
  func id(over object: Int32, in truth: Image<Int32>) -> Int32 {
    var votes: [Int32: Int] = [:]
    for i in truth.pixels.indices where truth.pixels[i] == object { votes[labels.pixels[i], default: 0] += 1 }
    return votes.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? 0
  }
}

extension ObjectTracker {
  convenience init(
    _ configuration: TrackerConfiguration = TrackerConfiguration(), width: Int = 96, height: Int = 54,
    predictor: (any ShapePredictor)? = nil
  ) {
    self.init(configuration: configuration, width: width, height: height, predictor: predictor, seed: 1)
  }

  /// Feeds hand-made frames; returns the answer to each.
  func follow(_ scenes: [TrackerScene]) -> [GridSegmentation] { scenes.map { step($0.frame) } }
}
