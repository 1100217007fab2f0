import Foundation
import Kernels
import NEM
import Neural
import Testing

/// E-step, loss and back-propagation of the full-frame model.
@Suite struct UnrollTests {
  private let shape = MixtureShape(batch: 2, slots: 3, pixels: 6, channels: 1)

  @Test(arguments: [1, 3]) func eStepIsTheNaivePosterior(_ channels: Int) {
    let shape = MixtureShape(batch: 2, slots: 3, pixels: 5, channels: channels)
    var random = RandomSource(seed: 1)
    let frame = (0..<shape.frameCount).map { _ in random.uniform() < 0.5 ? Float(0) : random.uniform() }
    let psi = (0..<shape.psiCount).map { _ in random.uniform() < 0.2 ? Float(0) : random.uniform() }
    for model in [ObservationModel.bernoulli, .greyBernoulli, .gaussian(sigma: 0.25)] {
      var gamma = [Float](repeating: 0, count: shape.rows * shape.pixels)
      model.eStep(frame: frame, psi: psi, gamma: &gamma, shape)
      for sample in 0..<shape.batch {
        for pixel in 0..<shape.pixels {
          let p = (0..<shape.slots).map { slot -> Double in
            var product = 1.0
            for c in 0..<channels {
              let x = Double(frame[(sample * shape.pixels + pixel) * channels + c])
              let y = Double(psi[((sample * shape.slots + slot) * shape.pixels + pixel) * channels + c])
              switch model {
              case .bernoulli: product *= x * y + (1 - x) * (1 - y)
              case .greyBernoulli: product *= pow(max(y, 1e-6), x) * pow(1 - y, 1 - x)
              case .gaussian(let sigma): product *= normalDensity(x - y, sigma: Double(sigma))
              }
            }
            return product + 1e-6
          }
          for slot in 0..<shape.slots {
            let found = Double(gamma[(sample * shape.slots + slot) * shape.pixels + pixel])
            let expected = p[slot] / p.reduce(0, +)
            #expect(abs(found - expected) < 1e-4)
          }
        }
      }
    }
  }

  @Test(arguments: [ObservationModel.bernoulli, .gaussian(sigma: 0.25)])
  func lossSlopeMatchesCentralDifferences(_ model: ObservationModel) {
    var random = RandomSource(seed: 2)
    let frame = (0..<shape.frameCount).map { _ in random.uniform() }
    var psi = (0..<shape.psiCount).map { _ in random.uniform(0.05, 0.95) }
    let gamma = (0..<shape.rows * shape.pixels).map { _ in random.uniform() }
    var gradient = [Float](repeating: 0, count: shape.psiCount)
    func loss() -> Double {
      var unused = gradient
      return model.loss(
        frame: frame, psi: psi, gamma: gamma, gradient: &unused, priorWeight: 0.7, scale: 1, shape)
    }
    _ = model.loss(frame: frame, psi: psi, gamma: gamma, gradient: &gradient, priorWeight: 0.7, scale: 1, shape)
    for index in psi.indices {
      let kept = psi[index]
      psi[index] = kept + 1e-2
      let above = loss()
      psi[index] = kept - 1e-2
      let below = loss()
      psi[index] = kept
      let expected = (above - below) / 2e-2
      #expect(abs(expected - Double(gradient[index])) < 0.02 * max(1, abs(expected)), "ψ[\(index)]")
    }
  }

  /// The whole unroll against central differences of the loss, or of the free energy; γ is held where the gradient takes
  /// it for a constant.
  @Test(
    arguments: GammaGradient.allCases.flatMap { way in LossSteps.allCases.map { (way, $0) } },
    [(false, ObservationModel.bernoulli), (true, .bernoulli), (true, .greyBernoulli)])
  func backPropagationMatchesCentralDifferences(
    _ way: (GammaGradient, LossSteps), _ network: (seesOthers: Bool, observation: ObservationModel)
  ) throws {
    let ((gammaGradient, counted), (seesOthers, observation)) = (way, network)
    let description = ModelDescription(
      kind: .fullFrame,
      network: NetworkDescription(
        input: [2, 3, 1], encoder: [.linear(8, activation: .elu)], cell: .linear(5, activation: .sigmoid),
        decoder: [.linear(2, 3, 1, activation: .sigmoid, normalized: false)], seesOthers: seesOthers),
      observation: observation == .bernoulli ? "bernoulli" : "grey-bernoulli", slots: shape.slots, command: "")
    let network = try description.network.makeNetwork(seed: 3)
    let steps = 3
    var options = UnrollLoss()
    (options.priorWeight, options.gammaGradient, options.steps) = (0.7, gammaGradient, counted)
    let unroll = Unroll(
      network, description, loss: options, batch: shape.batch, slots: shape.slots, steps: steps, training: true)
    var random = RandomSource(seed: 4)
    let frames = (0..<(steps + 1) * shape.frameCount).map { _ -> Float in
      let value = random.uniform()
      return observation == .greyBernoulli ? value : value < 0.5 ? 0 : 1
    }
    var start = random
    unroll.start(&start, frame: frames)
    try run(unroll, frames)
    var gammas = (0...steps).map { t in (0..<shape.rows * shape.pixels).map { unroll.gamma(t)[$0] } }
    _ = try unroll.backward(frames: frames, corrupted: frames)
    let gradients = network.parameters.gradients.array

    func loss() throws -> Double {
      network.weightsDidChange()
      var total = 0.0
      for t in 0..<steps {
        let views = naiveViews(
          Array(frames[t * shape.frameCount..<(t + 1) * shape.frameCount]),
          (0..<shape.psiCount).map { t == 0 ? 0 : unroll.psi(t)[$0] }, gammas[t])
        let seen = seesOthers ? views.flatMap { $0 } : views.map { $0[0] }
        network.input(t).update(from: seen, count: seen.count)
        try network.forward(t)
        let next = Array(frames[(t + 1) * shape.frameCount..<(t + 2) * shape.frameCount])
        if gammaGradient != .held {
          observation.eStep(frame: next, psi: unroll.psi(t + 1), gamma: &gammas[t + 1], shape)
        }
        guard counted == .all || t == steps - 1 else { continue }
        var unused = [Float](repeating: 0, count: shape.psiCount)
        total += observation.loss(
          frame: next, psi: unroll.psi(t + 1),
          gamma: gammas[t + 1], gradient: &unused, priorWeight: 0.7, scale: 1, shape)
        if gammaGradient == .freeEnergy { total += gammas[t + 1].reduce(0) { $0 + Double($1 * log($1)) } }
      }
      return total / Double(shape.batch * (counted == .all ? steps : 1))
    }
    for entry in network.parameters.entries {
      for index in entry.offset..<entry.offset + entry.count {
        let values = network.parameters.values.pointer
        let kept = values[index]
        values[index] = kept + 2e-3
        let above = try loss()
        values[index] = kept - 2e-3
        let below = try loss()
        values[index] = kept
        let expected = (above - below) / 4e-3
        #expect(abs(expected - Double(gradients[index])) < 0.02 * max(1, abs(expected)), "\(entry.name)")
      }
    }
  }

  /// γ_k (x − ψ_k), γ_k x and x − max_{j≠k} ψ_j of each slot's pixels.
  private func naiveViews(_ frame: [Float], _ psi: [Float], _ gamma: [Float]) -> [[Float]] {
    (0..<shape.rows * shape.pixels).map { place in
      let (row, pixel) = (place / shape.pixels, place % shape.pixels)
      let sample = row / shape.slots
      let x = frame[sample * shape.pixels + pixel]
      let others = (0..<shape.slots).map { sample * shape.slots + $0 }.filter { $0 != row }
      let largest = others.map { psi[$0 * shape.pixels + pixel] }.max()
      return [gamma[place] * (x - psi[place]), gamma[place] * x, x - (largest ?? 0)]
    }
  }

  private func normalDensity(_ x: Double, sigma: Double) -> Double {
    exp(-x * x / (2 * sigma * sigma)) / (sigma * (2 * Double.pi).squareRoot())
  }

  private func run(_ unroll: Unroll, _ frames: [Float]) throws {
    for t in 0..<unroll.steps {
      let count = unroll.shape.frameCount
      try unroll.forward(
        t, corrupted: Array(frames[t * count..<(t + 1) * count]), next: Array(frames[(t + 1) * count..<(t + 2) * count])
      )
    }
  }
}
