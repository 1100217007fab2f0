import Foundation
import NEM
import Neural
import Scenes
import Testing

/// Two looks at each frame are one look at each frame of a clip that shows every frame twice.
@Suite struct LooksTests {
  /// Clips of another source with each frame `times` times.
  private struct Repeated: SequenceSource {
    let source: FlyingShapes
    let times: Int

    var format: SequenceFormat {
      SequenceFormat(
        frames: source.format.frames * times, height: source.format.height, width: source.format.width)
    }

    func sequence(_ index: Int) -> LabelledSequence {
      let clip = source.sequence(index)
      let pixels = format.height * format.width
      func repeated<Value>(_ values: [Value]) -> [Value] {
        (0..<format.frames).flatMap { frame in
          let first = frame / times * pixels
          return Array(values[first..<first + pixels])
        }
      }
      return LabelledSequence(format: format, features: repeated(clip.features), groups: repeated(clip.groups))
    }
  }

  private func model(looks: Int?) throws -> Model {
    let network = NetworkDescription(
      input: [28, 28, 1], encoder: [.linear(16, activation: .elu)], cell: .linear(12, activation: .tanh),
      decoder: [.linear(28, 28, 1, activation: .sigmoid, normalized: false)], seesOthers: true, start: .seeds,
      looks: looks)
    return try Model(
      ModelDescription(kind: .fullFrame, network: network, observation: "bernoulli", slots: 2, command: ""), seed: 3)
  }

  private func clips(frames: Int, times: Int = 1) -> Repeated {
    Repeated(source: FlyingShapes(objects: 2...2, frames: frames, seed: 5), times: times)
  }

  @Test func aTraceShowsTheFirstPredictionAndTheLastAssignment() throws {
    let twice = try SequenceTrace(try model(looks: 2), clips(frames: 4).sequence(0), slots: 2, observed: 4, seed: 1)
    let doubled = try SequenceTrace(
      try model(looks: nil), clips(frames: 4, times: 2).sequence(0), slots: 2, observed: 8, seed: 1)
    // Step i of a trace is frame i + 1.
    for t in 1..<4 {
      #expect(twice.steps[t - 1].psi == doubled.steps[2 * t - 1].psi)
      #expect(twice.steps[t - 1].gamma == doubled.steps[2 * t].gamma)
    }
  }

  /// Also of a number of steps that ends with the first look at a frame.
  @Test(arguments: [5, 6]) func trainingAndValidationSeeEachFrameTwice(steps: Int) throws {
    var options = TrainingOptions()
    (options.slots, options.batch, options.steps, options.updates) = (2, 4, steps, 2)
    let (twice, once) = (try model(looks: 2), try model(looks: nil))
    let frames = options.frames(of: twice.description.network)
    #expect(frames == steps / 2 + 1)
    let (plain, doubled) = (clips(frames: frames), clips(frames: frames, times: 2))
    func validation(_ model: Model, _ source: Repeated) throws -> Double {
      try ValidationLoss(model, source, count: 4, options: options).compute()
    }
    #expect(try validation(twice, plain) == validation(once, doubled))
    let trainers = [try Trainer(twice, plain, options: options), try Trainer(once, doubled, options: options)]
    for _ in 0..<2 { #expect(try trainers[0].step() == trainers[1].step()) }
    #expect(twice.network.parameters.values.array == once.network.parameters.values.array)
  }

  /// What is scored is what was predicted before a frame was seen at all.
  @Test func scoresAreOfTheFirstPrediction() throws {
    let source = clips(frames: 4)
    let model = try model(looks: 2)
    let scores = try SequenceEvaluation(model, slots: 2, steps: 3).run(source, count: 1, seed: 1, dataset: "", name: "")
    let trace = try SequenceTrace(model, source.sequence(0), slots: 2, observed: 4, seed: 1)
    let losses = trace.steps.map { step in
      zip(step.frame, step.prediction).reduce(0.0) { sum, pixel in
        let likelihood: Float = pixel.0 > 0.5 ? pixel.1 : 1 - pixel.1
        return sum - log(Double(likelihood))
      }
    }
    #expect(abs(try #require(scores.bce) - losses.reduce(0, +) / 3) < 1e-3)
  }
}
