import CKernels
import Kernels

extension BackgroundSubtractor {
  /// The plain twin of `BackgroundSubtractor`: one pixel after the other, the same results bit for bit.
  package struct Reference {
    private struct Component {
      var weight: UInt16 = 0
      var mean: UInt16 = 0
      var variance: UInt16 = 0
    }

    private let configuration: BackgroundConfiguration
    private var pixels: [[Component]]
    private var framesSeen = 0
    /// Evidence of the last frame.
    package private(set) var evidence: Image<UInt8>

    /// A model of `width` × `height` pixels that has seen nothing.
    package init(width: Int, height: Int, configuration: BackgroundConfiguration) {
      self.configuration = configuration
      pixels = Array(
        repeating: Array(repeating: Component(), count: configuration.components), count: width * height)
      evidence = Image(width: width, height: height, fill: 0)
    }

    /// Takes one frame and returns its mask.
    package mutating func apply(luma: Image<UInt8>) -> Image<UInt8> {
      let step = nem_gmm_step(configuration, frame: framesSeen)
      for i in pixels.indices {
        if framesSeen == 0 {
          let variance = UInt16(configuration.initialVariance * 64)
          pixels[i][0] = Component(weight: .max, mean: UInt16(luma.pixels[i]) << 8, variance: variance)
        } else {
          evidence.pixels[i] = Reference.update(&pixels[i], Float(luma.pixels[i]), step)
        }
      }
      framesSeen += 1
      return Reference.majority(evidence, radius: configuration.cleaningRadius)
    }

    private static func update(_ stored: inout [Component], _ x: Float, _ step: nem_gmm_step) -> UInt8 {
      var w = stored.map { Float($0.weight) / 65536 }
      var m = stored.map { Float($0.mean) / 256 }
      var v = stored.map { Float($0.variance) / 64 }
      let score = evidence(x, w, m, v, step)
      let owner = w.indices.first { (x - m[$0]) * (x - m[$0]) < step.match * v[$0] }
      for k in w.indices {
        w[k] = max(w[k] * (1 - step.rate) - step.prune, 0)
      }
      if let k = owner {
        w[k] += step.rate
        let gain = min(step.rate / w[k], 1)
        let d = x - m[k]
        m[k] += gain * d
        v[k] = min(max(v[k] + gain * (d * d - v[k]), step.minimum_variance), step.maximum_variance)
      } else {
        let last = w.count - 1
        (w[last], m[last], v[last]) = (step.rate, x, step.initial_variance)
      }
      for k in w.indices.dropFirst().reversed() where w[k] > w[k - 1] {
        w.swapAt(k, k - 1)
        m.swapAt(k, k - 1)
        v.swapAt(k, k - 1)
      }
      let normalise = 65535 / w.reduce(0, +)
      for k in w.indices {
        stored[k].weight = UInt16(w[k] * normalise + step.dither)
        stored[k].mean = UInt16(m[k] * 256 + step.dither)
        stored[k].variance = UInt16(v[k] * 64 + step.dither)
      }
      return score
    }

    private static func evidence(
      _ x: Float, _ w: [Float], _ m: [Float], _ v: [Float], _ step: nem_gmm_step
    ) -> UInt8 {
      var nearest = ((x - m[0]) * (x - m[0]), v[0])
      var heavier = w[0]
      for k in w.indices.dropFirst() {
        let square = (x - m[k]) * (x - m[k])
        if heavier < step.background_ratio && square * nearest.1 < nearest.0 * v[k] { nearest = (square, v[k]) }
        heavier += w[k]
      }
      return UInt8(min(nearest.0 / nearest.1 * step.evidence_scale, 255))
    }

    private static func majority(_ evidence: Image<UInt8>, radius: Int) -> Image<UInt8> {
      var mask = Image<UInt8>(width: evidence.width, height: evidence.height, fill: 0)
      for y in 0..<mask.height {
        for x in 0..<mask.width {
          var count = 0
          for dy in -radius...radius {
            for dx in -radius...radius {
              let (column, row) = (min(max(x + dx, 0), mask.width - 1), min(max(y + dy, 0), mask.height - 1))
              if evidence[column, row] >= BackgroundSubtractor.evidenceThreshold { count += 1 }
            }
          }
          mask[x, y] = 2 * count > (2 * radius + 1) * (2 * radius + 1) ? 255 : 0
        }
      }
      return mask
    }
  }
}
