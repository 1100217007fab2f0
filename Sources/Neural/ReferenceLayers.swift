import Foundation

/// Plain loops that say what each layer computes; the fast layers are tested against them.
package enum ReferenceLayers {
  /// y [n, outputs] = weights [outputs, inputs] · x + bias.
  package static func linear(_ x: [Float], weights: [Float], bias: [Float], batch n: Int) -> [Float] {
    let inputs = x.count / n
    return (0..<n * bias.count).map { index in
      let (row, output) = index.quotientAndRemainder(dividingBy: bias.count)
      return (0..<inputs).reduce(bias[output]) { $0 + weights[output * inputs + $1] * x[row * inputs + $1] }
    }
  }

  /// Convolution of one picture [height, width, channels] with SAME padding, weights [outputs, channels, kernel, kernel].
  package static func convolution(
    _ x: [Float], shape: [Int], weights: [Float], bias: [Float], kernel: Int, stride: Int
  ) -> [Float] {
    let (height, width, channels) = (shape[0], shape[1], shape[2])
    func same(_ size: Int) -> (count: Int, before: Int) {
      let count = (size + stride - 1) / stride
      return (count, max((count - 1) * stride + kernel - size, 0) / 2)
    }
    let (rows, columns) = (same(height), same(width))
    var y: [Float] = []
    for row in 0..<rows.count {
      for column in 0..<columns.count {
        for output in 0..<bias.count {
          var sum = bias[output]
          for a in 0..<kernel {
            for b in 0..<kernel {
              let (i, j) = (row * stride + a - rows.before, column * stride + b - columns.before)
              guard i >= 0, i < height, j >= 0, j < width else { continue }
              for c in 0..<channels {
                sum += weights[((output * channels + c) * kernel + a) * kernel + b] * x[(i * width + j) * channels + c]
              }
            }
          }
          y.append(sum)
        }
      }
    }
    return y
  }

  /// Nearest-neighbour upsampling ×2 of one picture [height, width, channels].
  package static func upsample(_ x: [Float], shape: [Int]) -> [Float] {
    let (height, width, channels) = (shape[0], shape[1], shape[2])
    var y: [Float] = []
    for row in 0..<2 * height {
      for column in 0..<2 * width {
        let start = (row / 2 * width + column / 2) * channels
        y += x[start..<start + channels]
      }
    }
    return y
  }

  /// Layer normalisation of one sample over all its features, gain and shift per channel (Ba et al. 2016).
  package static func layerNorm(_ z: [Float], gain: [Float], shift: [Float]) -> [Float] {
    let mean = z.reduce(0, +) / Float(z.count)
    let variance = z.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(z.count)
    let scale = 1 / (variance + 1e-5).squareRoot()
    return z.indices.map { (z[$0] - mean) * scale * gain[$0 % gain.count] + shift[$0 % gain.count] }
  }

  /// A window [side, side, channels] placed in a picture of `shape` wherever the belief [places along x, then y] has it,
  /// its corner at place − pad.
  package static func place(_ window: [Float], belief: [Float], shape: [Int], side: Int, pad: Int) -> [Float] {
    var picture = [Float](repeating: 0, count: shape.reduce(1, *))
    forEachMeeting(belief, shape, side, pad) { picture[$1] += $2 * window[$0] }
    return picture
  }

  /// What a window of side² shows of a picture wherever the belief has it.
  package static func cut(_ picture: [Float], belief: [Float], shape: [Int], side: Int, pad: Int) -> [Float] {
    var window = [Float](repeating: 0, count: side * side * shape[2])
    forEachMeeting(belief, shape, side, pad) { window[$0] += $2 * picture[$1] }
    return window
  }

  /// Pairs the window's values with the picture's at each place, with the place's probability.
  private static func forEachMeeting(
    _ belief: [Float], _ shape: [Int], _ side: Int, _ pad: Int, _ body: (_ window: Int, _ picture: Int, Float) -> Void
  ) {
    let places = [shape[1], shape[0]].map { $0 - side + 1 + 2 * pad }
    for (place, row, column) in (0..<places[0] * places[1]).flatMap({ place in
      (0..<side * side).map { (place, $0 / side, $0 % side) }
    }) {
      let (i, j) = (place % places[0], place / places[0])
      let (x, y) = (i - pad + column, j - pad + row)
      guard (0..<shape[1]).contains(x), (0..<shape[0]).contains(y) else { continue }
      for channel in 0..<shape[2] {
        body(
          (row * side + column) * shape[2] + channel, (y * shape[1] + x) * shape[2] + channel,
          belief[i] * belief[places[0] + j])
      }
    }
  }

  /// log P(frame | max(others, window at a place)) − log P(frame | others) for each place, row by row, in pictures of `shape`
  /// = [height, width] with dark around them; ψ is kept `least` from 0 and 1.
  package static func placeEvidence(
    _ frame: [Float], others: [Float], window: [Float], shape: [Int], side: Int, pad: Int, least: Float
  ) -> [Float] {
    func logLikelihood(_ x: Float, _ psi: Float) -> Float {
      let p = min(max(psi, least), 1 - least)
      return x * log(p) + (1 - x) * log(1 - p)
    }
    let places = shape.map { $0 - side + 1 + 2 * pad }
    return (0..<places[0] * places[1]).map { place in
      (0..<side * side).reduce(Float(0)) { sum, cell in
        let (y, x) = (place / places[1] - pad + cell / side, place % places[1] - pad + cell % side)
        let inside = (0..<shape[0]).contains(y) && (0..<shape[1]).contains(x)
        let (value, other) = inside ? (frame[y * shape[1] + x], others[y * shape[1] + x]) : (0, 0)
        return sum + logLikelihood(value, max(other, window[cell])) - logLikelihood(value, other)
      }
    }
  }

  /// An activation, element by element.
  package static func activate(_ z: [Float], _ activation: Activation) -> [Float] {
    z.map {
      switch activation {
      case .identity: $0
      case .sigmoid: 1 / (1 + exp(-$0))
      case .tanh: Foundation.tanh($0)
      case .relu: max($0, 0)
      case .elu: $0 > 0 ? $0 : exp($0) - 1
      }
    }
  }
}
