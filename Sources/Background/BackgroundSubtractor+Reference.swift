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
    private var age = 0
    private var rawEvidence: Image<UInt8>
    private var shadows: ShadowModel.Reference?
    private var motion: GlobalMotion
    private var change: SceneChange
    private var lightField: LightField?
    /// Averaged evidence of the last frame.
    package private(set) var evidence: Image<UInt8>

    /// A model of `width` × `height` pixels that has seen nothing.
    package init(width: Int, height: Int, configuration: BackgroundConfiguration) {
      self.configuration = configuration
      pixels = Array(
        repeating: Array(repeating: Component(), count: configuration.components), count: width * height)
      evidence = Image(width: width, height: height, fill: 0)
      rawEvidence = evidence
      if configuration.removeShadows {
        shadows = ShadowModel.Reference(width: width, height: height, brightness: configuration.brightness)
      }
      motion = GlobalMotion(width: width, height: height, level: 0)
      change = SceneChange(width: width, height: height)
      if configuration.compensateLight {
        lightField = LightField(width: width, height: height, configuration: configuration)
      }
    }

    /// Takes one frame and returns its mask.
    package mutating func apply(luma: Image<UInt8>) -> Image<UInt8> {
      let isGiven = configuration.compensateExposure && framesSeen > 0
      let gain = isGiven ? exposureGain(luma) : 1
      let shift = shift(luma, gain: gain)
      let aligned = shift.aligned(luma)
      learn(aligned, gain: gain)
      let mean = pixels.map { $0[0].mean }
      var mask = clean()
      if framesSeen > 0, var field = lightField,
        field.find(mask.pixels, luma: aligned.pixels, stride: luma.width, gain: gain, mean: mean)
      {
        field.compare(
          &rawEvidence.pixels, luma: aligned.pixels, stride: luma.width, gain: gain, mean: mean,
          variance: pixels.map { $0[0].variance })
        mask = clean()
      }
      shadows?.remove(from: &mask, luma: aligned, gain: gain, mean: mean)
      if let pictures = change.observe(mask.pixels, aligned.pixels, luma.width) { beginAnew(pictures) }
      if change.isInDoubt {
        for i in mask.pixels.indices { (mask.pixels[i], evidence.pixels[i]) = (0, 0) }
      }
      framesSeen += 1
      age += 1
      evidence = shift.restored(evidence)
      let moved = shift.restored(mask).pixels.map { $0 >= 128 ? UInt8.max : 0 }
      return Image(width: luma.width, height: luma.height, pixels: moved)
    }

    /// Averages the evidence and cuts it into a mask.
    private mutating func clean() -> Image<UInt8> {
      evidence = Reference.smooth(rawEvidence)
      return Reference.majority(evidence, radius: configuration.cleaningRadius)
    }

    private mutating func beginAnew(_ pictures: [UInt8]) {
      let width = evidence.width
      let light = light { UInt16(pictures[$1 * width + $0]) << 8 }
      let variance = configuration.startVariance(light: light)
      let count = pictures.count / pixels.count
      for i in pixels.indices {
        let values = (0..<count).map { pictures[$0 * pixels.count + i] }
        let mode = Reference.mode(values, reach: Int(BackgroundSubtractor.modeReach))
        pixels[i] = Array(repeating: Component(), count: configuration.components)
        pixels[i][0] = Component(weight: .max, mean: UInt16(mode) << 8, variance: variance)
      }
      motion.forgetBackground()
      age = count
    }

    /// The value around which the others lie densest: each counts as far as it is nearer than `reach`.
    package static func mode(_ values: [UInt8], reach: Int) -> UInt8 {
      func weights(around centre: UInt8) -> [Int] { values.map { max(reach - abs(Int($0) - Int(centre)), 0) } }
      let supports = values.map { weights(around: $0).reduce(0, +) }
      let most = supports.max()!
      let weighted = zip(values, weights(around: values[supports.firstIndex(of: most)!])).map { Int($0) * $1 }
      return UInt8((weighted.reduce(0, +) + most / 2) / most)
    }

    private mutating func learn(_ luma: Image<UInt8>, gain: Float) {
      let light = light { framesSeen == 0 ? UInt16(luma[$0, $1]) << 8 : pixels[$1 * luma.width + $0][0].mean }
      let noise = RestlessGround.noise(width: luma.width, height: luma.height) {
        pixels[$1 * luma.width + $0][0].variance
      }
      let step = nem_gmm_step(configuration, frame: age, gain: gain, light: light, noise: noise)
      let turns = LearningTurns(step)
      for i in pixels.indices {
        if framesSeen == 0 {
          let mean = UInt16(luma.pixels[i]) << 8
          pixels[i][0] = Component(weight: .max, mean: mean, variance: configuration.startVariance(light: light))
        } else {
          let x = min(Float(luma.pixels[i]) * gain, 255)
          rawEvidence.pixels[i] = Reference.evidence(x, pixels[i], step)
          if turns.rows.learns(row: i / luma.width, frame: framesSeen) { Reference.update(&pixels[i], x, turns.step) }
        }
      }
    }

    private mutating func shift(_ luma: Image<UInt8>, gain: Float) -> GlobalMotion.Shift {
      guard configuration.compensateMotion, framesSeen > 0 else { return .zero }
      let mean = pixels.map { $0[0].mean }
      return motion.estimate(frame: framesSeen, luma: luma.pixels, stride: luma.width, gain: gain, mean: mean)
    }

    private func light(_ mean: (_ x: Int, _ y: Int) -> UInt16) -> Float {
      SceneLight.varianceFactor(
        width: evidence.width, height: evidence.height, brightness: configuration.brightness, mean: mean)
    }

    private func exposureGain(_ luma: Image<UInt8>) -> Float {
      ExposureGain.estimate(
        width: luma.width, height: luma.height, luma: { luma[$0, $1] }, mean: { pixels[$1 * luma.width + $0][0].mean })
    }

    private static func update(_ stored: inout [Component], _ x: Float, _ step: nem_gmm_step) {
      var w = stored.map { Float($0.weight) / 65536 }
      var m = stored.map { Float($0.mean) / 256 }
      var v = stored.map { Float($0.variance) / 64 }
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
    }

    private static func evidence(_ x: Float, _ stored: [Component], _ step: nem_gmm_step) -> UInt8 {
      var nearest = (square: Float(0), variance: Float(1))
      var heavier: Float = 0
      let excess = max(Float(stored[0].variance) / 64 - step.calm_variance, 0)
      let ratio = min(step.background_ratio + excess * step.restless_slope, step.restless_ratio)
      for (k, component) in stored.enumerated() {
        let (mean, variance) = (Float(component.mean) / 256, Float(component.variance) / 64)
        let square = (x - mean) * (x - mean)
        let nearer = heavier < ratio && square * nearest.variance < nearest.square * variance
        if k == 0 || nearer { nearest = (square, variance) }
        heavier += Float(component.weight) / 65536
      }
      let score = nearest.square / nearest.variance * step.evidence_scale
      return UInt8(min(score, 255))
    }

    private static func smooth(_ evidence: Image<UInt8>) -> Image<UInt8> {
      var result = evidence
      for y in 0..<evidence.height {
        for x in 0..<evidence.width {
          result[x, y] = UInt8(neighbours(evidence, x, y, radius: 1).reduce(0) { $0 + Int($1) } / 9)
        }
      }
      return result
    }

    private static func majority(_ values: Image<UInt8>, radius: Int) -> Image<UInt8> {
      var mask = values
      for y in 0..<values.height {
        for x in 0..<values.width {
          let square = neighbours(values, x, y, radius: radius)
          let count = square.count { $0 >= BackgroundSubtractor.evidenceThreshold }
          mask[x, y] = 2 * count > square.count ? 255 : 0
        }
      }
      return mask
    }

    /// The square around a pixel; outside the picture its border is repeated.
    private static func neighbours(_ image: Image<UInt8>, _ x: Int, _ y: Int, radius: Int) -> [UInt8] {
      (-radius...radius).flatMap { dy in
        (-radius...radius).map { dx in
          image[min(max(x + dx, 0), image.width - 1), min(max(y + dy, 0), image.height - 1)]
        }
      }
    }
  }
}
